import argparse

from notes.app import mcp


def main() -> None:
    parser = argparse.ArgumentParser(prog="notes")
    parser.add_argument(
        "--transport",
        choices=["stdio", "sse"],
        default="sse",
        help="stdio for desktop clients, sse for everyone else (default: sse)",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100)
    args = parser.parse_args()

    if args.transport == "sse":
        mcp.run(transport="sse", host=args.host, port=args.port)
    else:
        mcp.run()


if __name__ == "__main__":
    main()

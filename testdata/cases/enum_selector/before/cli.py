import typer

from serve import serve
from transports import Transport


def main(
    transport: Transport = typer.Option(Transport.STDIO, help="How clients talk to it"),
    port: int = typer.Option(8765, help="Port for the sse transport"),
) -> None:
    serve(transport, port)


if __name__ == "__main__":
    typer.run(main)

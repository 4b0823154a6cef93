"""Draw the README's picture: a dry run on the demo project, as SVG. Usage: python scripts/picture.py"""

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Write docs/dry-run.svg. Raises CalledProcessError when the dry run fails."""
    run = subprocess.run(
        [sys.executable, "-m", "migrator", "--dry-run", "--allow-dirty", "examples/weather"],
        cwd=ROOT,
        env={"PATH": "", "FORCE_COLOR": "1", "COLUMNS": "110", "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"},
        capture_output=True,
        text=True,
        check=True,
    )
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ mcp-migrate --dry-run examples/weather\n"), Text.from_ansi(run.stdout))
    svg = console.export_svg(title="mcp-migrate", unique_id="dry-run")
    # the typeface is the reader's own: nothing is loaded from the network
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
    (ROOT / "docs" / "dry-run.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()

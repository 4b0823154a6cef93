"""`python -m migrator` is `mcp-migrate`."""

import sys

from migrator.main import program

sys.exit(program())

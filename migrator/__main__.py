"""`python -m migrator` is `mcp-migrate`."""

import sys

from migrator.main import main

sys.exit(main())

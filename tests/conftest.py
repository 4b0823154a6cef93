"""For all tests."""

import gc
import os
import sys

# Without bytecode every process of ours that a test starts compiles itself first, and every worker all tests: where
# the environment forbids it, the suite takes half as long again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The command itself looks for no garbage (migrator/main.py). Tests call what is below it, thousands of times, in one
# process: look seldom, so that syntax trees don't cost twice.
gc.set_threshold(200_000, 50, 100)

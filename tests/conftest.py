"""For all tests."""

import gc

# The command itself looks for no garbage (migrator/main.py). Tests call what is below it, thousands of times, in one
# process: look seldom, so that syntax trees don't cost twice.
gc.set_threshold(200_000, 50, 100)

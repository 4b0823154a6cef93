"""Who gets in: code that sees requests, and what it makes of the old paths and the new one."""

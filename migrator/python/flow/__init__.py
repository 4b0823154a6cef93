"""Data flow: what an expression can be, through names, imports, attributes, calls and parameters."""

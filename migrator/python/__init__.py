"""Python servers: found and followed with `ast`, rewritten with LibCST.

servers.py is the way in: it asks every room below for drafts of move units (unit.py). What all of them share about a
project is in project.py; module.py and code.py hold its parsed files, sdk.py says which values are MCP servers.

- flow/: what an expression can be, through names, imports, attributes, calls and parameters
- starting/: `mcp.run(...)` and its relatives
- applications/: ASGI applications, what holds them, and the lifespans that must run them
- lowlevel/: servers wired by hand with SseServerTransport
- words/: the word that says which transport a start serves, wherever it comes from
- access/: who gets in, on the old paths and on the new one
- rewrite/: the operations that all of them ask for, and the transformer that carries them out
"""

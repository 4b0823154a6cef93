import nox


@nox.session
def smoke(session):
    session.install(".")
    session.run("calc-mcp", "--transport", "sse", external=True)
    session.run("python", "server.py", "--transport=sse")
    session.run("other-mcp", "--transport", "sse")


@nox.session
def client(session):
    session.env["CALC_URL"] = "http://localhost:8080/sse"
    session.run("pytest", env={"CALC_URL": "http://localhost:8080/sse"})

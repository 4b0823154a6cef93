import server, subprocess


def test_it():
    subprocess.run(["python", "server.py", "--transport", "sse"])

from acme_common import ServerSettings


def test_stdio(monkeypatch):
    monkeypatch.setenv("ACME_TRANSPORT", "stdio")
    assert ServerSettings().transport == "stdio"

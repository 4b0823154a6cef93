from unittest.mock import patch


def test_main():
    with patch("patched.sse_client") as client:
        assert client

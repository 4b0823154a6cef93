"""Random bytes in any kind of file: a run ends with an answer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator import main
from tests.unit.test_bad_input import SERVER, said


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
)
@pytest.mark.parametrize(
    "name", ["s.py", "mcp.json", "compose.yaml", "Dockerfile", "README.md", "pyproject.toml", ".env"]
)
def test_random_bytes_never_raise(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    root = tmp_path_factory.mktemp("random")
    (root / name).write_bytes(b"mcp sse \n" + content if name != "s.py" else SERVER + content)
    assert main.main(["check", str(root)]) in {0, 1}
    said(capsys)

"""Values that documents quote from source files."""

import pytest

from drydock.documents import constants
from drydock.errors import Misuse

PYTHON = (
    "FLOOR = (0, 13)\nCHUNK: int = 1 << 20  # bytes\nLIMIT = 5_000\nWORD = 'x'\nOTHER = LIMIT\nif LIMIT == 3: ...\n"
)


@pytest.mark.parametrize(
    ("source", "path", "words", "shown"),
    [
        pytest.param(PYTHON, "a.py", ("FLOOR",), "0.13", id="a version"),
        pytest.param(PYTHON, "a.py", ("CHUNK", "MiB"), "1 MiB", id="a shifted one, typed and explained"),
        pytest.param(PYTHON, "a.py", ("CHUNK", "KiB"), "1024 KiB", id="in another unit"),
        pytest.param(PYTHON, "a.py", ("LIMIT", "bytes"), "5.0 kB", id="bytes"),
        pytest.param(PYTHON, "a.py", ("LIMIT", "s"), "5000 s", id="seconds"),
        pytest.param(PYTHON, "a.py", ("WORD",), "x", id="a word"),
        pytest.param("export const RETRY_MS = 5_000;\n", "a.ts", ("RETRY_MS",), "5000", id="TypeScript"),
        pytest.param('[a]\nb = ">=3.11"\n', "a.toml", ("a.b",), "3.11", id="TOML, a least version"),
        pytest.param('{"a": {"b": 3}}', "a.json", ("a.b",), "3", id="JSON"),
    ],
)
def test_a_value_is_shown_as_people_read_it(source: str, path: str, words: tuple[str, ...], shown: str) -> None:
    assert constants.shown(source, path, *words) == shown


@pytest.mark.parametrize(
    ("source", "path", "words", "said"),
    [
        pytest.param(PYTHON, "a.py", ("NONE",), "a.py gives no value to NONE", id="no such name"),
        pytest.param(PYTHON, "a.py", ("LIM",), "a.py gives no value to LIM", id="the beginning of a name"),
        pytest.param(PYTHON, "a.py", ("OTHER",), "OTHER in a.py is no constant: LIMIT", id="no constant"),
        pytest.param(PYTHON, "a.py", ("WORD", "bytes"), "cannot be shown in bytes", id="no number"),
        pytest.param(PYTHON, "a.py", ("LIMIT", "miles"), "cannot be shown in miles", id="no unit"),
        pytest.param('{"a": {}}', "a.json", ("a",), "a in a.json is no single value", id="a table"),
        pytest.param('{"a": {}}', "a.json", ("a.b",), "gives no value to a.b", id="nothing in a table"),
        pytest.param('{"a"', "a.json", ("a",), "a.json cannot be read", id="broken JSON"),
        pytest.param("a", "a.toml", ("a",), "a.toml cannot be read", id="broken TOML"),
    ],
)
def test_a_value_that_cannot_be_quoted_says_why(source: str, path: str, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(Misuse) as caught:
        constants.shown(source, path, *words)
    assert said in caught.value.message
    assert caught.value.remedy

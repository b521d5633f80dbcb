"""What a kill may have left in a repository by half: it is found, and what is whole is not."""

import json
from pathlib import Path

import pytest

from bench.killing import subjects


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".drydock").mkdir()
    (tmp_path / ".drydock/key").write_bytes(bytes(subjects.KEY))
    (tmp_path / ".drydock/hashes.json").write_text('{"a": 1}')
    return tmp_path


def test_what_is_kept_whole_has_no_flaw(root: Path) -> None:
    assert subjects.flaws(root) == []


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param(".drydock/hashes.json", b'{"a": ', id="cut off"),
        pytest.param(".drydock/compose.json", b"", id="empty"),
        pytest.param(".drydock/running.json", b'{"a": "\xff"}', id="no text"),
        pytest.param(".drydock/key", bytes(subjects.KEY - 1), id="a short key"),
    ],
)
def test_what_is_kept_by_half_is_a_flaw(root: Path, path: str, data: bytes) -> None:
    (root / path).write_bytes(data)
    assert subjects.flaws(root) == [path]


def test_a_capture_may_be_another_one_each_time_but_not_half_of_one() -> None:
    whole = json.dumps({"kind": "proof"}).encode()
    before = {"Dockerfile": b"FROM scratch\n", f"{subjects.CAPTURES}a.json": whole}
    after = {**before, f"{subjects.CAPTURES}a.json": whole.replace(b"proof", b"other")}
    assert subjects.torn(before, after, {}) == []
    after = {path: data[:-3] for path, data in before.items()}
    assert subjects.torn(before, after, {}) == [*before]

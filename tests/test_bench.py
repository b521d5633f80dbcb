"""Edits of scratch copies: what runs again, and nothing that would make the figures false."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def module(name: str) -> ModuleType:
    path = Path(__file__).parent.parent / "bench" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


edits = module("edits")


def test_every_stage_gets_an_argument_that_no_build_had_before() -> None:
    text = edits.cold("# FROM nothing\nFROM a AS one\nRUN x\nfrom one\nRUN y\n", 7)
    assert text == "# FROM nothing\nFROM a AS one\nARG COLD=7\nRUN x\nfrom one\nARG COLD=7\nRUN y\n"


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        pytest.param("type=cache,target=/root/.npm", "type=cache,target=/root/.npm,id=cold-7-/root/.npm", id="plain"),
        pytest.param("target=/a,type=cache", "target=/a,type=cache,id=cold-7-/a", id="in another order"),
        pytest.param("type=cache,id=pip,target=/a", "type=cache,target=/a,id=cold-7-/a", id="with an id of its own"),
        pytest.param("type=secret,id=ca", "type=secret,id=ca", id="a secret stays what it is"),
        pytest.param("type=bind,source=a,target=b", "type=bind,source=a,target=b", id="a bind stays what it is"),
    ],
)
def test_every_cache_mount_is_a_new_one(mount: str, expected: str) -> None:
    assert edits.cold(f"RUN --mount={mount} x\n", 7) == f"RUN --mount={expected} x\n"


def test_the_same_number_gives_the_same_file_so_that_nothing_changed_can_be_measured() -> None:
    text = "FROM a\nRUN --mount=type=cache,target=/x y\n"
    assert edits.cold(text, 1) == edits.cold(text, 1) != edits.cold(text, 2)


@pytest.mark.parametrize("name", ["src/routes/+page.svelte", "app/__init__.py", "app.py"])
def test_a_source_edit_changes_one_file_of_the_context(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("before\n", encoding="utf-8")
    assert edits.source(tmp_path, 3) == tmp_path / name
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert "3" in text


def test_a_context_without_a_known_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds none of"):
        edits.source(tmp_path, 1)

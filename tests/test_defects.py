"""The tables of defects and traps, held to themselves: what they say of a repository is so."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

from drydock import dockerfile
from tests.defects import loader
from tests.defects.sources import DEFECTS as UNREADABLE
from tests.defects.tables import CODES, DEFECTS, SINGLE, TRAPS
from tests.defects.values import Defect, Expected, Files, Recode, Swap, Trap, Whole, decoded

CASES: tuple[Defect | Trap, ...] = (*DEFECTS, *TRAPS)
BROKEN = {one.id: {e.path for e in one.expected if e.code == "unreadable-source"} for one in UNREADABLE}


def is_dockerfile(path: str) -> bool:
    return "dockerfile" in path.lower() and not path.endswith(".dockerignore")


def check(files: Files, broken: set[str]) -> None:
    """Every Dockerfile and every YAML file is one, but for those that are meant to be broken."""
    for path, content in files.items():
        if path in broken:
            continue
        if is_dockerfile(path):
            dockerfile.parse(decoded(content), path)
        if path.endswith((".yml", ".yaml")):
            assert yaml.compose(decoded(content)) is not None, path


@pytest.mark.parametrize("name", loader.names())
def test_a_clean_repository_can_be_read_and_has_all_four_kinds_of_files(name: str) -> None:
    files = dict(loader.clean(name))
    check(files, set())
    for ending in ("Dockerfile", ".dockerignore", "compose.yml", ".github/workflows/ci.yml"):
        assert [path for path in files if path.endswith(ending)], ending


def test_there_are_enough_of_everything() -> None:
    assert len(loader.names()) >= 10
    assert len(SINGLE) >= 150
    assert len(DEFECTS) - len(SINGLE) >= 30
    assert len(TRAPS) >= 60


def test_no_name_is_given_twice() -> None:
    assert [name for name, times in Counter(case.id for case in CASES).items() if times > 1] == []


def test_every_repository_has_defects() -> None:
    assert {case.repository for case in SINGLE} == set(loader.names())


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_expected_at_least_twice_alone(code: str) -> None:
    assert sum(expected.code == code for one in SINGLE for expected in one.expected) >= 2


def test_only_known_codes_are_expected_or_declined() -> None:
    named = {expected.code for one in DEFECTS for expected in one.expected}
    named |= {code for one in DEFECTS for code in one.also}
    named |= {declined.code for one in TRAPS for declined in one.declined}
    assert named - CODES == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_is_changed_can_be_read_and_is_not_what_it_was(case: Defect | Trap) -> None:
    files = loader.files(case)
    check(files, BROKEN.get(case.id, set()))
    assert case.changes or isinstance(case, Trap)
    assert not case.changes or files != loader.clean(case.repository)


@pytest.mark.parametrize("one", DEFECTS, ids=lambda one: one.id)
def test_what_is_expected_names_lines_that_are_there(one: Defect) -> None:
    files = loader.files(one)
    assert one.expected
    assert not {expected.code for expected in one.expected} & set(one.also)
    for expected in one.expected:
        lines = expected.lines(files)
        assert all(1 <= line <= files[expected.path].count(b"\n") + 1 for line in lines)


@pytest.mark.parametrize("one", TRAPS, ids=lambda one: one.id)
def test_what_must_survive_is_there_to_begin_with(one: Trap) -> None:
    files = loader.files(one)
    assert one.kept or one.declined
    assert one.reason
    assert one.level in ("safe", "unsafe")
    for kept in one.kept:
        assert kept.text in decoded(files[kept.path])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param(Swap("a", "x", "y"), "holds 2 times", id="twice"),
        pytest.param(Swap("a", "z", "y"), "holds 0 times", id="never"),
        pytest.param(Whole("b", None), "there is no b", id="nothing to take away"),
        pytest.param(Recode("a"), "is written so already", id="no other newlines"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(change: Swap | Whole | Recode, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        change.apply({"a": b"x\nx\n"})


def test_words_are_found_on_their_line_in_any_encoding() -> None:
    for content in ("one\r\ntwo\r\n".encode("utf-8-sig"), "one\r\ntwo\r\n".encode("utf-16")):
        assert Expected("root-user", "a", ("one", "two")).lines({"a": content}) == (1, 2)


def test_a_repository_is_written_as_a_git_repository_without_what_git_ignores(tmp_path: Path) -> None:
    (case,) = (one for one in SINGLE if one.id == "flask/environment-file-in-the-context")
    loader.write(loader.files(case), tmp_path)
    listed = subprocess.run(["git", "ls-files"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert ".env" not in listed.split()
    assert (tmp_path / ".env").is_file()
    status = subprocess.run(["git", "status", "--short"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert status.stdout == ""


def test_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    (case,) = (one for one in SINGLE if one.id == "flask/windows-newlines")
    loader.write(loader.files(case), tmp_path)
    assert b"\r\n" in (tmp_path / "Dockerfile").read_bytes()
    assert subprocess.run(["git", "diff", "--quiet"], cwd=tmp_path, check=False).returncode == 0

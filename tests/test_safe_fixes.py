"""What counts as a difference after safe fixes, what is said of it, and that installs without a mount get one."""

from typing import Any

import pytest

from bench.safe import cases, comparing, mountshare
from drydock.audit import fixing, tree
from drydock.audit.repository import Repository
from drydock.measures import safe_fix_tables
from drydock.rules import RULES
from tests.defects.values import Defect

MOUNT, IGNORED, ENV = "install-without-cache-mount", "ignore-incomplete", "python-env-missing"
HIDDEN = {("tests/a.py", "aa"), ("tests", "")}
FILE, OTHER = "f 644 0:0 aa", "f 644 0:0 bb"


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ({"srv/app.py": FILE}, {"srv/app.py": FILE}, ()),
        ({"srv/__pycache__/app.cpython-312.pyc": FILE}, {}, ()),
        ({"root/.cache/pip/x": FILE}, {}, (MOUNT,)),
        ({"etc/apt/apt.conf.d/docker-clean": FILE}, {}, (MOUNT,)),
        ({"srv/.dockerignore": FILE}, {"srv/.dockerignore": OTHER}, ()),
        ({"srv/tests/a.py": FILE, "srv/tests": "d 755 0:0 "}, {}, (IGNORED,)),
    ],
    ids=["the same", "bytecode", "a cache in the mount", "apt keeps packages", "the fixed file itself", "hidden files"],
)
def test_what_a_rule_announces_is_no_difference(before: Any, after: Any, codes: tuple[str, ...]) -> None:
    assert list(comparing.files_changed(before, after, codes, [".dockerignore"], HIDDEN)) == []


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ({"srv/app.py": FILE}, {"srv/app.py": OTHER}, (MOUNT, IGNORED)),
        ({"srv/app.py": FILE}, {"srv/app.py": "f 600 0:0 aa"}, (MOUNT,)),
        ({"srv/app.py": FILE}, {"srv/app.py": "f 644 1:1 aa"}, (MOUNT,)),
        ({"root/.cache/pip/x": FILE}, {}, (ENV,)),
        ({}, {"srv/new": FILE}, (MOUNT, IGNORED)),
        ({"srv/tests/a.py": OTHER}, {}, (IGNORED,)),
        ({"srv/tests/a.py": FILE}, {}, (MOUNT,)),
        ({"srv/data": "d 755 0:0 "}, {}, (IGNORED,)),
    ],
    ids=[
        "other content",
        "another mode",
        "another owner",
        "a cache gone without a mount",
        "a new file",
        "gone, but not what is hidden",
        "hidden, but no rule hides",
        "a folder that holds nothing hidden",
    ],
)
def test_everything_else_is_one(before: Any, after: Any, codes: tuple[str, ...]) -> None:
    assert len(list(comparing.files_changed(before, after, codes, [".dockerignore"], HIDDEN))) == 1


@pytest.mark.parametrize(("after", "count"), [(OTHER, 0), ("f 600 0:0 bb", 1)], ids=["content", "mode"])
def test_of_what_is_compiled_only_the_content_may_differ(after: str, count: int) -> None:
    path = "venv/lib/python3.12/site-packages/a/_a.so"
    told = list(comparing.files_changed({path: FILE}, {path: after}, (), (), (), compiles=True))
    assert len(told) == count
    assert len(list(comparing.files_changed({path: FILE}, {path: after}, (), (), ()))) == 1


def test_only_the_variables_of_python_may_be_new() -> None:
    before = comparing.configuration({"Cmd": ["a"], "Env": ["PIP_NO_CACHE_DIR=1"], "Labels": {"a": "b"}}, {})
    after = comparing.configuration({"Cmd": ["a"], "Env": ["PYTHONUNBUFFERED=1"], "Labels": {"a": "c"}}, {})
    told = [one.words for one in comparing.settings_changed(before, after, (ENV, MOUNT))]
    assert told == ["environment PIP_NO_CACHE_DIR is gone", 'labels: {"a": "b"} -> {"a": "c"}']
    assert len(comparing.settings_changed(before, after, (MOUNT,))) == 3


def made(dockerfile: str) -> cases.Case:
    found = Repository(tree.of({"Dockerfile": dockerfile, "requirements.txt": "six\n"}))
    return cases.Case(Defect("made/up", (), ()), found, fixing.fix(found, RULES))


@pytest.mark.parametrize(
    ("run", "given"),
    [
        ("RUN pip install -r requirements.txt", [True]),
        ("RUN pip install --no-cache-dir -r requirements.txt && npm ci", [True, True]),
        ("RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt", []),
        ("USER somebody\nRUN pip install -r requirements.txt", [False]),
    ],
    ids=["one", "two, one of which keeps no cache", "mounted", "of a user without a known home"],
)
def test_installs_without_a_mount_are_counted_with_what_became_of_them(run: str, given: list[bool]) -> None:
    found = list(mountshare.bare(made(f"FROM python:3.12-slim\nCOPY requirements.txt .\n{run}\n")))
    assert [one.given for one in found] == given
    assert all(one.given or "not known" in one.reason for one in found)


def test_of_windows_no_mount_is_asked() -> None:
    assert list(mountshare.bare(made("FROM python:3.12-windowsservercore\nRUN pip install six\n"))) == []


def test_nine_of_ten_installs_that_can_have_a_mount_get_one_in_safe_mode() -> None:
    bare = [install for case in cases.cases() for install in mountshare.bare(case)]
    assert len(bare) >= 50
    assert sum(one.given for one in bare) >= 0.9 * len(bare)
    assert [one for one in bare if not one.given and one.reason in ("", mountshare.UNTOLD)] == []


def result(name: str, **more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("trouble", "broken", "configuration", "files", "behaviour"), ())
    return {"defect": name, "services": 1, "started": 1, **empty, **more}


def test_the_table_counts_what_holds_and_tells_what_does_not() -> None:
    bare = {"defect": "a/x", "manager": "pip", "given": False, "reason": "its home is not known"}
    document = {
        "repositories": {"a": {"defects": 5, "fixed": 4, "bare": [{**bare, "given": True}, bare]}},
        "results": [
            result("a/x"),
            result("a/y", files=["web: /srv/app.py: a -> b"]),
            result("a/z", trouble=["web: it is old"], started=0),
        ],
    }
    header, (one, every) = safe_fix_tables.rows(document)
    assert dict(zip(header, one, strict=True)) == {
        "repository": "a",
        "defects": "5",
        "with safe fixes": "4",
        "in a build": "3",
        "build before": "2",
        "build after": "2",
        "same configuration": "2",
        "same files": "1",
        "services that run before": "2",
        "run alike": "2",
        "installs without a mount": "2",
        "given one": "1",
    }
    assert every == ("all", *one[1:])
    assert list(safe_fix_tables.odd(document)) == [
        "a/y: web: /srv/app.py: a -> b",
        "a/z does not build before any fix: web: it is old",
        "a/x: pip gets no mount: its home is not known",
    ]
    assert [one["defect"] for one in safe_fix_tables.broken(document)] == ["a/y"]

"""Which stand-in serves for which base, and what it is made of."""

from pathlib import Path

import pytest

from drydock.bases import bases, debian, interpreters, recipes
from drydock.bases.recipes import Host, Interpreter

BOOKWORM = Host("debian", "bookworm")
HERE = (Interpreter((3, 13, 0), Path("/p/13")), Interpreter((3, 12, 1), Path("/p/12")))

SOURCES = """\
# a comment
Types: deb deb-src
URIs: http://archive.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /keys/a.gpg

Types: deb
URIs: http://archive.test/other
Suites: trixie
Components: main

Enabled: no
Types: deb
URIs: http://archive.test/off
Suites: bookworm
"""
LINES = """\
deb [arch=amd64 signed-by=/keys/b.gpg] http://archive.test/security bookworm-security main # why
deb-src http://archive.test/debian bookworm main
deb http://archive.test/vendor stable main
"""


@pytest.mark.parametrize(
    ("name", "family", "asked", "full", "suite"),
    [
        ("python:3.12-slim", "python", "3.12", False, "trixie"),
        ("python:3.12", "python", "3.12", True, "trixie"),
        ("python", "python", "", True, "trixie"),
        ("python:3.12-slim-bookworm", "python", "3.12", False, "bookworm"),
        ("python:3.12-alpine3.20", "python", "3.12", False, "trixie"),
        ("python:slim", "python", "", False, "trixie"),
        ("reg.example/library/node:20.11-slim", "node", "20.11", False, "trixie"),
        ("node:20-alpine", "node", "20", False, "trixie"),
        ("node:lts-alpine", "node", "24", False, "trixie"),
        ("node:jod", "node", "22", True, "trixie"),
        ("node", "node", "latest", True, "trixie"),
        ("debian:bookworm-slim", "debian", "bookworm", False, "bookworm"),
        ("debian:12.5-slim", "debian", "12.5", False, "bookworm"),
    ],
)
def test_a_name_is_read_as_its_maker_meant_it(name: str, family: str, asked: str, full: bool, suite: str) -> None:
    recipe = recipes.choose(name, BOOKWORM, HERE)
    assert recipe
    assert (recipe.family, recipe.asked, recipe.full, recipe.suite) == (family, asked, full, suite)
    assert ("build-essential" in recipe.packages) == (full and family != "debian")


@pytest.mark.parametrize(
    "name",
    [
        "alpine:3",
        "postgres:16",
        "acme/python:3.12",
        "reg.example/python:3.12",
        "python:3-windowsservercore",
        "ubuntu:24.04",
    ],
)
def test_other_images_have_no_standin(name: str) -> None:
    assert recipes.choose(name, BOOKWORM, HERE) is None


def test_a_system_without_debian_packages_has_no_standin() -> None:
    assert recipes.choose("python:3.12-slim", Host("", ""), HERE) is None


@pytest.mark.parametrize(
    ("asked", "given", "note"),
    [
        ("3.12", "3.12.1", ""),
        ("3.12.1", "3.12.1", ""),
        ("3.12.9", "3.12.1", "nearest: Python 3.12.1, asked for 3.12.9"),
        ("3", "3.13.0", ""),
        ("3.1", None, "nearest: Python 3.11, asked for 3.1"),
    ],
    ids=["same minor", "same version", "same minor, other patch", "only a major", "3.1 is not 3.12"],
)
def test_the_interpreter_is_as_near_as_can_be(asked: str, given: str | None, note: str) -> None:
    recipe = recipes.choose(f"python:{asked}-slim", BOOKWORM, HERE)
    assert recipe
    assert (str(recipe.interpreter) if recipe.interpreter else None) == given
    assert recipe.note == note


@pytest.mark.parametrize(
    ("asked", "suite", "note"),
    [
        ("3.12", "trixie", "nearest: Python 3.13, asked for 3.12"),
        ("3.10", "bookworm", "nearest: Python 3.11, asked for 3.10"),
        ("3.11", "bookworm", ""),
        ("3.13", "trixie", ""),
        ("3.14", "trixie", "nearest: Python 3.13, asked for 3.14"),
    ],
)
def test_without_an_interpreter_debian_gives_the_nearest(asked: str, suite: str, note: str) -> None:
    recipe = recipes.choose(f"python:{asked}-slim", BOOKWORM, ())
    assert recipe
    assert (recipe.suite, recipe.note) == (suite, note)
    assert "python3" in recipe.packages


def test_before_stand_ins_are_made_it_is_said_which_are_not_what_was_asked_for() -> None:
    made = [recipe for name in ("python:3.12-slim", "debian:12") if (recipe := recipes.choose(name, BOOKWORM, ()))]
    said = bases.announcement(made)
    assert said.endswith("for python:3.12-slim (nearest: Python 3.13, asked for 3.12), debian:12")


@pytest.mark.parametrize("name", ["python", "python:latest", "python:slim"])
def test_without_a_version_debians_own_python_will_do(name: str) -> None:
    recipe = recipes.choose(name, BOOKWORM, ())
    assert recipe
    assert (recipe.asked, recipe.interpreter, recipe.note) == ("", None, "")


def test_what_goes_in_decides_the_key_and_where_it_lies_does_not() -> None:
    def key(prefix: str, patch: int = 1, authority: str = "") -> str:
        recipe = recipes.choose("python:3.12-slim", BOOKWORM, (Interpreter((3, 12, patch), Path(prefix)),), authority)
        assert recipe
        return recipe.key

    assert key("/a") == key("/b")
    assert len({key("/a"), key("/a", patch=2), key("/a", authority="ca"), key("/a", authority="cb")}) == 4


def test_the_trusting_flavour_has_a_name_of_its_own() -> None:
    plain, trusting = (recipes.choose("node:20-alpine", BOOKWORM, (), ca) for ca in ("", "ca"))
    assert plain
    assert trusting
    assert plain.reference == "drydock-standin/node:20-alpine"
    assert trusting.reference == "drydock-standin-trusting/node:20-alpine"
    assert plain.note == "not Alpine"


def test_only_sources_of_the_machines_own_release_are_followed(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "debian.sources").write_text(SOURCES)
    (folder / "old.list.disabled").write_text("deb http://archive.test/disabled bookworm main\n")
    (tmp_path / "sources.list").write_text(LINES)
    assert debian.stanzas(debian.sources("bookworm", tmp_path), "trixie").split("\n\n") == [
        "Types: deb\nURIs: http://archive.test/security\nSuites: trixie-security\n"
        "Components: main\nSigned-By: /keys/b.gpg",
        "Types: deb\nURIs: http://archive.test/debian\nSuites: trixie trixie-updates\n"
        "Components: main contrib\nSigned-By: /keys/a.gpg\n",
    ]


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """A prefix that holds what an interpreter installs, and what a machine adds to it."""
    here = tmp_path / "versions" / "3.12.1"
    for name, text in {
        "bin/python3.12": "program",
        "bin/pip": "somebody's",
        "include/python3.12/patchlevel.h": '#define PY_VERSION              "3.12.1"\n',
        "lib/libpython3.12.so.1.0": "library",
        "lib/libpython3.11.so.1.0": "another's",
        "lib/python3.12/os.py": "",
        "lib/python3.12/_sysconfigdata_linux.py": f"prefix = {str(here)!r}\n",
        "lib/python3.12/ensurepip/_bundled/pip.whl": "",
        "lib/python3.12/__pycache__/os.pyc": "",
        "lib/python3.12/test/test_os.py": "",
        "lib/python3.12/unittest/test/test_case.py": "",
        "lib/python3.12/EXTERNALLY-MANAGED": "",
        "lib/python3.12/config-3.12/libpython3.12.a": "",
        "lib/python3.12/config-3.12/Makefile": "",
        "lib/python3.12/site-packages/trust.pth": "import trust",
        "lib/python3.12/site-packages/requests/__init__.py": "",
    }.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text)
    return here


def test_interpreters_are_found_by_what_they_say_of_themselves(prefix: Path, tmp_path: Path) -> None:
    (prefix.parent / "3.12-broken" / "bin").mkdir(parents=True)
    environ = {"PYENV_ROOT": str(tmp_path), "PATH": ""}
    mine = [one for one in interpreters.found(environ, tmp_path / "nobody") if tmp_path in one.prefix.parents]
    assert mine == [Interpreter((3, 12, 1), prefix)]


def test_an_interpreter_moves_without_what_the_machine_added(prefix: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    interpreters.copy(Interpreter((3, 12, 1), prefix), target, headers=False)
    assert sorted(str(path.relative_to(target)) for path in target.rglob("*") if not path.is_dir()) == [
        "bin/python",
        "bin/python3",
        "bin/python3.12",
        "lib/libpython3.12.so.1.0",
        "lib/python3.12/_sysconfigdata_linux.py",
        "lib/python3.12/config-3.12/Makefile",
        "lib/python3.12/ensurepip/_bundled/pip.whl",
        "lib/python3.12/os.py",
    ]
    assert "/usr/local" in (target / "lib/python3.12/_sysconfigdata_linux.py").read_text()
    assert list((target / "lib/python3.12/site-packages").iterdir()) == []


def test_headers_go_along_where_extensions_are_compiled(prefix: Path, tmp_path: Path) -> None:
    interpreters.copy(Interpreter((3, 12, 1), prefix), tmp_path / "target", headers=True)
    assert (tmp_path / "target/include/python3.12/patchlevel.h").is_file()

"""What a build would stumble over in its own folder."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from drydock.checks import State, contexts, places, stumbles
from drydock.checks.places import Space
from drydock.config import Image

NODE = "FROM scratch\nCOPY package*.json ./\nRUN npm ci\n"
MANIFEST = {"package.json": "{}"}
LOCK = {**MANIFEST, "package-lock.json": "{}"}


def seen(root: Path, files: Mapping[str, str | bytes]) -> tuple[contexts.Seen, ...]:
    """A context with these files, looked at."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode() if isinstance(text, str) else text)
    return contexts.look([Image("web", root, root / "Dockerfile", "web:local")], {})


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        pytest.param({"Dockerfile": NODE, **LOCK}, "", id="a lock file"),
        pytest.param({"Dockerfile": NODE, **MANIFEST}, "package-lock.json", id="none"),
        pytest.param({"Dockerfile": NODE, **MANIFEST, "npm-shrinkwrap.json": "{}"}, "", id="its other name"),
        pytest.param({"Dockerfile": NODE.replace("npm ci", "npm install"), **MANIFEST}, "", id="an install without"),
        pytest.param(
            {"Dockerfile": NODE.replace("npm ci", "if [ -f package-lock.json ]; then npm ci; fi"), **MANIFEST},
            "",
            id="an install that looks first",
        ),
        pytest.param(
            {"Dockerfile": NODE.replace("npm ci", "git clone x && npm ci"), **MANIFEST}, "", id="one that fetches"
        ),
        pytest.param({"Dockerfile": "FROM scratch\nRUN npm ci\n", **MANIFEST}, "", id="what the base brought"),
        pytest.param(
            {"Dockerfile": "FROM scratch AS a\nFROM scratch\nCOPY --from=a /x .\nCOPY . .\nRUN npm ci\n", **MANIFEST},
            "",
            id="a stage that takes from another",
        ),
        pytest.param(
            {"Dockerfile": "FROM scratch AS other\nCOPY . .\nRUN npm ci\nFROM scratch\nCOPY . .\n", **MANIFEST},
            "",
            id="a stage that is not built",
        ),
        pytest.param(
            {"Dockerfile": NODE, **LOCK, ".dockerignore": "*lock*\n"}, "it is ignored", id="a lock that is ignored"
        ),
        pytest.param({"Dockerfile": "FROM scratch\nCOPY uv.lock .\n"}, "uv.lock", id="a lock that is copied by name"),
        pytest.param(
            {
                "Dockerfile": "FROM scratch\nCOPY web/package.json web/\nRUN cd web && npm ci\n",
                "web/package.json": "{}",
            },
            "package-lock.json",
            id="a folder below",
        ),
        pytest.param(
            {"Dockerfile": "FROM scratch\nCOPY . .\nRUN pnpm install --frozen-lockfile\n", **MANIFEST},
            "pnpm-lock.yaml",
            id="pnpm",
        ),
    ],
)
def test_a_lock_file_is_missed_where_an_install_fails_without(
    tmp_path: Path, files: Mapping[str, str], missing: str
) -> None:
    verdict = stumbles.locks(seen(tmp_path, files))
    assert (verdict.state is State.FAIL) == bool(missing)
    assert missing in verdict.seen


@pytest.mark.parametrize(
    ("files", "state"),
    [
        pytest.param({"run.sh": b"#!/bin/sh\r\n"}, State.WARN, id="a script that is only copied"),
        pytest.param({"run.sh": b"#!/bin/sh\n"}, State.OK, id="one that is well"),
        pytest.param({"run.bat": b"@echo off\r\n"}, State.OK, id="what belongs to Windows"),
        pytest.param({"notes.sh": b"echo\r\n"}, State.OK, id="no interpreter is named"),
        pytest.param({"start": b"#!/bin/sh\r\n"}, State.FAIL, id="what the image starts with"),
        pytest.param({"start": b"#!/bin/sh\r\n", ".dockerignore": "start\n"}, State.OK, id="what is ignored"),
        pytest.param({"node_modules/x/run.sh": b"#!/bin/sh\r\n"}, State.OK, id="what a tool installed"),
    ],
)
def test_line_ends_of_windows_matter_in_scripts(tmp_path: Path, files: Mapping[str, bytes | str], state: State) -> None:
    made = {"Dockerfile": 'FROM scratch\nCOPY . /\nENTRYPOINT ["/start"]\n', **files}
    assert stumbles.line_ends(seen(tmp_path, made)).state is state


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FROM scratch\nCOPY gone.txt /\n", "Dockerfile:2 copies gone.txt"),
        ("FROM scratch\nNOTHING\n", "Dockerfile:2"),
        ("FROM scratch\nCOPY *.txt $X 'a b' /\n", ""),
    ],
)
def test_a_dockerfile_that_cannot_be_used_is_named(tmp_path: Path, text: str, words: str) -> None:
    verdict = stumbles.dockerfiles(seen(tmp_path, {"Dockerfile": text}))
    assert (verdict.state is State.FAIL) == bool(words)
    assert words in verdict.seen


def test_a_dockerfile_in_the_compose_file_needs_no_file(tmp_path: Path) -> None:
    (found,) = contexts.look([Image("web", tmp_path, tmp_path / "none", "web:local")], {"web": "FROM a:1\n"})
    assert (found.problem, found.bases) == (None, ("a:1",))


@pytest.mark.parametrize(
    ("spaces", "state", "words"),
    [
        pytest.param([Space("images", "/d", 50 * 10**9, images=True)], State.OK, "50.0 GB", id="room"),
        pytest.param([Space("images", "/d", 4 * 10**9, images=True)], State.WARN, "4.0 GB", id="little room"),
        pytest.param([Space("images", "/d", 1, images=True)], State.FAIL, "needs more", id="no room"),
        pytest.param([Space("records", "/r", 10**9)], State.OK, "1.0 GB", id="records take little"),
        pytest.param([Space("records", "/r", 10**9, 10)], State.FAIL, "10 more files", id="no more files"),
        pytest.param(
            [Space("images", "/d", 1, images=True), Space("records", "/r", 10**9, None, True)],
            State.FAIL,
            "/r, for records, is on a file system that takes no writes",
            id="what takes no writes goes first",
        ),
    ],
)
def test_a_verdict_on_the_disk_follows_from_its_file_systems(spaces: list[Space], state: State, words: str) -> None:
    verdict = places.disk(spaces)
    assert verdict.state is state
    assert words in verdict.seen


def test_each_file_system_is_looked_at_once(tmp_path: Path) -> None:
    found = list(places.spaces([("a", tmp_path / "not" / "there", True), ("b", tmp_path, False)]))
    assert [(one.what, one.folder) for one in found] == [("a", str(tmp_path))]

"""Documents that cannot lie: whatever is changed in a block of this repository, or in what it rests on, is noticed."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.commands import docs
from drydock.documents import snippets, sources
from drydock.documents.snippets import Block
from drydock.measures import evidence, pictures
from drydock.measures.quoting import Quotations
from drydock.tasks import namespace

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = [path.relative_to(PROJECT).as_posix() for path in docs.documents(PROJECT)]
TOKEN = re.compile(r"\d|(?<![A-Za-z])[A-Za-z]")  # every digit, and the first letter of every word: flags and names too

MANY = 500  # each change means to render the whole block again


@pytest.fixture(scope="module")
def renderers() -> dict[str, Callable[[Block], str]]:
    """The renderers of this repository, each block rendered once: what they rest on does not change meanwhile."""
    verbs = {verb.name: verb for verb in sources.verbs(namespace)}
    quotations = Quotations(PROJECT)
    ours = docs.renderers(PROJECT, verbs, sources.sessions(PROJECT), quotations)
    kept: dict[tuple[str, ...], str] = {}

    def once(renderer: Callable[[Block], str], block: Block) -> str:
        key = (block.path, block.name, *block.words)
        if key not in kept:
            kept[key] = renderer(block)
        return kept[key]

    return {name: functools.partial(once, renderer) for name, renderer in ours.items()}


def mutated(text: str) -> Iterator[str]:
    """The text with one digit or the beginning of one word changed: for each of them, in a long text for each n-th."""
    matches = list(TOKEN.finditer(text))
    for match in matches[:: len(matches) // MANY + 1]:
        sign = match[0]
        other = str((int(sign) + 1) % 10) if sign.isdigit() else ("q" if sign != "q" else "z")
        yield text[: match.start()] + other + text[match.end() :]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_digit_flag_and_name_in_a_block_is_held(name: str, renderers: dict[str, Callable[[Block], str]]) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    for block in snippets.find(text, name):
        if block.name == "given":  # kept as it is, with its reason beside it
            continue
        before = text.rindex("\n", 0, block.start - (0 if block.within else 1)) + 1
        after = text.index("\n", block.end) + 1
        assert snippets.render(text[before:after], name, renderers).changed == ()
        for body in mutated(block.body):
            held = snippets.render(text[before : block.start] + body + text[block.end : after], name, renderers).changed
            assert [one.words for one in held] == [block.words], f"{block.place}: {body}"


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all numbers in a document."""
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from numbers(below, (*path, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


@pytest.mark.parametrize("capture", sorted(path.stem for path in evidence.folder(PROJECT).glob("*.json")))
def test_every_number_of_a_capture_is_held_by_what_shows_it(capture: str) -> None:
    """Even the last place of a run that is no median: the digest stands in the table."""
    document = evidence.load(PROJECT, capture)
    show = (lambda other: pictures.screen(other, []).svg) if document["kind"] == "terminal" else evidence.markdown
    shown = show(document)
    paths = [path for path in numbers(document) if path != ("schema",)]
    assert paths or document["kind"] == "terminal"
    for path in paths:
        other = json.loads(json.dumps(document))
        place = functools.reduce(lambda value, key: value[key], path[:-1], other)
        place[path[-1]] += 0.001 if isinstance(place[path[-1]], float) else 1
        assert show(other) != shown, path


def test_every_capture_is_shown_somewhere() -> None:
    blocks = [block for name in DOCUMENTS for block in snippets.find((PROJECT / name).read_text("utf-8"), name)]
    tables = {block.words[0] for block in blocks if block.name == "table"}
    shown = tables | {block.words[1] for block in blocks if block.name == "plot" and block.words[0] == "terminal"}
    assert {path.stem for path in evidence.folder(PROJECT).glob("*.json")} <= shown


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository without what is made in it and without its tests; who changes it changes it back."""

    def left_out(_: str, names: list[str]) -> set[str]:
        made = {"node_modules", "__pycache__", "tests", "build"}
        return {name for name in names if name in made or (name.startswith(".") and name != ".env.example")}

    place = tmp_path_factory.mktemp("repository") / "copy"
    shutil.copytree(PROJECT, place, ignore=left_out, symlinks=True)
    return place


@contextmanager
def changed(path: Path, old: str, new: str) -> Iterator[None]:
    """Within this block, the first `old` of a file is `new`."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def check(root: Path) -> docs.Report:
    return docs.run(config.load(root, {}), namespace, check=True)


def test_the_documents_of_this_repository_are_as_code_and_evidence_say(copy: Path) -> None:
    report = check(copy)
    assert report.text().splitlines()[:-1] == []
    assert report.code == 0


def test_a_second_render_writes_nothing(copy: Path) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    docs.run(config.load(copy, {}), namespace, check=False)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param("docs/measurements/before-after.json", '_bytes": 1', '_bytes": 2', id="a measured figure"),
        pytest.param("docs/images/before-after-sizes.svg", " MB", " kB", id="a figure in a picture"),
        pytest.param("docs/images/before-after-times.svg", 'rx="6"', 'rx="7"', id="a line of a picture"),
        pytest.param(".env.example", "=5173", "=5174", id="a default of the environment"),
        pytest.param("noxfile.py", '"""Check style', '"""Check stile', id="a session's docstring"),
        pytest.param("noxfile.py", 'name="docker-test"', 'name="docker"', id="a session's name"),
        pytest.param("drydock/engines/engine.py", "BUILDX_FLOOR = (0, 13)", "BUILDX_FLOOR = (0, 14)", id="a version"),
        pytest.param("drydock/measures/weighing.py", "CHUNK = 1 <<", "CHUNK = 2 <<", id="a constant"),
        pytest.param("backend/app/ledger/images.py", "TURNS = 20", "TURNS = 21", id="a limit of the API"),
        pytest.param("drydock/text.py", '"""Tables', '"""Table', id="a module's docstring"),
        pytest.param("docs/guide.md", "## Documents\n", "## Documents\n\nIt takes 2 s.\n", id="a figure that is typed"),
        pytest.param("docs/guide.md", "inv logs --follow", "inv log --follow", id="a task that is not there"),
        pytest.param("docs/guide.md", "inv up --dev", "inv up --devel", id="a flag that is not there"),
        pytest.param("docs/validation.md", "`nox -s lint`", "`nox -s lnt`", id="a session that is not there"),
    ],
)
def test_a_change_in_a_document_or_in_what_it_rests_on_fails_the_check(
    copy: Path, path: str, old: str, new: str
) -> None:
    with changed(copy / path, old, new):
        report = check(copy)
    assert report.code == 1
    assert len(report.text().splitlines()) > 1


def test_a_picture_that_is_gone_fails_the_check_and_is_drawn_again(copy: Path) -> None:
    picture = copy / "docs/images/before-after-sizes.svg"
    there = picture.read_bytes()
    picture.unlink()
    assert "docs/images/before-after-sizes.svg:1: picture is out of date; mend it with: inv docs" in check(copy).text()
    docs.run(config.load(copy, {}), namespace, check=False)
    assert picture.read_bytes() == there


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param("drydock/tasks.py", "ask for newer base images", "ask for older base images", id="a flag's help"),
        pytest.param(
            "drydock/tasks.py", "def ps(c: Any, json", "def ps(c: Any, more: bool = False, json", id="a new flag"
        ),
        pytest.param("drydock/tasks.py", '"""Build all images', '"""Build some images', id="a task's docstring"),
        pytest.param("drydock/errors.py", "code = 4", "code = 5", id="an exit code"),
        pytest.param("drydock/errors.py", '"""A build or', '"""Some build or', id="an exit code's docstring"),
        pytest.param("drydock/errors.py", "INTERRUPTED = 130", "INTERRUPTED = 131", id="the code of an interruption"),
    ],
)
def test_a_change_in_the_code_itself_fails_its_own_check(copy: Path, path: str, old: str, new: str) -> None:
    argv = [sys.executable, "-m", "drydock", "docs", "--check"]
    environ = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    with changed(copy / path, old, new):
        done = subprocess.run(argv, env=environ, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "is out of date" in done.stdout

"""Which images are built with --changed: random small repositories and edits, against a build in a few lines."""

import fnmatch
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drydock import config, dockerfile
from drydock.bases.bases import Base, Origin
from drydock.builds import report, selection
from drydock.builds.selection import Choice
from drydock.causes import changes, gathering
from drydock.causes.gathering import Gathered
from drydock.causes.whole import Orders
from drydock.config import Image
from tests.test_oci import engine

PATHS = ("a", "s/b", "s/c", "notes/n", "x.log", "Dockerfile")
LINES = ("COPY a /a", "COPY s /s", "COPY . /all", "COPY x* /x/", "COPY --from=shared . /shared", "ENV A=1", "CMD one")
IGNORES = ("notes", "*.log", "s/b", "!x.log", "# nothing", "Dockerfile")


@dataclass(frozen=True)
class World:
    """All that decides two images, `web`, and `top` that is built upon it."""

    files: Mapping[str, tuple[str, int]]
    shared: Mapping[str, tuple[str, int]]
    lines: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    base: str = "sha256:1"
    args: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    own: str = "o"  # a file of the image on top

    @property
    def text(self) -> str:
        return "\n".join(["FROM python:3", "ARG LEVEL=low", "RUN true", *self.lines, ""])


def visible(world: World) -> dict[str, tuple[str, int]]:
    """What an ignore file leaves of the context, last line first."""

    def is_left_out(path: str) -> bool:
        for line in reversed(world.ignore):
            pattern = line.removeprefix("!")
            if fnmatch.fnmatch(path, pattern) or path.startswith(f"{pattern}/"):
                return not line.startswith("!")
        return False

    return {path: one for path, one in world.files.items() if not is_left_out(path)}


def built(world: World) -> list[object]:
    """What a build of `web` makes, as a list of all that is in it: the oracle."""
    made: list[object] = [world.base, sorted(world.labels.items()), world.tags, world.args.get("LEVEL", "low")]
    seen = visible(world)
    for line in world.lines:
        made.append(line)
        if line.startswith("COPY --from"):
            made += sorted(world.shared.items())
        elif line.startswith("COPY"):
            source = line.split()[1]
            wanted = [path for path in seen if source == "." or fnmatch.fnmatch(path.split("/")[0], source)]
            made += [(path, seen[path]) for path in sorted(wanted)]
    return made


def topped(world: World) -> list[object]:
    return [*built(world), world.own]


def everything(world: World) -> str:
    """Whatever any image may see: where this is the same, nothing may be built."""
    rest = replace(world, files=dict(sorted(visible(world).items())), shared=dict(sorted(world.shared.items())))
    return hashlib.sha256(repr(rest).encode()).hexdigest()


def write(root: Path, world: World) -> None:
    shutil.rmtree(root / "web", ignore_errors=True)
    shutil.rmtree(root / "shared", ignore_errors=True)
    (root / "top").mkdir(exist_ok=True)
    (root / "top" / "own").write_text(world.own)
    for folder, files in (("web", world.files), ("shared", world.shared)):
        (root / folder).mkdir()
        for path, (content, mode) in files.items():
            (root / folder / path).parent.mkdir(exist_ok=True)
            (root / folder / path).write_text(content)
            (root / folder / path).chmod(mode)
    (root / "web" / ".dockerignore").write_text("\n".join((*world.ignore, ".dockerignore")))


def gathered(root: Path, world: World) -> dict[str, Gathered]:
    write(root, world)
    web = Image(
        "web", root / "web", root / "web" / "Dockerfile", "web:1", args=world.args, labels=world.labels,
        tags=world.tags, contexts={"shared": str(root / "shared")},
    )  # fmt: skip
    top = Image("top", root / "top", root / "top" / "Dockerfile", "top:1", contexts={"low": "target:web"})
    files = {"web": dockerfile.parse(world.text), "top": dockerfile.parse("FROM low\nCOPY own /own\n")}
    bases = {"web": (Base("python:3", "python:3", Origin.PRESENT, world.base),), "top": ()}
    return gathering.gather(config.load(root, {}), engine({}), (top, web), files, bases, orders=Orders(root))


def skipped(before: Mapping[str, Gathered], after: Mapping[str, Gathered]) -> set[str]:
    images = [Image("top", Path(), Path(), "", contexts={"low": "target:web"}), Image("web", Path(), Path(), "")]

    def reason(image: Image) -> str:
        now, then = after[image.name], before[image.name]

        def files(of: object, name: str) -> Any:
            return (now if of is now.grounds else then).files.get(name)

        words = changes.words(now.grounds, then.grounds, files)
        assert bool(words) == (now.bodies()[0] != then.bodies()[0])
        return words

    return {one.image for one in selection.choose(images, reason, lambda _: "", ("web", "top")) if not one.built}


contents = st.tuples(st.sampled_from(("one", "two")), st.sampled_from((0o644, 0o755)))
worlds = st.builds(
    World,
    files=st.dictionaries(st.sampled_from(PATHS), contents, min_size=2),
    shared=st.dictionaries(st.sampled_from(("m", "n/o")), contents, min_size=1),
    lines=st.lists(st.sampled_from(LINES), max_size=3).map(tuple),
    ignore=st.lists(st.sampled_from(IGNORES), max_size=2).map(tuple),
)
Edit = Callable[[World], World]


def put(path: str, one: tuple[str, int] | None) -> Edit:
    def edit(world: World) -> World:
        files = {**world.files} if one is None else {**world.files, path: one}
        if one is None:
            files.pop(path, None)
        return replace(world, files=files)

    return edit


def one_of(world: World, number: int, *, mode: bool) -> World:
    """A file that is there with another mode, or other content."""
    path = sorted(world.files)[number % len(world.files)]
    content, had = world.files[path]
    return put(path, (content, had ^ 0o111) if mode else (f"{content}!", had))(world)


lines = st.lists(st.sampled_from(LINES), max_size=3).map(tuple)
edits = st.one_of(
    st.builds(put, st.sampled_from(PATHS), st.none() | contents),
    st.builds(lambda one: lambda world: replace(world, shared={**world.shared, "m": one}), contents),
    st.builds(lambda at, mode: lambda world: one_of(world, at, mode=mode), st.integers(0, 5), st.booleans()),
    st.builds(lambda one: lambda world: replace(world, lines=one), lines),
    st.builds(lambda one: lambda world: replace(world, lines=(*world.lines, one)), st.sampled_from(LINES)),
    st.builds(lambda one: lambda world: replace(world, ignore=(*world.ignore, one)), st.sampled_from(IGNORES)),
    st.builds(lambda one: lambda world: replace(world, base=one), st.sampled_from(("sha256:1", "sha256:2"))),
    st.builds(lambda one: lambda world: replace(world, args={"LEVEL": one}), st.sampled_from(("low", "high"))),
    st.builds(lambda one: lambda world: replace(world, labels={"of": one}), st.sampled_from(("x", "y"))),
    st.builds(lambda one: lambda world: replace(world, tags=one), st.sampled_from(((), ("web:2",)))),
    st.builds(lambda one: lambda world: replace(world, own=one), st.sampled_from(("o", "p"))),
    st.just(lambda world: world),
)


@settings(max_examples=120, deadline=None)
@given(worlds, st.lists(edits, min_size=1, max_size=2))
def test_what_is_left_out_would_come_out_as_it_was(world: World, made: list[Edit]) -> None:
    edited = world
    for edit in made:
        edited = edit(edited)
    with tempfile.TemporaryDirectory() as folder:
        left = skipped(gathered(Path(folder), world), gathered(Path(folder), edited))
    if "web" in left:
        assert built(world) == built(edited)
    if "top" in left:
        assert topped(world) == topped(edited)
    if everything(world) == everything(edited):
        assert left == {"web", "top"}


def choices(built: int, left: int) -> list[Choice]:
    return [
        *(Choice(f"api{number}", True, "a changed") for number in range(built)),
        *(Choice(f"web{number}", False, "nothing changed") for number in range(left)),
    ]


@pytest.mark.parametrize(
    ("built", "left", "said"),
    [
        pytest.param(
            1, 1, "image  what   why\napi0   build  a changed\nweb0   skip   nothing changed", id="a line for each"
        ),
        pytest.param(
            1, 198, "image  what   why\napi0   build  a changed\n198 images are as they were", id="many fold into one"
        ),
        pytest.param(0, 200, "nothing to build: all 200 images are as they were", id="nothing to do"),
        pytest.param(
            0,
            1,
            "image  what  why\nweb0   skip  nothing changed\nnothing to build: the image is as it was",
            id="nothing to do, one image",
        ),
    ],
)
def test_each_image_has_its_reason_and_many_that_are_left_fold(built: int, left: int, said: str) -> None:
    assert selection.text(choices(built, left)) == said
    document = report.Report((), 0.0, choices=tuple(choices(built, left))).document()
    assert len(document["choices"]) == built + left


@pytest.mark.parametrize(
    ("held", "said"),
    [
        pytest.param({"web:1": "a", "web:2": "a"}, "", id="as it was"),
        pytest.param({"web:1": "a"}, "web:2 is not in the engine", id="one name is gone"),
        pytest.param({"web:1": "a", "web:2": "b"}, "web:2 is another image in the engine", id="one name is another"),
    ],
)
def test_the_engine_must_hold_what_was_built_under_each_name(held: dict[str, str], said: str) -> None:
    image = Image("web", Path(), Path(), "web:1", tags=("web:2",))
    assert selection.presence(image, "a", held) == said
    assert selection.presence(image, None, held)

"""What a context is predicted to hold and to send, held against an engine that starts with nothing."""

import json
import os
import random
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drydock import config, events
from drydock.builds.progress import Progress
from drydock.builds.stream import Stream
from drydock.commands import context
from drydock.config import Config, Image
from drydock.engines import daemon, leftovers, place
from drydock.errors import Misuse
from drydock.measures import ignore, inputs
from tests.engine.own import spacious

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")

CASES = 260  # at the root of a context, and as many again in folders, several to a context
FOLDERS = ("k0", "k1", "k2", "k3", "k4")
PER_BUILD = 81
TOLERANCE = 4096

NAMES = ("a", "b", "ab", "ba", "foo", "foo.txt", "b.txt", ".env", "a b", "x^y", "[z]", "é", "q+r", "$d", "(p)", "-")
ODD = (r"\[z]", r"\a", r"a\ b", "x^*", "*^y", "a**", "**b", "b**a", "foo*txt", "[.]env", "[é]", "***", "[[]z]")
PARTS = (*NAMES, *NAMES, *ODD, "*", "*", "**", "**", "a*", "*b", "?", "f?o", "*.txt", "*.*", "[ab]", "[^a]", "[a-f]oo")
FORMS = ("{}", "{}", "{}", "/{}", "./{}", "{}/", "  {} ", "{}//", "../{}", "a/../{}", "{}/.", "{}\r", "\t{}")


@dataclass(frozen=True)
class Fresh:
    """An engine of its own, without layers and contexts of earlier builds."""

    config: Config
    environ: Mapping[str, str]

    def docker(self, *words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        argv = ["docker", *words]
        return subprocess.run(
            argv, env=dict(self.environ), cwd=cwd, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture(scope="module")
def fresh() -> Iterator[Fresh]:
    """Started for these tests alone, and gone in the end."""
    with spacious() as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "DRYDOCK_"))}
        home = {"DRYDOCK_HOME": f"{folder}/h", "DOCKER_CONFIG": f"{folder}/settings"}
        environ = {**kept, **home, "DOCKER_HOST": f"unix://{folder}/h/engine/docker.sock"}
        settings = config.load(folder, environ)
        try:
            daemon.start(settings, events.silent)
            yield Fresh(settings, environ)
        finally:
            daemon.stop(settings, events.silent)
            leftovers.remove_data(place.of(settings), place.environ(settings))


@dataclass(frozen=True)
class Plant:
    """A tree to build from: bytes by path, other things by path, the instructions, ignore file and named contexts."""

    name: str
    files: Mapping[str, int]
    lines: str
    ignored: str = ""
    other: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    args: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    named: bool = False  # the ignore file is the Dockerfile's own

    def make(self, root: Path) -> Image:
        folder = root / self.name
        _write(folder, self.files)
        for path, what in self.other.items():
            _special(folder, path, what)
        (folder / "Dockerfile").write_text(f"FROM scratch\n{self.lines}\n")
        if self.ignored:
            (folder / ("Dockerfile.dockerignore" if self.named else ".dockerignore")).write_text(self.ignored)
        contexts = {}
        for name, files in self.contexts.items():
            _write(root / f"{self.name}-{name}", files)
            contexts[name] = str(root / f"{self.name}-{name}")
        return Image(self.name, folder, folder / "Dockerfile", "", self.target, self.args, contexts)


def _write(folder: Path, files: Mapping[str, int]) -> None:
    for path, size in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(random.Random(f"{folder.name}/{path}").randbytes(size))


def _special(folder: Path, path: str, what: str) -> None:
    kind, _, value = what.partition(":")
    there = folder / path
    there.parent.mkdir(parents=True, exist_ok=True)
    if kind == "link":
        there.symlink_to(value)
    elif kind == "twin":
        there.hardlink_to(folder / value)
    elif kind == "folder":
        there.mkdir()
    elif kind == "pipe":
        os.mkfifo(there)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(os.path.relpath(there))
    elif kind == "mode":
        there.chmod(int(value, 8))


MANY = {f"src/deep/er/file{number}.txt": number % 7 for number in range(1500)}
WEB = {"package.json": 900, "lock.json": 90_000, "src/a.js": 4000, "node_modules/x/index.js": 70_000, ".git/p": 60_000}
KEPT = {"docs/a.md": 30_000, "docs/keep/b.md": 20_000, "docs/keep/c.txt": 9000, "README.md": 800}

PLANTS = (
    Plant("everything", {"a": 100_000, "b/c": 50_000}, "COPY . /"),
    Plant("one-file", {"a": 100_000, "b": 50_000}, "COPY b /"),
    Plant("one-folder", {"a/x": 100_000, "a/y/z": 70_000, "b": 50_000}, "COPY a /a"),
    Plant("wildcard", {"a.txt": 60_000, "b.txt": 50_000, "c.bin": 90_000}, "COPY *.txt /"),
    Plant("wildcard-above", {"p/go": 60_000, "q/go": 50_000, "q/no": 90_000}, "COPY */go /"),
    Plant("set", {"a1": 60_000, "b1": 50_000, "c1": 90_000}, "COPY [ab]1 /"),
    Plant("exec-form", {"a b": 60_000, "c": 50_000}, 'COPY ["a b", "/"]'),
    Plant("variable", {"one/x": 60_000, "two/x": 50_000}, "ARG WHICH=one\nENV AT=$WHICH/x\nCOPY ${AT} /"),
    Plant("argument", {"one/x": 60_000, "two/x": 50_000}, "ARG WHICH=one\nCOPY $WHICH /", args={"WHICH": "two"}),
    Plant("add", {"a": 60_000, "b": 50_000}, "ADD --chown=1:1 a /x/"),
    Plant("heredoc", {"a": 60_000}, "COPY <<EOF /x\ntext\nEOF"),
    Plant("nothing", {"a": 60_000}, "LABEL a=b"),
    Plant("many-small", MANY, "COPY src /"),
    Plant("many-empty", {f"n{number}": 0 for number in range(900)}, "COPY . /"),
    Plant("ignored", WEB, "COPY . /", "node_modules\n.git\n"),
    Plant("not-ignored", WEB, "COPY . /"),
    Plant("ignored-and-not-asked", WEB, "COPY src /", "node_modules\n"),
    Plant("own-ignore-file", WEB, "COPY . /", "**/*.js\n", named=True),
    Plant("taken-back", KEPT, "COPY . /", "docs\n!docs/keep\ndocs/keep/*.txt\n"),
    Plant("taken-back-anywhere", KEPT, "COPY docs /", "*\n!**/*.md\n"),
    Plant("link", {"a/big": 80_000, "b": 90_000}, "COPY l /", other={"l": "link:a/big"}),
    Plant("link-to-folder", {"a/big": 80_000, "b": 90_000}, "COPY l/big /", other={"l": "link:a"}),
    Plant("link-outside", {"a": 80_000}, "COPY . /", other={"l": "link:/etc", "gone": "link:nowhere"}),
    Plant("links-in-a-ring", {"a": 80_000}, "COPY . /", other={"l": "link:m", "m": "link:l"}),
    Plant("twins", {"a/x": 80_000}, "COPY a /", other={"a/y": "twin:a/x", "b": "twin:a/x"}),
    Plant("pipe-and-socket", {"a": 80_000}, "COPY . /", other={"p": "pipe:", "s": "socket:"}),
    Plant("empty-folders", {"a": 80_000}, "COPY . /", other={"e": "folder:", "f": "folder:", "s/t": "folder:"}),
    Plant("modes", {"a": 80_000, "b": 1}, "COPY . /", other={"a": "mode:4755", "b": "mode:600"}),
    Plant("odd-names", {"ä ö/%": 40_000, "new\nline": 30_000, "-": 100, "tab\t": 9}, "COPY . /"),
    Plant("far-down", {"/".join("abcdefghij" * 4): 80_000}, "COPY a/b /"),
    Plant("stage-not-needed", {"a": 80_000, "b": 90_000}, "COPY a /\nFROM scratch AS last\nCOPY b /", target="last"),
    Plant(
        "stage-below", {"a": 80_000, "b": 90_000}, "COPY a /\nFROM 0 AS t\nFROM scratch\nCOPY --from=0 a b\nCOPY b /"
    ),
    Plant("named", {"a": 80_000}, "COPY --from=x b /", contexts={"x": {"b": 50_000, "c": 60_000}}),
    Plant("named-all", {"a": 80_000}, "COPY a /\nCOPY --from=x . /", contexts={"x": {"b": 50_000, "c/d": 60_000}}),
    Plant("named-base", {"a": 80_000}, "FROM x\nLABEL a=b", contexts={"x": {"b": 50_000, "c/d": 60_000}}),
)


@dataclass(frozen=True)
class Sent:
    """Bytes of a first transfer: what was predicted, and what the engine counted."""

    predicted: int
    counted: int


@pytest.fixture(scope="module")
def sent(fresh: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sent]:
    root = tmp_path_factory.mktemp("trees")
    images = [plant.make(root) for plant in PLANTS]
    progress = _bake(fresh, root, images)
    predicted = {image.name: sum(one.transfer for one in _contexts(fresh, image)) for image in images}
    return {name: Sent(size, progress.context_bytes(name)) for name, size in predicted.items()}


@pytest.mark.parametrize("name", [plant.name for plant in PLANTS])
def test_a_first_transfer_takes_what_was_predicted(sent: Mapping[str, Sent], name: str) -> None:
    one = sent[name]
    assert abs(one.predicted - one.counted) <= max(TOLERANCE, one.counted // 100), one


def test_nearly_every_prediction_is_right_to_the_byte(sent: Mapping[str, Sent]) -> None:
    wrong = {name: one for name, one in sent.items() if one.predicted != one.counted}
    assert len(wrong) <= len(sent) // 10, wrong


def test_the_ignore_rules_are_the_engines(fresh: Fresh, tmp_path: Path) -> None:
    """Many cases to a build: most contexts hold one, some hold several, each in a folder of its own."""
    cases = list(dict.fromkeys(_cases(random.Random(20), 2 * CASES)))
    assert len(cases) >= 500
    alone, shared = cases[:CASES], cases[CASES:]
    texts = alone + [_together(shared[at : at + len(FOLDERS)]) for at in range(0, len(shared), len(FOLDERS))]
    wrong = {}
    for first in range(0, len(texts), PER_BUILD):
        some = {f"c{at}": text for at, text in enumerate(texts[first : first + PER_BUILD], first)}
        for name, text in some.items():
            for folder in FOLDERS if text.startswith(f"# {FOLDERS[0]}") else ("",):
                _plain_tree(tmp_path / name / folder)
            (tmp_path / name / ".dockerignore").write_bytes(text.encode())
        kept = _copied(fresh, tmp_path, list(some))
        for name, text in some.items():
            predicted = {entry.path for entry in inputs.walk(tmp_path / name, ignore.parse(text)).entries}
            if predicted != (seen := kept.get(name, set())):
                wrong[text] = {"only predicted": predicted - seen, "only sent": seen - predicted}
    assert not wrong, f"{len(wrong)} of {len(texts)}: {list(wrong.items())[:5]}"


@pytest.mark.parametrize("line", ["[a", "a\\", "[a-]", "[]", "!", "x/[z-", "[^]"])
def test_what_the_engine_refuses_is_refused(fresh: Fresh, tmp_path: Path, line: str) -> None:
    _plain_tree(tmp_path / "tree")
    (tmp_path / "tree/.dockerignore").write_text(line)
    (tmp_path / "tree/Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    built = fresh.docker("buildx", "build", "--output=type=tar,dest=/dev/null", "tree", cwd=tmp_path)
    assert built.returncode != 0
    with pytest.raises(Misuse, match=r"\.dockerignore:1: "):
        ignore.parse(line)


def _contexts(fresh: Fresh, image: Image) -> tuple[context.Context, ...]:
    return context.of_image(fresh.config, image, {})


def _bake(fresh: Fresh, root: Path, images: Sequence[Image]) -> Progress:
    targets = {
        image.name: {
            "context": str(image.context),
            "dockerfile": str(image.dockerfile),
            "contexts": dict(image.contexts),
            "args": dict(image.args),
            "output": ["type=cacheonly"],
            **({"target": image.target} if image.target else {}),
        }
        for image in images
    }
    (root / "bake.json").write_text(json.dumps({"group": {"default": {"targets": list(targets)}}, "target": targets}))
    built = fresh.docker("buildx", "bake", "--progress=rawjson", "-f", "bake.json", cwd=root)
    assert built.returncode == 0, built.stderr[-3000:]
    progress, stream = Progress({name: name for name in targets}), Stream()
    for value in (*stream.feed(built.stderr.encode()), *stream.close()):
        if not isinstance(value, str):
            list(progress.absorb(value))
    return progress


def _plain_tree(root: Path) -> None:
    """The same tree for every case: each name as a file or a folder, some of them further down."""
    for at, name in enumerate(NAMES):
        below = NAMES[at % 7]
        if at % 3 == 0:
            (root / name / below).mkdir(parents=True)
            for file in (
                name + "/" + NAMES[(at + 3) % 16],
                f"{name}/{below}/{NAMES[(at + 5) % 16]}",
                f"{name}/foo.txt",
            ):
                (root / file).touch()
        else:
            (root / name).touch()


def _copied(fresh: Fresh, root: Path, names: Sequence[str]) -> dict[str, set[str]]:
    """Builds one image from many contexts; the paths that each of them left in it."""
    copies = "".join(f"COPY --from={name} . /{name}/\n" for name in names)
    (root / "Dockerfile").write_text(f"FROM scratch\n{copies}")
    (root / ".dockerignore").write_text("*\n")
    contexts = [f"--build-context={name}={name}" for name in names]
    built = fresh.docker("buildx", "build", *contexts, "--output=type=tar,dest=out.tar", ".", cwd=root)
    assert built.returncode == 0, built.stderr[-3000:]
    found: dict[str, set[str]] = {}
    with tarfile.open(root / "out.tar") as archive:
        for member in archive:
            name, _, path = member.name.strip("/").partition("/")
            if path:
                found.setdefault(name, set()).add(path)
    return found


def _together(cases: Sequence[str]) -> str:
    """Several cases as one ignore file, each held to a folder of its own."""
    lines = []
    for folder, text in zip(FOLDERS, cases, strict=False):
        lines.append(f"# {folder}")
        for line in text.removeprefix("\ufeff").split("\n"):
            words = line.strip()
            if words and not line.startswith("#"):
                sign = "!" * words.startswith("!")
                lines.append(f"{sign}{folder}/{words.removeprefix('!').strip()}")
    return "\n".join(lines)


def _cases(chance: random.Random, count: int) -> Iterator[str]:
    """Ignore files of one to six lines that can be read."""
    while count:
        text = "\n".join(_line(chance) for _ in range(chance.randint(1, 6)))
        text = "\ufeff" + text if chance.random() < 0.03 else text
        try:
            ignore.parse(text)
        except Misuse:
            continue
        count -= 1
        yield text + chance.choice(("", "\n"))


def _line(chance: random.Random) -> str:
    if chance.random() < 0.04:
        return chance.choice(("", "# a", " # a", "  ", ".", "/"))
    path = "/".join(chance.choice(PARTS) for _ in range(chance.choice((1, 1, 1, 2, 2, 3))))
    line = chance.choice(FORMS).format(path)
    return chance.choice(("!", "! ")) + line if chance.random() < 0.35 else line

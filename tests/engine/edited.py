"""A small repository of four images, edits of every kind, and what must hold of `build --changed` after them."""

import io
import json
import random
import tarfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from drydock import command, config, events
from drydock.builds.report import Report
from drydock.commands import build
from drydock.commands.build import Request

DOCKERFILES = {
    "low": "FROM {base}\nARG LEVEL=none\nLABEL level=$LEVEL\nCOPY . /low\nCMD one\n",
    "middle": "FROM scratch\nCOPY src /src\nCOPY --from=shared . /shared\nCMD one\n",
    "upper": "FROM low\nCOPY lock /lock\nCMD one\n",
    "few": "FROM scratch\nCOPY lock to* /\nADD src/a.py /a.py\nCMD one\n",
}
IGNORE = "Dockerfile\n.dockerignore\nnotes\n*.log\n"
FILES = {"src/a.py": "a", "src/b.py": "b", "lock": "lock", "notes/today": "n", "x.log": "x", "tool": "t"}
AFRESH = frozenset(("base", "pruned"))  # what git does not know of


@dataclass(frozen=True)
class Repository:
    """The repository; `compose` is what its compose file says now, `bases` are images that served as base."""

    root: Path
    environ: Mapping[str, str]
    name: str
    compose: dict[str, dict[str, str]]
    bases: list[str]

    @property
    def base(self) -> str:
        return f"drydock-changed/{self.name}-base:1"

    def write(self) -> None:
        """The compose file."""
        services = {}
        for name in DOCKERFILES:
            more = {"shared": "shared"} if name == "middle" else {"low": "service:low"} if name == "upper" else {}
            section = {"context": name, "additional_contexts": more, **self.compose.get(name, {})}
            services[name] = {"image": f"drydock-changed/{self.name}-{name}:local", "build": section}
        (self.root / "compose.yaml").write_text(json.dumps({"name": "changed", "services": services}))

    def docker(self, *words: str, stdin: bytes | None = None) -> str:
        result = command.run(["docker", *words], env=self.environ, stdin=stdin)
        assert result.ok, result.err
        return result.out

    def git(self, *words: str) -> None:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
        result = command.run(["git", *identity, *words], env=self.environ, cwd=self.root)
        assert result.ok, result.err

    def rebase(self, content: str) -> None:
        """Put another image in the place of the base."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            info = tarfile.TarInfo("base")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content.encode()))
        self.bases.append(self.docker("import", "-", self.base, stdin=archive.getvalue()).strip())

    def build(self, **words: object) -> Report:
        settings = config.load(self.root, self.environ)
        report = build.run(settings, Request(**words), events.silent)  # type: ignore[arg-type]
        assert report.code == 0
        return report

    def forget(self) -> None:
        """Remove what was built."""
        listed = self.docker("image", "ls", "--format={{.Repository}}:{{.Tag}}", f"drydock-changed/{self.name}-*")
        self.docker("image", "rm", "--force", *listed.split(), *self.bases)


def make(root: Path, environ: Mapping[str, str]) -> Repository:
    """Write the repository, commit it and build everything."""
    repository = Repository(root, environ, uuid.uuid4().hex[:8], {}, [])
    repository.rebase("one")
    for name, text in DOCKERFILES.items():
        for path, content in {
            **FILES,
            "Dockerfile": text.format(base=repository.base),
            ".dockerignore": IGNORE,
        }.items():
            (root / name / path).parent.mkdir(parents=True, exist_ok=True)
            (root / name / path).write_text(content)
        (root / name / "to").symlink_to("lock")
    (root / "shared").mkdir()
    (root / "shared" / "money").write_text("1")
    (root / ".gitignore").write_text(".drydock\n")
    repository.write()
    repository.git("init", "--quiet")
    repository.build()
    return repository


Edit = Callable[[Repository, str, str], object]


def _append(path: str) -> Edit:
    def edit(repository: Repository, image: str, fresh: str) -> None:
        with (repository.root / image / path).open("a") as stream:
            stream.write(fresh)

    return edit


def _link(repository: Repository, image: str, fresh: str) -> None:
    link = repository.root / image / "to"
    target = "tool" if link.readlink() == Path("lock") else "lock"
    link.unlink()
    link.symlink_to(target)


def _mode(repository: Repository, image: str, fresh: str) -> None:
    path = repository.root / image / "lock"
    path.chmod(path.stat().st_mode ^ 0o111)


def _renamed(repository: Repository, image: str, fresh: str) -> None:
    path = next((repository.root / image / "src").glob("b*"))
    path.rename(path.with_name(f"b{fresh}"))


def _deleted(repository: Repository, image: str, fresh: str) -> None:
    path = repository.root / image / "src" / "c"
    path.unlink() if path.exists() else path.write_text("c")


def _given(key: str, value: str) -> Edit:
    def edit(repository: Repository, image: str, fresh: str) -> None:
        had = repository.compose.get(image, {})
        repository.compose[image] = {**had, key: {value: fresh}}  # type: ignore[dict-item]
        repository.write()

    return edit


def _command(repository: Repository, image: str, fresh: str) -> None:
    path = repository.root / image / "Dockerfile"
    path.write_text(path.read_text().replace("CMD one", f"ENV A={fresh}\nCMD one"))


def _touched(repository: Repository, image: str, fresh: str) -> None:
    (repository.root / image / "src" / "a.py").touch()


EDITS: Mapping[str, Edit] = {
    "source": _append("src/a.py"),
    "lock": _append("lock"),
    "unread": _append("tool"),
    "ignored": _append("notes/today"),
    "ignore comment": _append(".dockerignore"),
    "ignore": lambda repository, image, _: _append(".dockerignore")(repository, image, "\nsrc/b*\n"),
    "dockerfile comment": lambda repository, image, fresh: _append("Dockerfile")(repository, image, f"# {fresh}\n"),
    "command": _command,
    "argument": _given("args", "LEVEL"),
    "label": _given("labels", "of"),
    "base": lambda repository, _, fresh: repository.rebase(fresh),
    "shared": lambda repository, _, fresh: (repository.root / "shared" / "money").write_text(fresh),
    "mode": _mode,
    "link": _link,
    "deleted": _deleted,
    "renamed": _renamed,
    "touched": _touched,
    "pruned": lambda repository, image, _: repository.docker(
        "image", "rm", f"drydock-changed/{repository.name}-{image}:local"
    ),
}


@dataclass(frozen=True)
class Held:
    """What was held against full builds: the kinds of edits, how many images were asked about and how many left out."""

    kinds: frozenset[str]
    asked: int
    left_out: int


def hold(repository: Repository, rounds: int, seed: int) -> Held:
    """Edit, build what changed, then build everything: what was left out must come out as it was, from the cache.

    And what is left out as unchanged since a commit must be what that commit gave.
    """
    chance, made, deck, asked = random.Random(seed), set[str](), list[str](), list[bool]()
    before = {result.build.image: result.build.digest for result in repository.build().results}
    for number in range(rounds):
        repository.git("add", "--all")
        repository.git("commit", "--quiet", "--allow-empty", "--message", str(number))
        deck = deck or chance.sample(sorted(EDITS), len(EDITS))  # each kind once before any comes again
        kinds = [deck.pop(), *chance.sample(sorted(EDITS), chance.choice((0, 0, 1)))]
        for kind in kinds:
            EDITS[kind](repository, chance.choice(sorted(DOCKERFILES)), f"{seed}-{number}")
        with command.dry_run(True):
            since = repository.build(changed=True, since="HEAD")
        chosen = repository.build(changed=True)
        full = {result.build.image: result.build for result in repository.build().results}
        told = [(one.image, one.what, one.why) for one in chosen.choices]
        for one in chosen.choices:
            if not one.built:
                build_ = full[one.image]
                assert (build_.cached, build_.digest) == (build_.steps, before[one.image]), (kinds, told)
        for one in since.choices:
            if not one.built and not AFRESH & set(kinds):
                assert full[one.image].digest == before[one.image], (kinds, one)
        if set(kinds) <= {"ignored", "touched"}:
            assert not any(one.built for one in (*chosen.choices, *since.choices)), (kinds, told)
        before = {name: build_.digest for name, build_ in full.items()}
        made |= set(kinds)
        asked += [one.built for one in (*chosen.choices, *since.choices)]
    return Held(frozenset(made), len(asked), asked.count(False))

"""The five commands that are killed, each on a small repository of its own, and what holds there after a kill."""

import json
import sqlite3
import subprocess
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drydock import files
from drydock.measures import exchange
from drydock.measures.build import Build, Step

SERVICES = 20  # of the repository that is mended: each gives two files to write
BUILDS, STEPS = 300, 6  # in one import
KEY = 32  # bytes
CAPTURES = "docs/measurements/"
RUN = "RUN head -c 2000000 /dev/urandom > /made\nRUN cat /note > /copy\n"
TWO = "FROM python:3.12-slim AS {name}\nCOPY note /note\n" + RUN
SERVED = """\
FROM python:3.12-slim
COPY . /srv
RUN head -c 200000 /dev/urandom > /made
VOLUME /kept
EXPOSE 8000
CMD ["python", "-m", "http.server", "8000"]
"""
UNTIDY = "FROM python:3.12-slim\nCOPY . /srv\nRUN pip install --no-cache-dir -r /srv/requirements.txt\n"
Rows = Mapping[str, frozenset[tuple[object, ...]]]
KEPT = {  # what never changes of the rows; of grounds, the bodies of older builds are dropped with time
    **dict.fromkeys(("builds", "steps", "images", "image_layers", "image_parts", "layers"), "*"),
    "grounds": "build_id, why",
}
ORPHANS = {
    "a build without all its steps": (
        "SELECT id FROM builds WHERE steps != (SELECT count(*) FROM steps WHERE build_id = id)"
    ),
    "a step without its build": "SELECT 1 FROM steps WHERE build_id NOT IN (SELECT id FROM builds)",
    "a layer without its image": "SELECT 1 FROM image_layers WHERE digest NOT IN (SELECT digest FROM images)",
    "an image whose layers are not its bytes": (
        "SELECT 1 FROM builds JOIN images USING (digest) WHERE builds.disk_bytes !="
        " (SELECT sum(image_layers.disk_bytes) FROM image_layers WHERE image_layers.digest = builds.digest)"
    ),
    "a part without its image": "SELECT 1 FROM image_parts WHERE digest NOT IN (SELECT digest FROM images)",
    "grounds without their build": "SELECT 1 FROM grounds WHERE build_id NOT IN (SELECT id FROM builds)",
    "grounds without their body": "SELECT 1 FROM grounds WHERE digest NOT IN (SELECT digest FROM bodies)",
}


@dataclass(frozen=True)
class Subject:
    """A command and its repository: `fresh` makes it have something to do, `victims` are what can be killed of it.

    `whole` gives, beside the texts from before, others that files may have afterwards, by path.
    """

    name: str
    words: tuple[str, ...]
    root: Path
    victims: tuple[str, ...]
    fresh: Callable[[], None]
    whole: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def in_engine(self) -> bool:
        """Whether the engine is used at all."""
        return "engine" in self.victims

    def codes(self, victim: str) -> tuple[int, ...]:
        """What the command may end with after a kill; one that outlives it says what failed, and blames nobody else."""
        return (-9,) if victim in ("drydock", "all") else (0, 3, 4)


def build(root: Path) -> Subject:
    """Two images at once, of contexts that no build has seen, with layers to be weighed."""
    services = {}
    for name in ("one", "two"):
        _write(root, {f"{name}/Dockerfile": TWO.format(name=name)})
        services[name] = {"build": name, "image": f"killed/{name}:1"}
    _write(root, {"compose.yaml": json.dumps({"services": services})})

    def fresh() -> None:
        for name in services:
            _write(root, {f"{name}/note": uuid.uuid4().hex})

    fresh()
    return Subject("build", ("build",), root, ("drydock", "client", "engine", "all"), fresh)


def bench(root: Path) -> Subject:
    """A scenario on an engine of its own, and one on the engine in use."""
    _write(root, {"Dockerfile": "FROM scratch\nCOPY app.py /srv/\n", "app.py": "A = 1\n", ".drydock/.gitignore": "*\n"})
    words = ("bench", "--scenario=pristine", "--scenario=source-edit", "--runs=1", "--save=timed")
    return Subject("bench", words, root, ("drydock", "client", "engine"), lambda: None)


def prove(root: Path) -> Subject:
    """A service with a volume of its own: copies built, looked into, started, asked, fixed, and all that once more.

    What holds is written, and kept as a capture; git gives the files back each time.
    """
    compose = {"services": {"web": {"build": ".", "image": "killed/web:1", "volumes": ["data:/data"]}}}
    compose |= {"volumes": {"data": {}}}
    told = {
        "Dockerfile": SERVED,
        "app.py": "A = 1\n",
        "compose.yaml": json.dumps(compose),
        ".drydock/.gitignore": "*\n",
    }
    _write(root, told)
    _commit(root)
    words = ("prove", "--runs=0", "--keep", "--save=proof")
    return Subject("prove", words, root, ("drydock", "client", "engine"), lambda: _given_back(root))


def audit(root: Path) -> Subject:
    """Many files that are mended; git gives them back each time."""
    services = {f"s{number}": {"build": f"s{number}"} for number in range(SERVICES)}
    _write(root, {"compose.yaml": json.dumps({"services": services}), ".drydock/.gitignore": "*\n"})
    for name in services:
        _write(
            root, {f"{name}/Dockerfile": UNTIDY, f"{name}/requirements.txt": "# nothing\n", f"{name}/a.py": "A = 1\n"}
        )
    _commit(root)
    words = ("audit", "--fix", "--severity=error")
    return Subject("audit --fix", words, root, ("drydock", "client"), lambda: _given_back(root))


def ledger(root: Path) -> Subject:
    """Many builds taken into the ledger at once, each time others."""
    _write(root, {"Dockerfile": "FROM scratch\n", ".drydock/.gitignore": "*\n"})

    def fresh() -> None:
        begun = datetime.now(UTC)
        made = [_recorded((begun + timedelta(milliseconds=at)).isoformat()) for at in range(BUILDS)]
        files.replace(root / "builds.json", exchange.write(made))

    fresh()
    return Subject("ledger", ("builds", f"--import={root}/builds.json"), root, ("drydock",), fresh)


SUBJECTS: Mapping[str, Callable[[Path], Subject]] = {
    "prove": prove,
    "bench": bench,
    "build": build,
    "audit": audit,
    "ledger": ledger,
}


def contents(root: Path) -> dict[str, bytes]:
    """Every file of a repository but for what git and Drydock keep there."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".git", ".drydock"} & set(path.relative_to(root).parts)
    }


def rows(root: Path) -> Rows:
    """What the ledger holds, by table; opening it takes back what a killed writer left by half."""
    path = root / ".drydock" / "ledger.db"
    if not path.exists() or not path.stat().st_size:
        return {name: frozenset() for name in KEPT}
    with closing(sqlite3.connect(path)) as base:
        told = {name: f"SELECT {columns} FROM {name}" for name, columns in KEPT.items()}  # noqa: S608  names only
        return {name: frozenset(base.execute(query)) for name, query in told.items()}


def flaws(root: Path) -> list[str]:
    """What is wrong with what Drydock keeps in a repository: damage, and what is there by half."""
    state = root / ".drydock"
    found = [f".drydock/{path.name}" for path in sorted(state.glob("*.json")) if not _is_json(path.read_bytes())]
    if (key := state / "key").exists() and key.stat().st_size != KEY:
        found.append(".drydock/key")
    return [*_flaws_of_ledger(root), *found]


def _flaws_of_ledger(root: Path) -> list[str]:
    path = root / ".drydock" / "ledger.db"
    if not path.exists() or not path.stat().st_size:
        return []
    with closing(sqlite3.connect(path)) as base:
        said = [row for (row,) in base.execute("PRAGMA integrity_check") if row != "ok"]
        said += [what for what, query in ORPHANS.items() if base.execute(query).fetchall()]
        for name, body in base.execute("SELECT name, body FROM reports"):
            try:
                json.loads(body)
            except ValueError:
                said.append(f"the report {name} is cut off")
    return said


def torn(before: Mapping[str, bytes], after: Mapping[str, bytes], whole: Mapping[str, bytes]) -> list[str]:
    """The files that are neither as they were nor as the command writes them; unfinished ones count by themselves."""
    found = [path for path in before if path not in after]
    for path, data in after.items():
        known = [one[path] for one in (before, whole) if path in one]
        is_capture = path.startswith(CAPTURES) and _is_json(data)  # what was measured is otherwise each time
        if data not in known and not is_capture and not files.is_unfinished(path):
            found.append(path)
    return found


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def _recorded(started: str) -> Build:
    steps = tuple(Step("web", "app", f"RUN {at}", at, 0.0, 1.0, cached=False) for at in range(STEPS))
    return Build(
        **{"image": "web", "tag": "web:1", "started": started, "commit": None, "dirty": False},  # type: ignore[arg-type]
        **{"platform": "linux/amd64", "engine": "26", "store": "overlay2", "bases": (), "standin": False},  # type: ignore[arg-type]
        **{"outcome": "done", "seconds": 1.0, "steps": STEPS, "cached": 0, "context_bytes": 1, "detail": steps},  # type: ignore[arg-type]
    )


def _write(root: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def _commit(root: Path) -> None:
    _git(root, "init", "--quiet")
    _git(root, "add", "--all")
    _git(root, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=as it was")


def _given_back(root: Path) -> None:
    """The repository as it was committed; what Drydock keeps there stays."""
    _git(root, "checkout", "--quiet", "--", ".")
    _git(root, "clean", "-d", "--force", "--quiet", "--exclude=.drydock")


def _git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)  # noqa: S603, S607

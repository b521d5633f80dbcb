"""Seeded defects found and missed: Drydock's audit beside hadolint, tally, dclint, zizmor and `docker build --check`.

The defects are those of tests/defects, written before the rules. The tools come from the package index into a throwaway
environment; --tools names a folder that keeps them.

python bench/defects.py --save defects
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import peers  # noqa: E402
from drydock import config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.measures import capture, defect_tables, evidence  # noqa: E402
from drydock.text import table  # noqa: E402
from tests.defects import loader, tables  # noqa: E402
from tests.defects.values import Defect, Expected  # noqa: E402


@dataclass(frozen=True)
class Score:
    """What one tool made of all defects: (defect, code) found, and what it held against clean repositories."""

    found: frozenset[tuple[str, str]]
    alarms: int


def main(words: Sequence[str] | None = None) -> None:
    """Run every tool on every defect, print the table, and keep it if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--save", default="", help="write the capture to docs/measurements under this name")
    parser.add_argument("--tools", default="", help="folder that holds, or gets, the tools (default: a temporary one)")
    parser.add_argument("--only", action="append", default=[], help="only this tool; repeat for several")
    asked = parser.parse_args(words)
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    with tempfile.TemporaryDirectory(prefix="drydock-defects-") as name:
        folder = Path(name)
        tools = peers.install(Path(asked.tools).resolve() if asked.tools else folder / "tools", found.environ)
        known, absent = available(tools, folder, found)
        chosen = [one for one in known if not asked.only or one.name in asked.only]
        scores = {one.name: score(one, tools, folder / "cases") for one in chosen}
        versions = peers.versions(tools, folder, [one.name for one in chosen if one in peers.PEERS])
    made = document(scores, absent)
    header, rows = defect_tables.found(made)
    say("\n".join([table(header, rows, right=range(1, len(header))), *defect_tables.absent(made)]))
    if asked.save:
        line = f"python bench/defects.py --save {asked.save}"
        head = capture.header(settings, found, kind="defects", command=line, bases=[])
        head["versions"] = {**head["versions"], **versions}
        path = evidence.save(ROOT, asked.save, {**head, **made})
        say(f"\nwritten: {path.relative_to(ROOT)}")


def available(tools: peers.Tools, folder: Path, found: engine.Engine) -> tuple[list[peers.Peer], dict[str, str]]:
    """The tools that can run here, Drydock first; and why others cannot."""
    chosen = [peers.Peer("drydock", {code: code for code in tables.CODES}, _ours, alone=False), *peers.PEERS]
    if peers.can_check(tools, folder):
        return [*chosen, peers.BUILD_CHECK], {}
    return chosen, {peers.BUILD_CHECK.name: f"buildx {found.buildx} with engine {found.version} has no --check"}


def _ours(tools: peers.Tools, case: peers.Case) -> Any:
    mine = {**tools.environ, "PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{tools.environ['PATH']}"}
    return peers.drydock(replace(tools, folder=Path(sys.executable).parent.parent, environ=mine), case)


def score(peer: peers.Peer, tools: peers.Tools, folder: Path) -> Score:
    """Let one tool look at every clean repository and at every defect."""
    clean = {name: look(peer, tools, loader.clean(name), folder / "clean" / name) for name in loader.names()}
    alarms = sum(times for seen in clean.values() for (code, _), times in seen.items() if code)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        places = [folder / "cases" / str(number) for number in range(len(tables.DEFECTS))]
        seen = list(
            pool.map(lambda one, place: look(peer, tools, loader.files(one), place, one), tables.DEFECTS, places)
        )
    found = {
        (one.id, expected.code)
        for one, had in zip(tables.DEFECTS, seen, strict=True)
        for expected in one.expected
        if is_found(expected, had, clean[one.repository])
    }
    say(f"{peer.name}: {len(found)} of {len(wanted(tables.DEFECTS))}", progress=True)
    return Score(frozenset(found), alarms)


def look(
    peer: peers.Peer, tools: peers.Tools, files: Mapping[str, bytes], place: Path, defect: Defect | None = None
) -> Counter[tuple[str, str]]:
    """How often each of our codes is spoken of, file by file.

    A tool that reads one file at a time is shown only those that the defect changes: of the others it would say what
    it says of the clean repository.
    """
    if not place.exists():
        place.mkdir(parents=True)
        loader.write(files, place)
    names = sorted(files)
    if defect and peer.alone:
        changed = {change.path for change in defect.changes}
        ignored = any(path.endswith(".dockerignore") for path in changed)
        names = [path for path in names if path in changed or (ignored and is_dockerfile(path))]
    case = peers.Case(
        root=place,
        dockerfiles=tuple(place / one for one in names if is_dockerfile(one)),
        compose=tuple(place / one for one in names if Path(one).name.startswith("compose")),
        workflows=tuple(place / one for one in names if one.startswith(".github/") and one.endswith((".yml", ".yaml"))),
    )
    return Counter((code, seen.path) for seen in peer.look(tools, case) for code in peer.codes(seen.rule))


def is_dockerfile(path: str) -> bool:
    """Whether its name says so; ignore files are named after Dockerfiles too."""
    return "dockerfile" in path.lower() and not path.endswith(".dockerignore")


def is_found(expected: Expected, had: Mapping[tuple[str, str], int], clean: Mapping[tuple[str, str], int]) -> bool:
    """Whether the tool says more of this than it says of the clean repository.

    That an ignore file hides what is copied may be said of either file.
    """
    places = (
        {path for _, path in had} if expected.code in ("ignore-hides-copied", "ignore-missing") else {expected.path}
    )
    return any(had.get((expected.code, path), 0) > clean.get((expected.code, path), 0) for path in places)


def wanted(defects: Sequence[Defect]) -> set[tuple[str, str]]:
    """Every (defect, code) that is to be found."""
    return {(one.id, expected.code) for one in defects for expected in one.expected}


def document(scores: Mapping[str, Score], absent: Mapping[str, str]) -> dict[str, Any]:
    """Each defect with its codes, and which tools found them; `absent` are the tools that cannot run, with reasons."""
    single = {one.id for one in tables.SINGLE}
    return {
        "repositories": loader.names(),
        "absent": dict(absent),
        "defects": [
            {
                "id": one.id,
                "combined": one.id not in single,
                "codes": {
                    code: [name for name, score in scores.items() if (one.id, code) in score.found]
                    for code in sorted({expected.code for expected in one.expected})
                },
            }
            for one in tables.DEFECTS
        ],
        "alarms": {name: score.alarms for name, score in scores.items()},
    }


def say(text: str, *, progress: bool = False) -> None:
    """A line of the result, or of progress."""
    stream = sys.stderr if progress else sys.stdout
    stream.write(text + "\n")
    stream.flush()


if __name__ == "__main__":
    main()

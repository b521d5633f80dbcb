"""Proofs of other repositories, one after the other: what their fixes are worth, and which of them do not hold.

Fetches nothing: python bench/prove.py --level safe --save public FOLDER FOLDER…
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from drydock import config  # noqa: E402
from drydock.commands import prove  # noqa: E402
from drydock.console import Console  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.errors import Problem  # noqa: E402
from drydock.events import Note, Tell  # noqa: E402
from drydock.measures import capture, evidence, proof_tables  # noqa: E402
from drydock.text import table  # noqa: E402

KEPT = ("images", "services", "kept", "taken_back", "not_tried", "unestablished", "level", "runs")


def main(words: Sequence[str] | None = None) -> int:
    """Prove each folder, show the table, and keep it; a folder that cannot be proven is told with the reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="+", help="folders of repositories; nothing in them is changed")
    parser.add_argument("--level", default="safe", choices=prove.LEVELS, help="which fixes (default: safe)")
    parser.add_argument("--runs", type=int, default=3, help="how often each scenario is timed (default: 3)")
    parser.add_argument("--save", default="", help="write the capture to docs/measurements under this name")
    asked = parser.parse_args(words)
    evidence.checked(asked.save or "unnamed")
    folders = {Path(one).resolve().name: Path(one) for one in asked.folders}
    if len(folders) < len(asked.folders):
        parser.error("two of the folders have the same name")
    with Console.of(os.environ) as console:
        request = prove.Request(level=asked.level, runs=asked.runs)
        found = {name: proven(folder, request, console.tell) for name, folder in folders.items()}
        document = {**head(asked, found), "runs": asked.runs, "repositories": found}
        console.give(document, table(*proof_tables.several(document)))
        if asked.save:
            evidence.save(ROOT, asked.save, document)
    return 0


def proven(folder: Path, request: prove.Request, tell: Tell) -> dict[str, Any]:
    """The proof of one repository as it is saved, or why there is none."""
    tell(Note(f"== {folder.name}"))
    try:
        report = prove.run(config.load(folder, os.environ), request, tell, date.today())
    except Problem as problem:
        return {"trouble": problem.message}
    return {"trouble": "", "bases": report.capture["bases"], **{name: report.capture[name] for name in KEPT}}


def head(asked: argparse.Namespace, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the capture begins with; the bases are those of all repositories."""
    here = config.load(ROOT, os.environ)
    bases = {base["name"]: base for one in found.values() for base in one.get("bases", ())}
    line = f"python bench/prove.py --level {asked.level} --runs {asked.runs} {' '.join(found)}"
    return capture.header(here, engine.find(here), kind="proofs", command=line, bases=[*bases.values()])


if __name__ == "__main__":
    sys.exit(main())

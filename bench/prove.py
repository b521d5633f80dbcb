"""Public repositories audited and proven: what their fixes are worth, which do not hold, how much of it is false.

Fetches what bench/public.toml names, as it was at a commit, and keeps nothing of it:
python bench/prove.py --level safe --save public
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import public  # noqa: E402
from drydock import config  # noqa: E402
from drydock.commands import audit, prove  # noqa: E402
from drydock.console import Console  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.errors import Problem  # noqa: E402
from drydock.events import Note, Tell, silent  # noqa: E402
from drydock.measures import capture, evidence, proof_tables  # noqa: E402
from drydock.text import table  # noqa: E402

KEPT = ("images", "services", "kept", "taken_back", "not_tried", "unestablished", "level", "runs")


def main(words: Sequence[str] | None = None) -> int:
    """Audit and prove each repository, show the table, and keep it; where there is no proof the reason is told."""
    asked = _asked(words)
    evidence.checked(asked.save or "unnamed")
    table_of = public.read(ROOT / "bench/public.toml")
    places = [one for one in table_of if not asked.only or any(word in one.title for word in asked.only)]
    places = [public.Place(str(Path(one).resolve()), "") for one in asked.folders] or places
    with Console.of(os.environ) as console, tempfile.TemporaryDirectory(prefix="drydock-public-") as scratch:
        request = prove.Request(level=asked.level, runs=asked.runs)
        found, document = dict[str, dict[str, Any]](), dict[str, Any]()
        for one in sorted(places, key=lambda place: place.build):  # audits first: they take seconds
            found[one.title] = looked(one, Path(scratch), asked, request, console.tell)
            both = {**earlier(asked), **found}
            kept = {place.title: both[place.title] for place in (*table_of, *places) if place.title in both}
            document = {**head(asked, kept), "level": asked.level, "repositories": kept}
            if asked.save:  # after each, since all of them take long
                evidence.save(ROOT, asked.save, document)
        console.give(document, table(*proof_tables.several(document)))
    return 0


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="*", help="folders to prove instead; nothing in them is changed")
    parser.add_argument("--from", dest="source", type=Path, help="folder of git directories OWNER+NAME, not the host")
    parser.add_argument(
        "--only", action="append", default=[], help="only those whose name holds this; --save keeps the others"
    )
    parser.add_argument("--level", default="safe", choices=prove.LEVELS, help="which fixes (default: safe)")
    parser.add_argument("--runs", type=int, default=3, help="timings of each scenario (default: 3; 0: none)")
    parser.add_argument("--save", default="", help="write the capture to docs/measurements under this name")
    return parser.parse_args(words)


def earlier(asked: argparse.Namespace) -> Mapping[str, Any]:
    """What the capture that is written anew in part says of the others; each says how often it was timed itself."""
    if not (asked.save and asked.only and (evidence.folder(ROOT) / f"{asked.save}.json").is_file()):
        return {}
    held = evidence.load(ROOT, asked.save)
    return held["repositories"] if held["level"] == asked.level else {}


def looked(
    place: public.Place, scratch: Path, asked: argparse.Namespace, request: prove.Request, tell: Tell
) -> dict[str, Any]:
    """What is kept of one repository: the audit held against what was judged, and the proof or why there is none."""
    tell(Note(f"== {place.title}"))
    kept: dict[str, Any] = {"commit": place.commit, "audit": None, "trouble": "" if place.build else "audited alone"}
    try:
        root = public.fetch(place, scratch, asked.source, os.environ) if place.commit else Path(place.name)
        settings = config.load(root, os.environ)
        report = audit.run(settings, audit.Request(severity="note"), tell=silent, today=date.today())
        kept["audit"] = public.counted(place, report.findings)
        if not place.build:
            return kept
        proof = prove.run(settings, request, tell, date.today()).capture
    except Problem as problem:
        return {**kept, "trouble": problem.message}
    return {**kept, "bases": proof["bases"], **{name: public.unhosted(proof[name]) for name in KEPT}}


def head(asked: argparse.Namespace, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the capture begins with; the bases are those of all repositories."""
    here = config.load(ROOT, os.environ)
    bases = {base["name"]: base for one in found.values() for base in one.get("bases", ())}
    line = f"python bench/prove.py --level {asked.level} --runs {asked.runs}"
    line += f" --save {asked.save}" if asked.save else ""
    return capture.header(here, engine.find(here), kind="proofs", command=line, bases=[*bases.values()])


if __name__ == "__main__":
    sys.exit(main())

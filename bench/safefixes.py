"""Safe fixes of every seeded defect, shown to hold: both variants are built by the real engine, compared and started.

The defects are those of tests/defects: python bench/safefixes.py --save safe-fixes
"""

import argparse
import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.safe import cases, mountshare, proving  # noqa: E402
from bench.safe.cases import Case  # noqa: E402
from bench.safe.pairs import Shop  # noqa: E402
from drydock import config  # noqa: E402
from drydock.config import Config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.engines.engine import Engine  # noqa: E402
from drydock.measures import capture, evidence, safe_fix_tables  # noqa: E402
from drydock.text import table  # noqa: E402
from tests.defects import tables  # noqa: E402

TOGETHER = 10  # cases that are built and started at once


def main(words: Sequence[str] | None = None) -> int:
    """Prove all that is asked for, show the table, and keep it; 1 where a fix does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--one-in", type=int, default=1, help="build only each Nth defect (default: all)")
    parser.add_argument("--only", default="", help="build only defects whose name holds this")
    parser.add_argument("--save", default="", help="write the capture to docs/measurements under this name")
    asked = parser.parse_args(words)
    evidence.checked(asked.save or "unnamed")
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    chosen = cases.cases([one for one in tables.DEFECTS if asked.only in one.id])
    document = proven(settings, found, chosen, lambda text: say(text, sys.stderr), one_in=asked.one_in)
    say(table(*safe_fix_tables.rows(document)), sys.stdout)
    for line in safe_fix_tables.odd(document):
        say(line, sys.stdout)
    if asked.save:
        say(f"\nwritten: {evidence.save(ROOT, asked.save, document).relative_to(ROOT)}", sys.stderr)
    return 0 if not safe_fix_tables.broken(document) else 1


def proven(
    settings: Config, found: Engine, chosen: Sequence[Case], tell: Callable[[str], None], *, one_in: int = 1
) -> dict[str, Any]:
    """The capture of these cases; of those whose fixes enter a build, each `one_in`th is built."""
    entering = [case for case in chosen if case.changed][::one_in]
    results, bases = list[dict[str, Any]](), dict[str, Mapping[str, str]]()
    for group in grouped(entering):
        with tempfile.TemporaryDirectory(prefix="drydock-safe-fixes-") as name:
            shop = Shop(settings, found, Path(name).resolve(), uuid.uuid4().hex[:12])
            judged, used = proving.prove(shop, group)
        came = [asdict(one) for one in judged]
        results += came
        bases |= {base["name"]: base for base in used}
        tell(f"{len(results)} of {len(entering)}: {group[-1].defect.id}")
        for one in safe_fix_tables.broken({"results": came}):
            tell(f"does not hold: {one}")
    line = "python bench/safefixes.py" + (f" --one-in {one_in}" if one_in > 1 else "")
    head = capture.header(settings, found, kind="safe-fixes", command=line, bases=list(bases.values()))
    return {**head, "repositories": repositories(chosen), "results": results}


def repositories(chosen: Sequence[Case]) -> dict[str, Any]:
    """By repository: how many defects, how many that safe mode changes, and the installs that have no mount."""
    found = dict[str, Any]()
    for case in chosen:
        one = found.setdefault(case.defect.repository, {"defects": 0, "fixed": 0, "bare": []})
        one["defects"] += 1
        one["fixed"] += bool(case.fixed.changed)
        one["bare"] += [asdict(install) for install in mountshare.bare(case)]
    return found


def grouped(chosen: Sequence[Case]) -> Iterator[list[Case]]:
    """The cases in groups that share layers: of one repository, TOGETHER at most."""
    for name in dict.fromkeys(case.defect.repository for case in chosen):
        own = [case for case in chosen if case.defect.repository == name]
        yield from (own[at : at + TOGETHER] for at in range(0, len(own), TOGETHER))


def say(text: str, stream: Any) -> None:
    """A line of the result, or of progress."""
    stream.write(text + "\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())

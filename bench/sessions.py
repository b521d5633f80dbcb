"""What the tests of a nox session show and measure, kept for the documents: their own verdicts, seconds and figures.

A test measures with pytest's `record_property`; `NAME [s]` and `NAME [bytes]` have units. A session that fails leaves
no capture. Run it as root, after `inv build`: python bench/sessions.py faults --save hostile=test_hostile
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from drydock import config  # noqa: E402
from drydock.bases import bases  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.events import silent  # noqa: E402
from drydock.measures import capture, evidence, session_tables  # noqa: E402
from drydock.text import table  # noqa: E402

BASES = ("python:3.12-slim",)
OFF_THE_ENGINE = {"lint", "tests", "wheel"}  # no base image is under what they test


def main(words: Sequence[str] | None = None) -> int:
    """Run a session, show what it showed, and keep the parts that are asked for; its exit code where it fails."""
    given = [*(sys.argv[1:] if words is None else words)]
    end = given.index("--") if "--" in given else len(given)
    tests = given[end + 1 :]
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n")[0], usage="%(prog)s SESSION [--save NAME[=MODULE,…]]… [-- WORDS…]"
    )
    parser.add_argument("session", help="the nox session; words behind -- are for its pytest")
    parser.add_argument(
        "--save",
        action="append",
        default=[],
        metavar="NAME[=MODULE,…]",
        help="write the cases of these modules to docs/measurements under this name; repeat for several",
    )
    asked = parser.parse_args(given[:end])
    parts = {
        name: [*filter(None, modules.split(","))] for name, _, modules in (one.partition("=") for one in asked.save)
    }
    for name in parts:
        evidence.checked(name)
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        report = Path(folder, "report.xml")
        argv = [sys.executable, "-m", "nox", "-s", asked.session, "--", f"--junitxml={report}", *tests]
        if code := subprocess.run(argv, cwd=ROOT, check=False).returncode:  # noqa: S603
            return code
        cases = [*read(report.read_text(encoding="utf-8"))]
    sys.stdout.write(table(*session_tables.rows({"cases": cases}), right=session_tables.NUMBERS) + "\n")
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    used = () if asked.session in OFF_THE_ENGINE else bases.resolve(settings, found, BASES, silent)
    line = " ".join(
        ["python bench/sessions.py", asked.session, *(f"--save {one}" for one in asked.save)]
        + (["--", *tests] if tests else [])
    )
    origins = [{"name": base.name, "origin": base.origin.value} for base in used]
    head = capture.header(settings, found, kind="session", command=line, bases=origins)
    for name, modules in parts.items():
        kept = [case for case in cases if not modules or case["module"] in modules]
        path = evidence.save(ROOT, name, {**head, "session": asked.session, "cases": kept})
        sys.stdout.write(f"written: {path.relative_to(ROOT)}\n")
    return 0


def read(report: str) -> Iterator[dict[str, Any]]:
    """The cases of a report as JUnit has it: module, test, seconds, why it was skipped ("" if it ran), figures."""
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314  pytest wrote it just now
        skipped = case.find("skipped")
        yield {
            "module": case.get("classname", "").rpartition(".")[2],
            "test": case.get("name", "").partition("[")[0],
            "seconds": round(float(case.get("time", "0")), 2),
            "skipped": "" if skipped is None else skipped.get("message", ""),
            "figures": {one.get("name", ""): json.loads(one.get("value", "0")) for one in case.iter("property")},
        }


if __name__ == "__main__":
    sys.exit(main())

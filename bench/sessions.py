"""What the tests of a nox session show and measure, kept for the documents: their own verdicts, seconds and figures.

A test measures with pytest's `record_property`; `NAME [s]` and `NAME [bytes]` have units. A session that fails leaves
no capture. Run it as root, after `inv build`: python bench/sessions.py faults --save hostile=test_hostile
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from drydock import config  # noqa: E402
from drydock.bases import bases  # noqa: E402
from drydock.config import Config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.engines.engine import Engine  # noqa: E402
from drydock.errors import Misuse, Problem  # noqa: E402
from drydock.events import silent  # noqa: E402
from drydock.measures import capture, evidence, session_tables  # noqa: E402
from drydock.text import table  # noqa: E402

BASES = ("python:3.12-slim",)
OFF_THE_ENGINE = {"tests", "wheel"}  # no base image is under what they test
Case = dict[str, Any]
Parts = Mapping[str, Sequence[str]]  # captures by name, with the modules whose cases each keeps; none: all


def main(words: Sequence[str] | None = None) -> int:
    """Run a session, show what it showed, and keep the parts that are asked for; its exit code where it fails."""
    asked, tests = _asked([*(sys.argv[1:] if words is None else words)])
    try:
        parts = wanted(asked.save)
        settings = config.load(ROOT, os.environ)
        found = engine.find(settings) if parts else None
        code, report = ran(asked.session, tests)
        if code:
            return code
        cases = [*read(report)]
        sys.stdout.write(table(*session_tables.rows({"cases": cases}), right=session_tables.NUMBERS) + "\n")
        if found:
            keep(head(settings, found, asked, tests), chosen(cases, parts))
    except Problem as problem:
        sys.stderr.write(f"error: {problem.message}: {problem.remedy}\n")
        return problem.code
    return 0


def _asked(words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """What is asked for, and the words behind `--`."""
    end = words.index("--") if "--" in words else len(words)
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
    return parser.parse_args(words[:end]), words[end + 1 :]


def wanted(saves: Sequence[str]) -> Parts:
    """What each `NAME=MODULE,…` keeps; a name that cannot be a capture's or a module that is not there is a Misuse."""
    parts = {name: [*filter(None, modules.split(","))] for name, _, modules in (one.partition("=") for one in saves)}
    for name, modules in parts.items():
        evidence.checked(name)
        for module in modules:
            if not any((ROOT / "tests").rglob(f"{module}.py")):
                raise Misuse(f"below tests/ there is no {module}.py", remedy=f"mend --save {name}={','.join(modules)}")
    return parts


def ran(session: str, tests: Sequence[str]) -> tuple[int, str]:
    """Exit code of a session and the report of its pytest; one that writes none is a Misuse."""
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        report = Path(folder, "report.xml")
        argv = [sys.executable, "-m", "nox", "-s", session, "--", f"--junitxml={report}", *tests]
        if code := subprocess.run(argv, cwd=ROOT, check=False).returncode:  # noqa: S603
            return code, ""
        if not report.is_file():
            raise Misuse(f"{session} hands no words on to pytest", remedy="name a session that does")
        return 0, report.read_text(encoding="utf-8")


def chosen(cases: Sequence[Case], parts: Parts) -> dict[str, list[Case]]:
    """The cases that each capture keeps; a module of which the session ran nothing is a Misuse."""
    known = {case["module"] for case in cases}
    for name, modules in parts.items():
        if lost := [*filter(lambda module: module not in known, modules)] or ([] if cases else ["any module"]):
            raise Misuse(f"the session ran no test of {', '.join(lost)}", remedy=f"mend --save {name}")
    return {
        name: [case for case in cases if not modules or case["module"] in modules] for name, modules in parts.items()
    }


def head(settings: Config, found: Engine, asked: argparse.Namespace, tests: Sequence[str]) -> dict[str, Any]:
    """What the captures begin with."""
    saved = [word for one in asked.save for word in ("--save", one)]
    handed = ["--", *tests] if tests else []
    line = shlex.join(["python", "bench/sessions.py", asked.session, *saved, *handed])
    used = () if asked.session in OFF_THE_ENGINE else bases.resolve(settings, found, BASES, silent)
    origins = [{"name": base.name, "origin": base.origin.value} for base in used]
    made = capture.header(settings, found, kind="session", command=line, bases=origins)
    return {**made, "session": asked.session}


def keep(about: Mapping[str, Any], captures: Mapping[str, Sequence[Case]]) -> None:
    """Write each capture, and say where it is."""
    for name, cases in captures.items():
        path = evidence.save(ROOT, name, {**about, "cases": cases})
        sys.stdout.write(f"written: {path.relative_to(ROOT)}\n")


def read(report: str) -> Iterator[Case]:
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

"""What the terminal picture of the README rests on: what the commands printed, kept in docs/measurements/readme.json.

Then `inv docs` draws it. Run it after `inv build`, with nothing to do: python bench/picture.py
"""

import json
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from drydock import command, config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.measures import capture, evidence  # noqa: E402

COMMANDS = ("inv build", "inv size")
NAME = "readme"


def main() -> None:
    """Run and write."""
    commands = [{"line": line, "out": printed(shlex.split(line))} for line in COMMANDS]
    settings = config.load(ROOT, os.environ)
    argv = [sys.executable, "-m", "invoke", "size", "--json"]
    bases = json.loads(command.run(argv, env=os.environ, cwd=ROOT).out)["bases"]
    found = engine.find(settings)
    head = capture.header(settings, found, kind="terminal", command="python bench/picture.py", bases=bases)
    path = evidence.save(ROOT, NAME, {**head, "commands": commands})
    sys.stdout.write(f"written: {path.relative_to(ROOT)}; inv docs draws it\n")


def printed(words: Sequence[str]) -> str:
    """What a task prints, in colour, with stderr first as it comes on a terminal; fails if the task does."""
    argv = [sys.executable, "-m", "invoke", *words[1:]]
    result = command.run(argv, env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "110"}, cwd=ROOT)
    if not result.ok:
        raise SystemExit(f"{shlex.join(words)} failed:\n{result.err}")
    return (result.err + result.out).rstrip("\n").replace(str(ROOT), "~/drydock")


if __name__ == "__main__":
    main()

"""What our own `dataclass` saves where the standard library's would be defined; pair by pair in one run.

Run it on a quiet machine, after `inv build`: python bench/values.py --pairs 15 --save values
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import pairs  # noqa: E402
from bench.pairs import Pairs  # noqa: E402
from drydock import command, config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.measures import capture, evidence  # noqa: E402

PLAIN = "from dataclasses import dataclass as dataclass\n"
COMMANDS = {
    "version": ("`drydock --version`", ("--version",)),
    "size": ("`drydock size`", ("size", "--root", str(ROOT))),
    "changed": ("`drydock build --changed`, nothing to do", ("build", "--changed", "--root", str(ROOT))),
}


def main(words: Sequence[str] | None = None) -> int:
    """Measure each command with both and show it; 1 if ours is not the faster one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pairs", type=int, default=15, help="how many pairs to take of each (default: 15)")
    parser.add_argument("--save", default="", help="write the raw figures to docs/measurements under this name")
    asked = parser.parse_args(words)
    evidence.checked(asked.save or "unnamed")
    settings = config.load(ROOT, os.environ)
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        plain = Path(folder)
        shutil.copytree(ROOT / "drydock", plain / "drydock")
        (plain / "drydock" / "values.py").write_text(PLAIN)
        found = [measure(name, title, argv, plain, asked.pairs) for name, (title, argv) in COMMANDS.items()]
    sys.stdout.write(pairs.as_table(found) + "\n")
    if asked.save:
        line = f"python bench/values.py --pairs {asked.pairs} --save {asked.save}"
        head = capture.header(settings, engine.find(settings), kind="pairs", command=line, bases=[])
        evidence.save(ROOT, asked.save, {**head, "runs": asked.pairs, "pairs": [asdict(one) for one in found]})
    return 0 if all(one.is_held for one in found) else 1


def measure(name: str, title: str, words: Sequence[str], plain: Path, count: int) -> Pairs:
    """A command of the copy that has the standard library's, against the same of this tree."""
    argv = [sys.executable, "-P", "-m", "drydock", *words]

    def environ(folder: Path) -> dict[str, str]:
        """Python keeps the bytecode it makes, in a warm-up, as pip does of what it installs."""
        kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, "PYTHONPATH": str(folder)}

    theirs, ours = environ(plain), environ(ROOT)
    return pairs.measure(
        name,
        title,
        lambda: command.run(argv, env=theirs, cwd=plain),
        lambda: command.run(argv, env=ours, cwd=plain),
        count,
        allowed=0.0,
    )


if __name__ == "__main__":
    sys.exit(main())

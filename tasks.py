"""This repository's face: the same tasks as the `drydock` command, for Invoke, and as a program for `./dev`."""

from pathlib import Path

from drydock.program import dev
from drydock.tasks import namespace

namespace.configure({"drydock": {"root": str(Path(__file__).parent)}})

__all__ = ["namespace"]

if __name__ == "__main__":
    dev()

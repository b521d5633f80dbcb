"""Invoke's face of this repository: the same tasks as the `drydock` command."""

from pathlib import Path

from drydock.tasks import namespace

namespace.configure({"drydock": {"root": str(Path(__file__).parent)}})

__all__ = ["namespace"]

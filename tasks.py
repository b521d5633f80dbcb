"""Invoke's face of this repository: the same tasks as the `drydock` command."""

from drydock.tasks import namespace

__all__ = ["namespace"]

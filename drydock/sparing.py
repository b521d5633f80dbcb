"""Invoke without what it loads and hardly ever uses: more than half of its import. Standard library only."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


def _mock(*args: Any, **words: Any) -> Any:
    from unittest.mock import Mock

    return Mock(*args, **words)


SPARED: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "unittest.mock": {"Mock": _mock},  # for MockContext, in tests of tasks
    "invoke.vendor.yaml": {},  # for a user's ~/.invoke.yaml
    "importlib.metadata": {"version": lambda _: "not asked for"},  # for invoke.__version__; we show our own
}
"""Modules by name, with what Invoke takes from each while it is imported."""


@contextmanager
def sparing() -> Iterator[None]:
    """Within this block, an import of Invoke finds nearly empty modules in their place.

    Behind it, all find the real ones. What is loaded already stays as it is.
    """
    names = [] if "invoke" in sys.modules else [name for name in SPARED if name not in sys.modules]
    empty = {name: _empty(name, SPARED[name]) for name in names}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for module in empty.values():
            _withdraw(module)


def _empty(name: str, parts: Mapping[str, Callable[..., Any]]) -> ModuleType:
    """A module of these parts alone; for any other, the real one is imported and gives it."""
    module = ModuleType(name)

    def other(part: str) -> Any:
        if part.startswith("__"):
            raise AttributeError(part)
        _withdraw(module)
        return getattr(import_module(name), part)

    module.__dict__.update(parts, __getattr__=other)
    return module


def _withdraw(module: ModuleType) -> None:
    if sys.modules.get(module.__name__) is module:
        del sys.modules[module.__name__]

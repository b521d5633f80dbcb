"""`dataclass` as the standard library has it, but a frozen one takes a fraction of the time to define. Pure.

The standard library writes and compiles six methods for each class, which was a quarter of what an audit took. Here
one is compiled, `__init__`; the others are shared.
"""

import dataclasses
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # an export
else:

    def dataclass(cls: type | None = None, /, **words: bool) -> Any:
        """The same as `dataclasses.dataclass`; faster where it is frozen and nothing else."""
        make = _frozen if words == {"frozen": True} else dataclasses.dataclass(**words)
        return make if cls is None else make(cls)


def _frozen(cls: Any) -> Any:
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    fields = dataclasses.fields(made)
    names = [one.name for one in fields if one.compare]
    made._compared = staticmethod(attrgetter(*names) if names else _nothing)
    made.__init__ = _init(fields)
    made.__setattr__, made.__delattr__ = _refuse, _refuse
    for name, method in (("__repr__", _repr), ("__eq__", _equal), ("__hash__", _hash)):
        if vars(made).get(name) is None:  # an own __eq__ makes Python set __hash__ to None
            setattr(made, name, method)
    return made


def _init(fields: Sequence["dataclasses.Field[Any]"]) -> Callable[..., None]:
    """A function that takes the fields as the standard library's own would, defaults and factories too."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_missing": dataclasses.MISSING}
    given, lines = ["self"], ["pass"]
    for one in fields:
        default, value = f"_default_{one.name}", one.name
        if one.default_factory is not dataclasses.MISSING:
            known[default] = one.default_factory
            given.append(f"{one.name}=_missing")
            value = f"{default}() if {one.name} is _missing else {one.name}"
        elif one.default is not dataclasses.MISSING:
            known[default] = one.default
            given.append(f"{one.name}={default}")
        else:
            given.append(one.name)
        lines.append(f"_set(self, {one.name!r}, {value})")
    made: dict[str, Any] = {}
    exec(f"def __init__({', '.join(given)}):\n " + "\n ".join(lines), known, made)  # noqa: S102 - names of fields only
    init: Callable[..., None] = made["__init__"]
    return init


def _nothing(_: object) -> tuple[()]:
    return ()


def _refuse(self: object, name: str, *_: object) -> None:
    raise dataclasses.FrozenInstanceError(f"{type(self).__name__}.{name} is set once")


def _equal(self: Any, other: Any) -> Any:
    return self._compared(self) == self._compared(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._compared(self))


def _repr(self: Any) -> str:
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"

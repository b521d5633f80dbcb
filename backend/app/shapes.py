"""Plain data into frozen dataclasses, held to their annotations. Pure.

What is stored was written by another program, perhaps another version, perhaps damaged: nothing of it may reach an
answer in another shape than the one that openapi.json promises.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]


class Misshapen(ValueError):
    """Data of another shape than asked for; the message says where."""


@dataclass(frozen=True)
class Under:
    """Says in an annotation that the value stands under a key of an object, of which nothing else is wanted."""

    key: str


def read(kind: type[T], plain: object) -> T:
    """A value of `kind`, or Misshapen.

    Known are bool (0 and 1 too), int, float, str, None, Literal, X | None, tuple[X, ...], tuple[X, Y], dict[str, X],
    Annotated[X, function applied to it], Annotated[X, Under(KEY)], and dataclasses of these, read from objects: keys
    they do not have are left out, and fields with a default may be missing.
    """
    hashable: Any = kind
    value: T = _reader(hashable)(plain)
    return value


@cache
def _reader(kind: Any) -> Reader:
    if is_dataclass(kind):
        return _record(kind)
    arguments = get_args(kind)
    match get_origin(kind):
        case origin if origin is Annotated:
            reader, how = _reader(arguments[0]), arguments[1]
            return _under(reader, how.key) if isinstance(how, Under) else _applied(reader, how)
        case origin if origin is Literal:
            return _one_of(arguments)
        case origin if origin is UnionType:
            return _optional(_reader(next(one for one in arguments if one is not NoneType)))
        case origin if origin is tuple:
            return (
                _several(_reader(arguments[0])) if arguments[-1] is ... else _each([_reader(one) for one in arguments])
            )
        case origin if origin is dict:
            return _named(_reader(arguments[1]))
    return SCALARS[kind]


def _record(kind: Any) -> Reader:
    hints = get_type_hints(kind, include_extras=True)
    wanted = tuple((field.name, _reader(hints[field.name]), field.default) for field in fields(kind))

    def record(plain: Any) -> Any:
        if type(plain) is kind:
            return plain
        if not isinstance(plain, dict):
            raise Misshapen("no object")
        values, name = {}, ""
        try:
            for name, reader, default in wanted:
                if name not in plain and default is not MISSING:
                    values[name] = default
                else:
                    values[name] = reader(plain[name])
        except KeyError:
            raise Misshapen(f"{name}: missing") from None
        except Misshapen as error:
            raise Misshapen(f"{name}: {error}") from error
        made = object.__new__(kind)  # a frozen class sets field by field, which takes longer than all of the above
        made.__dict__.update(values)
        return made

    return record


def _applied(reader: Reader, function: Reader) -> Reader:
    return lambda plain: function(reader(plain))


def _under(reader: Reader, key: str) -> Reader:
    def under(plain: Any) -> Any:
        if not isinstance(plain, dict) or key not in plain:
            raise Misshapen(f"no object with {key}")
        return reader(plain[key])

    return under


def _one_of(allowed: tuple[object, ...]) -> Reader:
    def one_of(plain: Any) -> Any:
        if plain not in allowed:
            raise Misshapen("none of the known words")
        return plain

    return one_of


def _optional(reader: Reader) -> Reader:
    return lambda plain: None if plain is None else reader(plain)


def _several(reader: Reader) -> Reader:
    def several(plain: Any) -> Any:
        if not isinstance(plain, list | tuple):
            raise Misshapen("no list")
        return tuple([reader(one) for one in plain])

    return several


def _each(readers: Sequence[Reader]) -> Reader:
    def each(plain: Any) -> Any:
        if not isinstance(plain, list | tuple) or len(plain) != len(readers):
            raise Misshapen(f"no list of {len(readers)}")
        return tuple([reader(one) for reader, one in zip(readers, plain, strict=True)])

    return each


def _named(reader: Reader) -> Reader:
    def named(plain: Any) -> Any:
        if not isinstance(plain, dict):
            raise Misshapen("no object")
        return {str(name): reader(one) for name, one in plain.items()}

    return named


def _text(plain: Any) -> str:
    if type(plain) is not str:
        raise Misshapen("no text")
    return plain


def _whole(plain: Any) -> int:
    if type(plain) is not int:
        raise Misshapen("no whole number")
    return plain


def _number(plain: Any) -> float:
    if type(plain) not in (int, float) or not math.isfinite(plain):  # JSON has no word for what is infinite
        raise Misshapen("no number")
    found: float = plain
    return found


def _truth(plain: Any) -> bool:
    if type(plain) is bool:
        return plain
    if type(plain) is int and plain in (0, 1):  # as SQLite keeps it
        return bool(plain)
    raise Misshapen("neither true nor false")


SCALARS: Mapping[Any, Reader] = {str: _text, int: _whole, float: _number, bool: _truth}

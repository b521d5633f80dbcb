"""A cause: why one step of a build ran although an earlier build had it, as values and as a sentence. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import Enum
from typing import Any

from drydock.causes.manifest import Change
from drydock.text import shortened
from drydock.values import dataclass

WIDTH = 60  # signs of an instruction or a value in a sentence


class Kind(Enum):
    """What a step ran for."""

    FILE = "file"
    ARGUMENT = "build argument"
    ENVIRONMENT = "environment value"
    LINE = "Dockerfile line"
    BASE = "base"
    IMAGE = "image"
    SETTING = "setting"
    DOCKERFILE = "Dockerfile"
    CACHE = "cache"
    IMPORT = "imported cache"
    ENGINE = "engine"
    REMOTE = "remote source"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """What is different.

    `name` is a file, a variable, a setting or a base; `change` what became of it; `before` and `after` are shown
    values, None where there is none or it looks secret; `line` is where the Dockerfile says it; `more` counts further
    files; `beside` names an ignore file that changed as well.
    """

    kind: Kind
    name: str = ""
    change: str = ""
    before: str | None = None
    after: str | None = None
    line: int | None = None
    more: int = 0
    beside: str = ""


@dataclass(frozen=True)
class Why:
    """Why an image was not wholly taken from the cache.

    `stage`, `line` and `instruction` name the first step that ran; `reads` is the line of an earlier step that has
    the cause, where the first step only rests on it; `against` is the build it was compared with; `after` counts the
    steps that ran behind it; `agrees` is False where nothing that is recorded explains it. `notes` say what else was
    expected and did not happen, and what could not be read. Without `cause` all came from the cache, or there is no
    earlier build.
    """

    image: str
    stage: str = ""
    line: int | None = None
    instruction: str = ""
    cause: Cause | None = None
    reads: int | None = None
    against: int | None = None
    after: int = 0
    agrees: bool = True
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Everything as plain data, with the sentence."""
        plain = asdict(self)
        if self.cause:
            plain["cause"]["kind"] = self.cause.kind.value
        return {**plain, "notes": list(self.notes), "words": self.words()}

    def words(self) -> str:
        """One line; empty where no step ran that an earlier build had."""
        if self.cause is None:
            return ""
        where = f"line {self.line}" if self.line else f"a trigger in {self.stage}"
        through = f" (read by line {self.reads})" if self.reads else ""
        begin = f"{self.image}: {where}, {shortened(self.instruction, WIDTH)}, ran"
        if self.cause.kind is Kind.LINE and self.cause.line == self.line and self.cause.change in _ITSELF:
            return f"{begin}: {_ITSELF[self.cause.change](self.cause)}"
        return f"{begin} again: {said(self.cause)}{through}"


def said(cause: Cause) -> str:
    """A cause as the end of a sentence."""
    return _SAID.get(cause.kind, _plain)(cause)


def read(plain: Mapping[str, Any]) -> Why:
    """From the plain data of `document`; ValueError for anything else."""
    try:
        values = {name: value for name, value in plain.items() if name != "words"}
        cause = values.pop("cause")
        found = Cause(**{**cause, "kind": Kind(cause["kind"])}) if cause else None
        return Why(**{**values, "cause": found, "notes": tuple(values["notes"])})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no cause: {error}") from error


def _file(cause: Cause) -> str:
    words = {
        Change.ADDED.value: f"{cause.name} was added",
        Change.REMOVED.value: f"{cause.name} is gone",
        Change.MODE.value: f"{cause.name} has another mode, {cause.after} for {cause.before}",
        Change.KIND.value: f"{cause.name} was a {cause.before}, and is a {cause.after}",
        Change.TARGET.value: f"the link {cause.name} leads elsewhere",
        Change.RENAMED.value: f"{cause.before} was renamed to {cause.name}",
    }
    more = "" if not cause.more else ", and 1 more file" if cause.more == 1 else f", and {cause.more} more files"
    beside = f" ({cause.beside} changed too)" if cause.beside else ""
    return f"{words.get(cause.change, f'{cause.name} changed')}{more}{beside}"


def _variable(cause: Cause) -> str:
    what, line = f"the {cause.kind.value} {cause.name}", f" (line {cause.line})" if cause.line else ""
    if cause.change == Change.ADDED.value:
        return f"{what} is new{line}"
    if cause.change == Change.REMOVED.value:
        return f"{what} is gone"
    if cause.before is None or cause.after is None:
        return f"{what} changed{line}"
    return f"{what} was {_quoted(cause.before)}, is {_quoted(cause.after)}{line}"


def _line(cause: Cause) -> str:
    if cause.change == Change.ADDED.value:
        return f"line {cause.line} is new: {_quoted(cause.after)}"
    if cause.change == Change.REMOVED.value:
        return f"a line before it is gone: {_quoted(cause.before)}"
    if cause.change == "moved":
        return f"line {cause.line} stood elsewhere: {_quoted(cause.after)}"
    if cause.change == "order":
        return "the ENV and ARG lines above it stand in another order"
    if cause.name:
        return f"line {cause.line}: the here-document {cause.name} changed"
    return f"line {cause.line} was {_quoted(cause.before)}"


def _was(cause: Cause) -> str:
    return f"its here-document {cause.name} changed" if cause.name else f"it was {_quoted(cause.before)}"


def _base(cause: Cause) -> str:
    if cause.before and cause.after:
        return f"the base {cause.name} has another digest"
    return f"the base {cause.name} took the place of another" if cause.after else f"the base {cause.name} is gone"


def _gone(_: Cause) -> str:
    return "nothing that it reads has changed: its cache was emptied"


def _engine(_: Cause) -> str:
    return "nothing that it reads has changed, but this is another engine or builder, which had not built it"


def _import(cause: Cause) -> str:
    return f"nothing that it reads has changed, but no cache came from {cause.name}"


def _remote(_: Cause) -> str:
    return "nothing in this repository has changed: what it fetches may have, or its cache was emptied"


def _dockerfile(_: Cause) -> str:
    return "the Dockerfile changed, in nothing that runs"


def _unknown(cause: Cause) -> str:
    return cause.name or "nothing that is recorded says why"


def _setting(cause: Cause) -> str:
    was = f" was {_quoted(cause.before)}, is {_quoted(cause.after)}" if cause.before and cause.after else " changed"
    return f"{cause.name}{was}" + (f" (line {cause.line})" if cause.line else "")


def _image(cause: Cause) -> str:
    if cause.change == "unknown":
        return (
            f"nothing in this repository has changed: the image behind {cause.name} may have, or its cache was emptied"
        )
    return f"the image behind {cause.name} changed"


def _plain(cause: Cause) -> str:
    return f"{cause.kind.value} {cause.name}".strip()


def _quoted(text: str | None) -> str:
    return f"`{shortened(text or '', WIDTH)}`"


_ITSELF = {  # where the step is the very line that changed
    Change.ADDED.value: lambda _: "it is new",
    "moved": lambda _: "it stood elsewhere",
    "changed": _was,
}
_SAID = {
    Kind.FILE: _file,
    Kind.ARGUMENT: _variable,
    Kind.ENVIRONMENT: _variable,
    Kind.LINE: _line,
    Kind.BASE: _base,
    Kind.IMAGE: _image,
    Kind.SETTING: _setting,
    Kind.DOCKERFILE: _dockerfile,
    Kind.CACHE: _gone,
    Kind.ENGINE: _engine,
    Kind.IMPORT: _import,
    Kind.REMOTE: _remote,
    Kind.UNKNOWN: _unknown,
}

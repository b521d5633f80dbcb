"""What blocks say that is rendered from the repository's own files: tasks, flags, sessions, settings, values."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from drydock import errors
from drydock.documents import blocks, constants
from drydock.documents.blocks import Flag, Session, Verb
from drydock.documents.snippets import Block, Renderer
from drydock.errors import Misuse, NotReady, Problem

MARKERS = {  # how each block is asked for, and what it shows
    "tasks": "every task with its flags",
    "flags TASK": "the flags of one task with their help",
    "sessions": "the nox sessions",
    "environment": "`.env.example`",
    "exit-codes": "the failures in `drydock/errors.py`",
    "modules FOLDER": "the modules of a folder with the line they begin with",
    "scenarios": "the scenarios that `inv bench` times",
    "rules": "the rules of the audit, from their own pages",
    "builders": "which caches each builder exports and imports, from `drydock/engines/drivers.py`",
    "markers": "this table",
    "table CAPTURE": "the capture `docs/measurements/CAPTURE.json` as a table, with what it rests on",
    "plot sizes CAPTURE [IMAGE…]": "a picture of what images weigh before and after",
    "plot times CAPTURE [IMAGE…]": "a picture of what builds take before and after, on a logarithmic axis",
    "plot steps CAPTURE IMAGE SCENARIO [VARIANT]": "the steps of the median run as a waterfall",
    "plot terminal CAPTURE": "what commands printed, as a picture of a terminal",
    "figure CAPTURE WORD…": "one figure of a capture, for a sentence; `A/B` in a word is a ratio, `A..B` a difference",
    "value FILE NAME [UNIT]": "what a file of the repository gives a name: a limit, a least version",
    "given WHY…": "what stands there already, with the reason why nothing can render it",
}


def verbs(namespace: Any) -> tuple[Verb, ...]:
    """The tasks of an Invoke collection as values, sorted by name."""
    found = []
    for name in sorted(namespace.task_names):
        task = namespace[name]
        summary = inspect.getdoc(task) or ""
        words = getattr(task.body, "help", {})
        flags = tuple(_flag(argument, words.get(argument.name, "")) for argument in task.get_arguments())
        found.append(Verb(name, summary.split("\n")[0], flags))
    return tuple(found)


def sessions(root: Path) -> tuple[Session, ...]:
    """The nox sessions of the repository; none where it has no noxfile."""
    path = root / "noxfile.py"
    return blocks.sessions_of(read(path), path.name) if path.is_file() else ()


def renderers(root: Path, verbs: Mapping[str, Verb], found: Iterable[Session]) -> Mapping[str, Renderer]:
    """A renderer for each block that is rendered from files of the repository; a block written wrong is Misuse."""

    def flags(block: Block) -> str:
        verb = verbs.get(_word(block, "a task"))
        if verb is None:
            raise Misuse(f"block flags in {block.place} names no task", remedy=f"use one of: {', '.join(verbs)}")
        return blocks.flags(verb)

    def environment() -> str:
        return blocks.environment(blocks.variables(read(root / ".env.example"), ".env.example"))

    return {
        "modules": lambda block: blocks.modules(
            _modules(root, _inside(root, block, _word(block, "a folder", "drydock")))
        ),
        "tasks": plain(lambda: blocks.tasks(verbs.values())),
        "flags": flags,
        "environment": plain(environment),
        "exit-codes": plain(lambda: blocks.exit_codes(_failures(), errors.INTERRUPTED)),
        "sessions": plain(lambda: blocks.sessions(found)),
        "markers": plain(lambda: blocks.markers(MARKERS)),
        "value": lambda block: _value(root, block),
        "given": _given,
    }


def plain(renderer: Callable[[], str]) -> Renderer:
    """A renderer of a block that takes no word; with one, Misuse."""

    def render(block: Block) -> str:
        if block.words:
            raise Misuse(
                f"block {block.name} in {block.place} takes no word",
                remedy=f"write it as <!-- drydock:{block.name} -->",
            )
        return renderer()

    return render


def read(path: Path) -> str:
    """The text of a file, newlines as they are; a file that is not there or no text raises Misuse."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except FileNotFoundError as error:
        raise Misuse(f"{path} does not exist, and a block is rendered from it", remedy=f"add {path.name}") from error
    except UnicodeDecodeError as error:
        raise Misuse(f"{path} is not UTF-8", remedy=f"save {path.name} as UTF-8") from error
    except OSError as error:
        raise NotReady(f"{path} cannot be read: {error.strerror}", remedy=f"make {path.name} readable") from error


def _flag(argument: Any, words: str) -> Flag:
    name = argument.name.strip("_").replace("_", "-")  # as Invoke does: a flag may be a word of Python
    if argument.kind is bool:
        return Flag(f"--[no-]{name}" if argument.default is True else f"--{name}", "", words)
    return Flag(f"--{name}", name.upper() + ("…" if argument.kind is list else ""), words)


def _value(root: Path, block: Block) -> str:
    """What a file of the repository gives a name; the block names file, name and unit."""
    if len(block.words) not in (2, 3):
        raise Misuse(
            f"block value in {block.place} needs a file and a name",
            remedy="write it as <!-- drydock:value FILE NAME [UNIT] -->",
        )
    path, name, *unit = block.words
    return constants.shown(read(_inside(root, block, path)), path, name, *unit)


def _given(block: Block) -> str:
    """A figure that neither code nor evidence can tell stays as it is, with the reason beside it."""
    if len(block.words) < 3 or not block.within:
        raise Misuse(
            f"block given in {block.place} says no reason",
            remedy="write it within a line, as <!-- drydock:given WHY IT IS TYPED -->text<!-- /drydock -->",
        )
    return block.body


def _inside(root: Path, block: Block, path: str) -> Path:
    """A path that a block names; what lies outside of the repository is the same on no other machine: Misuse."""
    if not (root / path).resolve().is_relative_to(root.resolve()):
        remedy = f"name a path below {root}"
        raise Misuse(f"block {block.name} in {block.place} names {path}, outside of the repository", remedy=remedy)
    return root / path


def _modules(root: Path, folder: Path) -> list[tuple[str, str]]:
    paths = sorted(folder.rglob("*.py"), key=lambda path: (len(path.parts), path))
    kept = [path for path in paths if path.name != "__init__.py"]
    return [(path.relative_to(root).as_posix(), read(path)) for path in kept]


def _failures() -> list[type[Problem]]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Problem)]
    return [kind for kind in kinds if kind is not Problem]


def _word(block: Block, what: str, default: str = "") -> str:
    words = block.words or ((default,) if default else ())
    if len(words) != 1:
        raise Misuse(
            f"block {block.name} in {block.place} needs {what}",
            remedy=f"write it as <!-- drydock:{block.name} NAME -->",
        )
    return words[0]

"""Render the generated blocks of README and docs from code and committed evidence, or compare them."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drydock import errors, files
from drydock.config import Config
from drydock.documents import blocks, snippets
from drydock.documents.blocks import Flag, Verb
from drydock.documents.snippets import Block, Renderer
from drydock.errors import Misuse, NotReady, Problem
from drydock.measures import evidence

COMMAND = "inv docs"


@dataclass(frozen=True)
class Drift:
    """A block whose text is not what code and evidence say now."""

    path: str
    line: int
    block: str


@dataclass(frozen=True)
class Report:
    """How many blocks were rendered in how many documents, and which of them differed."""

    check: bool
    documents: int
    blocks: int
    drifts: tuple[Drift, ...]

    @property
    def code(self) -> int:
        return errors.Shortfall.code if self.check and self.drifts else 0

    def document(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "check": self.check,
            "documents": self.documents,
            "blocks": self.blocks,
            "drifts": [{"path": d.path, "line": d.line, "block": d.block} for d in self.drifts],
        }

    def text(self) -> str:
        """One line for each block that differed, then the sum."""
        word = "is out of date; mend it with: " + COMMAND if self.check else "rendered again"
        lines = [f"{d.path}:{d.line}: block {d.block} {word}" for d in self.drifts]
        state = "differ" if self.check else "changed"
        return "\n".join([*lines, f"{self.blocks} blocks in {self.documents} documents, {len(self.drifts)} {state}"])


def run(config: Config, namespace: Any, *, check: bool) -> Report:
    """Render every block of README.md and docs/**/*.md below the root; with `check`, write nothing.

    `namespace` is the Invoke collection of all tasks. All blocks of all documents are rendered before the first
    file is written, so an unknown block or missing evidence (Misuse) leaves every document as it was.
    """
    renderers = _renderers(config.root, verbs(namespace))
    drifts: list[Drift] = []
    pending: dict[Path, str] = {}
    total = 0
    paths = documents(config.root)
    for path in paths:
        name = path.relative_to(config.root).as_posix()
        rendered = snippets.render(_read(path), name, renderers)
        total += len(rendered.blocks)
        drifts += [Drift(name, block.line, block.name) for block in rendered.changed]
        if rendered.changed:
            pending[path] = rendered.text
    if not check:
        for path, text in pending.items():
            files.replace(path, text)
    return Report(check, len(paths), total, tuple(drifts))


def documents(root: Path) -> tuple[Path, ...]:
    """README.md at the root and every Markdown file below docs/, in a stable order."""
    found = [path for path in (root / "README.md",) if path.is_file()]
    return (*found, *sorted((root / "docs").rglob("*.md")))


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


def _flag(argument: Any, words: str) -> Flag:
    name = argument.name.strip("_").replace("_", "-")  # as Invoke does: a flag may be a word of Python
    if argument.kind is bool:
        return Flag(f"--[no-]{name}" if argument.default is True else f"--{name}", "", words)
    return Flag(f"--{name}", name.upper() + ("…" if argument.kind is list else ""), words)


def _renderers(root: Path, all_verbs: tuple[Verb, ...]) -> Mapping[str, Renderer]:
    by_name = {verb.name: verb for verb in all_verbs}

    def environment() -> str:
        return blocks.environment(blocks.variables(_read(root / ".env.example"), ".env.example"))

    def flags(block: Block) -> str:
        verb = by_name.get(_word(block, "a task"))
        if verb is None:
            raise Misuse(f"block flags in line {block.line} names no task", remedy=f"use one of: {', '.join(by_name)}")
        return blocks.flags(verb)

    return {
        "modules": lambda block: blocks.modules(_sources(root, _word(block, "a folder", "drydock"))),
        "tasks": _plain(lambda: blocks.tasks(all_verbs)),
        "flags": flags,
        "environment": _plain(environment),
        "exit-codes": _plain(lambda: blocks.exit_codes(_failures(), errors.INTERRUPTED)),
        "sessions": _plain(lambda: blocks.sessions(_read(root / "noxfile.py"), "noxfile.py")),
        "sizes": lambda block: evidence.markdown(evidence.load(root, _word(block, "a capture", "before-after"))),
    }


def _sources(root: Path, folder: str) -> list[tuple[str, str]]:
    paths = sorted((root / folder).rglob("*.py"), key=lambda path: (len(path.parts), path))
    kept = [path for path in paths if path.name != "__init__.py"]
    return [(path.relative_to(root).as_posix(), _read(path)) for path in kept]


def _failures() -> list[type[Problem]]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Problem)]
    return [kind for kind in kinds if kind is not Problem]


def _plain(renderer: Callable[[], str]) -> Renderer:
    def render(block: Block) -> str:
        if block.words:
            raise Misuse(
                f"block {block.name} in line {block.line} takes no word",
                remedy=f"write it as <!-- drydock:{block.name} -->",
            )
        return renderer()

    return render


def _word(block: Block, what: str, default: str = "") -> str:
    words = block.words or ((default,) if default else ())
    if len(words) != 1:
        raise Misuse(
            f"block {block.name} in line {block.line} needs {what}",
            remedy=f"write it as <!-- drydock:{block.name} NAME -->",
        )
    return words[0]


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except FileNotFoundError as error:
        raise Misuse(f"{path} does not exist, and a block is rendered from it", remedy=f"add {path.name}") from error
    except UnicodeDecodeError as error:
        raise Misuse(f"{path} is not UTF-8", remedy=f"save {path.name} as UTF-8") from error
    except OSError as error:
        raise NotReady(f"{path} cannot be read: {error.strerror}", remedy=f"make {path.name} readable") from error

"""`inv context`: what each build context holds, what a build asks of it, and ignore lines worth adding."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from drydock import secrecy
from drydock.builds import plan
from drydock.config import Config, Image
from drydock.engines import engine
from drydock.errors import Misuse
from drydock.events import Phase, Tell
from drydock.measures import advice, asked, followed, inputs, wire
from drydock.measures.advice import Line
from drydock.measures.asked import EVERYTHING, Request
from drydock.measures.inputs import Entry, Tree
from drydock.services import choice, compose
from drydock.text import human_bytes, table
from drydock.values import dataclass

TOP = 10
UNREAD = 3  # shown of what no line asks for


@dataclass(frozen=True)
class Context:
    """One context of an image: its folder and ignore file, what is visible and asked for, bytes of a first transfer.

    `name` is empty for the build's own context. `readers` says for each path that is asked for which lines do.
    """

    image: str
    name: str
    folder: str
    ignored_by: str | None
    visible: tuple[Entry, ...]
    asked: tuple[Entry, ...]
    requests: tuple[Request, ...]
    transfer: int
    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        lines = [
            {"line": one.pattern, "what": one.what, "saves": [saving.value for saving in one.savings]}
            | {"files": one.files, "bytes": one.bytes, "read_by": list(one.read_by), "words": advice.words(one)}
            for one in self.lines
        ]
        return {
            "image": self.image,
            "context": self.name or None,
            "folder": self.folder,
            "ignore_file": self.ignored_by,
            "visible": _summary(self.visible),
            "asked": {**_summary(self.asked), "transfer_bytes": self.transfer},
            "worth_adding": lines,
            "notes": list(self.notes),
        }

    def text(self) -> str:
        parts = []
        if largest := _largest(self.asked):
            rows = [[inputs.shown(one.path), human_bytes(one.size), self._readers(one)] for one in largest]
            parts.append(table(("asked for", "size", "by line"), rows, right=(1,)))
        known = {one.path for one in self.asked}
        if unread := _largest([one for one in self.visible if one.path not in known], UNREAD):
            rows = [[inputs.shown(one.path), human_bytes(one.size)] for one in unread]
            parts.append(table(("visible, asked for by no line", "size"), rows, right=(1,)))
        if self.lines:
            rows = [
                [one.pattern, one.what, str(one.files), human_bytes(one.bytes), advice.words(one)] for one in self.lines
            ]
            head = (f"worth adding to {self.target}", "what", "files sent", "size", "saves")
            parts.append(table(head, rows, right=(2, 3)))
        parts += [f"note: {note}" for note in self.notes]
        return "\n\n".join([f"{self.title}:", *parts]) if parts else ""

    @property
    def title(self) -> str:
        """The image, and the name of the context where it is not the build's own."""
        return f"{self.image}, context {self.name}" if self.name else self.image

    @property
    def target(self) -> str:
        """The ignore file to write to."""
        return self.ignored_by or f"{self.folder}/.dockerignore"

    def _readers(self, entry: Entry) -> str:
        lines = {one.line for one in self.requests if one.path == EVERYTHING or advice.reads(one.path, entry.path)}
        return ", ".join(str(line) for line in sorted(lines))


@dataclass(frozen=True)
class Report:
    """The contexts of every image that was asked about."""

    contexts: tuple[Context, ...]

    code = 0

    def document(self) -> dict[str, Any]:
        return {"contexts": [one.document() for one in self.contexts]}

    def text(self) -> str:
        rows = [_row(one) for one in self.contexts]
        head = ("image", "context", "ignore file", "visible", "size", "asked for", "size", "first transfer")
        details = [text for one in self.contexts if (text := one.text())]
        return "\n\n".join([table(head, rows, right=range(3, 8)), *details])


def run(config: Config, *, services: Sequence[str], tell: Tell) -> Report:
    """Walk the contexts of the images. Misuse for an unknown service, a missing folder, a broken ignore file."""
    found = engine.find(config, buildx=False)
    images = choice.among(compose.images(config, found.environ), services, "context")
    contexts: list[Context] = []
    for image in images:
        tell(Phase("context", image.name))
        contexts += of_image(config, image, asked.platform(found.platforms))
    return Report(tuple(contexts))


def of_image(config: Config, image: Image, platform: Mapping[str, str]) -> tuple[Context, ...]:
    """The contexts of one image: its own, and each named one that is a folder."""
    file = plan.parsed(config, image)
    local = {name: value for name, value in image.contexts.items() if "://" not in value and ":" not in value[:8]}
    wanted = asked.requests(file, image.target, {**platform, **image.args}, image.contexts)
    folders = {"": image.context, **{name: Path(value) for name, value in local.items()}}
    return tuple(
        _context(config, image, name, folder, [one for one in wanted if one.context == name])
        for name, folder in folders.items()
    )


def _context(config: Config, image: Image, name: str, folder: Path, wanted: Sequence[Request]) -> Context:
    if not folder.is_dir():
        raise Misuse(f"{plan.shown(config, folder)} is no folder", remedy=f"mend the context of {image.name}")
    path = inputs.ignore_file(folder, None if name else image.dockerfile)
    rules = inputs.rules(path)
    tree = inputs.walk(folder, rules)
    transfers = _transfers(tree, wanted)
    paths = {entry.path for entries in transfers for entry in entries}
    sent = tuple(entry for entry in tree.entries if entry.path in paths)
    real = [replace(one, path=path) for one in wanted for path in followed.follow(folder, [one.path]) or (EVERYTHING,)]
    return Context(
        image=image.name,
        name=name,
        folder=plan.shown(config, folder),
        ignored_by=plan.shown(config, path) if path else None,
        visible=tree.entries,
        asked=sent,
        requests=tuple(real),
        transfer=sum(wire.size(entries) for entries in transfers),
        lines=advice.lines(tree.entries, sent, real, rules, _unversioned(config, folder), _keys(tree)),
        notes=tree.notes,
    )


def _transfers(tree: Tree, wanted: Sequence[Request]) -> list[tuple[Entry, ...]]:
    """What is sent: one transfer for a FROM, which takes all, and one for what all other lines ask for together.

    Where there are both, the second is shorter by what the first has brought already, if the engine gets to it later.
    """
    groups = [[one.path for one in wanted if one.whole], [one.path for one in wanted if not one.whole]]
    return [
        inputs.asked(tree, None if EVERYTHING in paths else followed.follow(tree.root, paths))
        for paths in groups
        if paths
    ]


def _unversioned(config: Config, folder: Path) -> set[str]:
    """Plain names in the .gitignore of the context and of the repository."""
    found: set[str] = set()
    for path in {folder / ".gitignore", config.root / ".gitignore"}:
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            found |= {line.strip().strip("/") for line in text.splitlines()}
    return found


def _keys(tree: Tree) -> set[str]:
    """PEM files that hold a private key."""
    found = set()
    for entry in inputs.files(tree.entries):
        if entry.path.endswith(secrecy.PEM):
            try:
                with (tree.root / entry.path).open("rb") as stream:
                    holds = secrecy.holds_key(stream.read(secrecy.HEAD_BYTES))
            except OSError:
                continue  # the walk has told of it
            if holds:
                found.add(entry.path)
    return found


def _largest(entries: Sequence[Entry], top: int = TOP) -> list[Entry]:
    return sorted(inputs.files(entries), key=lambda one: (-one.size, one.path))[:top]


def _summary(entries: Sequence[Entry]) -> dict[str, Any]:
    files = inputs.files(entries)
    largest = [{"path": one.path, "bytes": one.size} for one in _largest(entries)]
    return {"files": len(files), "bytes": sum(one.size for one in files), "largest": largest}


def _row(one: Context) -> list[str]:
    seen, sent = _summary(one.visible), _summary(one.asked)
    columns = [text for summary in (seen, sent) for text in (str(summary["files"]), human_bytes(summary["bytes"]))]
    return [one.image, one.name or one.folder, one.ignored_by or "none", *columns, human_bytes(one.transfer)]

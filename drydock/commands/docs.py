"""Render the generated blocks of README and docs from code and committed evidence, or compare them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from drydock import command, errors, files
from drydock.config import Config
from drydock.documents import blocks, claims, snippets, sources
from drydock.documents.blocks import Session, Verb
from drydock.documents.claims import Claim
from drydock.documents.snippets import Renderer
from drydock.engines import drivers
from drydock.measures.quoting import Quotations
from drydock.scenarios import scenario
from drydock.values import dataclass

COMMAND = "inv docs"
PLACES = ("README.md", "CONTRIBUTING.md", "*/README.md", "docs/**/*.md")  # a changelog tells of what was, and stays


@dataclass(frozen=True)
class Drift:
    """A block, or a picture that one places, which is not what code and evidence say now."""

    path: str
    line: int
    block: str


@dataclass(frozen=True)
class Report:
    """How many blocks in how many documents, which of them differed, and what documents claim without a block."""

    check: bool
    documents: int
    blocks: int
    drifts: tuple[Drift, ...]
    claims: tuple[tuple[str, Claim], ...] = ()
    dry: bool = False

    @property
    def code(self) -> int:
        return errors.Shortfall.code if self.claims or (self.check and self.drifts) else 0

    def document(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "check": self.check,
            "documents": self.documents,
            "blocks": self.blocks,
            "drifts": [{"path": d.path, "line": d.line, "block": d.block} for d in self.drifts],
            "claims": [{"path": path, "line": c.line, "what": c.what, "remedy": c.remedy} for path, c in self.claims],
        }

    def text(self) -> str:
        """One line for each block that differed and each claim, then the sum."""
        word = "would be rendered again" if self.dry else "rendered again"
        word = "is out of date; mend it with: " + COMMAND if self.check else word
        lines = [f"{d.path}:{d.line}: {d.block} {word}" for d in self.drifts]
        lines += [f"{path}:{claim.line}: {claim.what}; {claim.remedy}" for path, claim in self.claims]
        state = "differ" if self.check or self.dry else "changed"
        claimed = f", {len(self.claims)} claims that nothing stands behind" if self.claims else ""
        found = f"{self.blocks} blocks in {self.documents} documents, {len(self.drifts)} {state}{claimed}"
        return "\n".join([*lines, found])


def run(config: Config, namespace: Any, *, check: bool) -> Report:
    """Render every block of the documents below the root, and the pictures they place; with `check`, write nothing.

    `namespace` is the Invoke collection of all tasks. All blocks of all documents are rendered before the first
    file is written, so an unknown block or missing evidence (Misuse) leaves every document as it was. Figures that are
    typed, and tasks, flags and sessions that do not exist, are told either way: rendering cannot mend them.
    """
    verbs = {verb.name: verb for verb in sources.verbs(namespace)}
    sessions = sources.sessions(config.root)
    quotations = Quotations(config.root)
    known = renderers(config.root, verbs, sessions, quotations)
    drifts: list[Drift] = []
    claimed: list[tuple[str, Claim]] = []
    pending: dict[Path, str] = {}
    total = 0
    paths = documents(config.root)
    for path in paths:
        name = path.relative_to(config.root).as_posix()
        rendered = snippets.render(sources.read(path), name, known)
        total += len(rendered.blocks)
        drifts += [Drift(name, block.line, f"block {block.name}") for block in rendered.changed]
        if rendered.changed:
            pending[path] = rendered.text
        claimed += [(name, claim) for claim in _claims(path, rendered.text, name, verbs, sessions)]
    for picture, svg in quotations.pictures.items():
        path = config.root / picture
        if not path.is_file() or sources.read(path) != svg:
            drifts.append(Drift(picture, 1, "picture"))
            pending[path] = svg
    if not check:
        for path, text in pending.items():
            if not command.withheld(path.relative_to(config.root)):
                files.replace(path, text)
    return Report(check, len(paths), total, tuple(drifts), tuple(claimed), command.is_dry())


def renderers(
    root: Path, verbs: Mapping[str, Verb], sessions: Iterable[Session], quotations: Quotations
) -> Mapping[str, Renderer]:
    """A renderer for every block there is."""
    meanings = [(one.value, text) for one, text in scenario.MEANING.items()]
    own = {
        "scenarios": sources.plain(lambda: blocks.scenarios(meanings)),
        "rules": sources.plain(_rules),
        "builders": sources.plain(_builders),
    }
    return {**sources.renderers(root, verbs, sessions), **own, **quotations.renderers()}


def _claims(path: Path, text: str, name: str, verbs: Mapping[str, Verb], sessions: Iterable[Session]) -> list[Claim]:
    """What a document says that nothing stands behind, and the pictures that it shows and are not there."""
    found = snippets.find(text, name)
    told = claims.of(text, found, verbs, {one.name for one in sessions})
    missing = [one for one in claims.pictures(text, found) if not (path.parent / one[1]).is_file()]
    return [*told, *(Claim(at, f"the picture {one} is not there", "make it, or take it out") for at, one in missing)]


def _rules() -> str:
    from drydock.audit import pages
    from drydock.rules import RULES

    return pages.pages(RULES)


def _builders() -> str:
    return blocks.builders(
        (
            title,
            drivers.exporters(driver, store),
            drivers.importers(driver, store),
            drivers.roomy(driver, store),
        )
        for title, driver, store in drivers.KINDS
    )


def documents(root: Path) -> tuple[Path, ...]:
    """The documents whose blocks are rendered, each once, in a stable order; hidden folders apart."""
    found = {path: None for place in PLACES for path in sorted(root.glob(place)) if path.is_file()}
    return tuple(path for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts))

"""What each kind of capture shows in a document: tables, and what they do not say. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from statistics import median
from typing import Any

from drydock.documents import blocks
from drydock.measures import (
    api_tables,
    audit_tables,
    dashboard_tables,
    defect_tables,
    fault_tables,
    kill_tables,
    mount_tables,
    proof_tables,
    safe_fix_tables,
    scenario_tables,
    services_tables,
    session_tables,
    verification_tables,
    workflow_tables,
)
from drydock.measures.scenario_tables import spread_of
from drydock.text import human_seconds, known_bytes, ratio

Document = Mapping[str, Any]


def _sizes(document: Document) -> str:
    rows = []
    for image in document["images"]:
        seconds = image["seconds"]
        rows.append(
            (
                image["name"],
                *(known_bytes(image[key]) for key in ("disk_bytes", "pull_bytes", "base_bytes", "own_bytes")),
                str(image["layers"]),
                "not recorded" if seconds is None else human_seconds(seconds),
            )
        )
    header = ("image", "unpacked", "to pull", "base", "own part", "layers", "last build")
    return blocks.table(header, rows, right=range(1, 7))


def _pairs(document: Document) -> str:
    """Both sides of each pair, and how much more ours took: the median of the differences, since they took turns."""
    rows = []
    for pair in document["pairs"]:
        bare, ours = pair["bare"], pair["ours"]
        more = median(b - a for a, b in zip(bare, ours, strict=True))
        verdict = "held" if more <= pair["allowed"] else "not held"
        figures = (spread_of(bare), spread_of(ours), ratio(median(ours), median(bare)), f"{more:.2f} s")
        rows.append((pair["title"], *figures, f"{pair['allowed']:.2f} s", verdict))
    header = ("what", "bare", "ours", "ours / bare", "more", "allowed", "")
    return blocks.table(header, rows, right=range(1, 6))


def _recording(document: Document) -> str:
    """What recording adds to a build, then its own time by the number of files, each file's share behind it."""
    rows = []
    for one in document["growth"]:
        shares = [f"{1e6 * median(one[what]) / one['files']:.0f} µs" for what in ("cold", "warm")]
        times = [spread_of(one[what]) for what in ("cold", "warm", "edit")]
        rows.append((f"{one['files']:,}", times[0], shares[0], times[1], shares[1], times[2]))
    header = ("files", "all hashed", "a file", "all remembered", "a file", "one edited")
    return f"{_pairs(document)}\n\n{blocks.table(header, rows, right=range(6))}"


def _scenarios(document: Document) -> str:
    """Scenarios and sizes, before and after where both were measured, then what follows from them."""
    both = all({"plan", "baseline"} <= set(variants) for variants in document["images"].values())
    chosen = [scenario_tables.compared] if both else [scenario_tables.alone, scenario_tables.sized]
    parts = []
    for make in (*chosen, scenario_tables.derived):
        header, rows = make(document)
        if rows:
            numbers = range(2, len(header)) if make is not scenario_tables.derived else (3,)
            parts.append(blocks.table(header, rows, right=numbers))
    return "\n\n".join([*parts, *scenario_tables.odd(document), *document["notes"]])


def _proof(document: Document) -> str:
    """The fixes, the figures, and what was seen and what could not be established."""
    return "\n\n".join(proof_tables.told(document, blocks.table))


def _proofs(document: Document) -> str:
    header, rows = proof_tables.several(document)
    return _told(blocks.table(header, rows, right=(2, 3, 4, 6, 7, 8, 9)), lines=proof_tables.apart(document))


def _defects(document: Document) -> str:
    header, rows = defect_tables.found(document)
    return "\n\n".join([blocks.table(header, rows, right=range(1, len(header))), *defect_tables.absent(document)])


def _audit(document: Document) -> str:
    return "\n\n".join([audit_tables.told(document), *_tables(audit_tables.parts(document))])


def _services(document: Document) -> str:
    return "\n\n".join(_tables(services_tables.parts(document)))


def _api(document: Document) -> str:
    header, rows = api_tables.answers(document)
    return f"{blocks.table(header, rows, right=range(1, 5))}\n\n{api_tables.memory(document)}"


def _dashboard(document: Document) -> str:
    tables = (dashboard_tables.pages(document), dashboard_tables.overview(document))
    weights, smooth = (blocks.table(header, rows, right=range(1, len(header))) for header, rows in tables)
    return f"{weights}\n\n{dashboard_tables.told(document)}\n\n{smooth}"


def _safe_fixes(document: Document) -> str:
    header, rows = safe_fix_tables.rows(document)
    return _told(blocks.table(header, rows, right=range(1, len(header))), lines=safe_fix_tables.odd(document))


def _faults(document: Document) -> str:
    """A table for each family of faults, one for the machines with nothing wrong, and all of it in a sentence."""
    parts = [fault_tables.told(document)]
    for family, (header, rows) in fault_tables.families(document).items():
        parts.append(f"**{family}**\n\n{blocks.table(header, rows, right=(5,))}")
    header, rows = fault_tables.healthy(document)
    return "\n\n".join([*parts, blocks.table(header, rows, right=(1, 2, 3))])


def _verification(document: Document) -> str:
    header, rows = verification_tables.rows(document)
    return blocks.table(header, rows, right=[2])


def _kills(document: Document) -> str:
    header, rows = kill_tables.rows(document)
    table = blocks.table(header, rows, right=range(2, len(header)))
    return _told(table, kill_tables.told(document), lines=kill_tables.odd(document))


def _mounts(document: Document) -> str:
    header, rows = mount_tables.rows(document)
    return blocks.table(header, rows, right=range(2, 9))


def _session(document: Document) -> str:
    header, rows = session_tables.rows(document)
    table = blocks.table(header, rows, right=session_tables.NUMBERS)
    return _told(table, lines=session_tables.left_out(document))


def _workflow(document: Document) -> str:
    header, rows = workflow_tables.rows(document)
    table = blocks.table(header, rows, right=workflow_tables.NUMBERS)
    return _told(table, lines=workflow_tables.left_out(document))


def _tables(parts: Iterable[audit_tables.Part | services_tables.Part]) -> Iterator[str]:
    """A table for each part; all but its first column are numbers."""
    return (blocks.table(one.header, one.rows, right=range(1, len(one.header))) for one in parts)


def _told(*parts: str, lines: Iterable[str]) -> str:
    """Parts, and below them these lines, if there are any."""
    return "\n\n".join(filter(None, [*parts, "\n".join(f"- {line}" for line in lines)]))


TABLES: Mapping[str, Callable[[Document], str]] = {
    "size": _sizes,
    "pairs": _pairs,
    "recording": _recording,
    "scenarios": _scenarios,
    "proof": _proof,
    "proofs": _proofs,
    "defects": _defects,
    "audit": _audit,
    "api": _api,
    "dashboard": _dashboard,
    "safe-fixes": _safe_fixes,
    "faults": _faults,
    "verification": _verification,
    "kills": _kills,
    "mounts": _mounts,
    "services": _services,
    "session": _session,
    "workflow": _workflow,
}

"""A capture of kind "proof" as rows of text and sentences, for a terminal and for documents. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]
Row = tuple[str, ...]
Table = Callable[[Sequence[str], Sequence[Row]], str]
FIGURES = ("image", "what", "before", "after", "")
FIXES = ("fix", "where", "what came of it")
SEVERAL = (
    *("repository", "commit", "findings", "judged false", "no longer found"),
    *("images that build", "kept", "taken back", "not tried", "timings", "gained"),
)
VERDICTS = {True: "better", False: "worse", None: ""}


def figures(document: Document) -> list[Row]:
    """Sizes, steps and times of each image, before and after."""
    return [
        (name, one["what"], one["before"], one["after"], VERDICTS[one["better"]])
        for name, image in document["images"].items()
        for one in image["changes"]
    ]


def fixes(document: Document) -> list[Row]:
    """Every fix, and what came of it."""
    rows: list[Row] = [(one["code"], _place(one), "kept") for one in document["kept"]]
    rows += [(one["code"], _place(one), f"taken back: {one['reason']}") for one in document["taken_back"]]
    rows += [(one["code"], _place(one), f"not tried: {one['reason']}") for one in document["not_tried"]]
    return rows


def gained(document: Document) -> Iterator[str]:
    """What became better, as sentences."""
    for name, image in document["images"].items():
        for one in image["changes"]:
            if one["better"]:
                yield f"{name}, {one['what']}: {one['before']} -> {one['after']}"


def expected(document: Document) -> Iterator[str]:
    """Differences that a fix announces, as sentences."""
    for name, image in document["images"].items():
        for one in image["expected"]:
            yield f"{name}: {one['what']} ({one['rule']})"


def seen(document: Document) -> Iterator[str]:
    """What was seen of each service in the end."""
    for name, both in document["services"].items():
        yield f"{name}: {', '.join(both['after'] or both['before'])}"


def verdict(document: Document) -> str:
    """What came of the proof, in a sentence."""
    images = document["images"].values()
    if not any(image["before"]["builds"] for image in images):
        return "nothing builds before any fix, so nothing is claimed"
    kept, taken, apart = (len(document[name]) for name in ("kept", "taken_back", "not_tried"))
    if not kept and not taken:
        return "no fix to prove" + (f"; {apart} that no build shows" if apart else "")
    return f"{kept} kept, {taken} taken back" + (f", {apart} not tried" if apart else "")


def told(document: Document, table: Table) -> list[str]:
    """The parts of the report, made with a way to write tables."""
    parts = [table(FIXES, rows)] if (rows := fixes(document)) else []
    parts += [table(FIGURES, rows)] if (rows := figures(document)) else []
    for title, lines in (
        ("gained", gained(document)),
        ("differs, as announced", expected(document)),
        ("seen", seen(document)),
        ("not established", iter(document["unestablished"])),
    ):
        if found := list(lines):
            parts.append("\n".join([f"{title}:", "", *(f"- {line}" for line in found)]))
    return [*parts, verdict(document) + "."]


def several(document: Document) -> tuple[Row, list[Row]]:
    """Header and rows of several repositories: what was found, what came of the fixes, and what was gained."""
    rows: list[Row] = []
    for name, proof in document["repositories"].items():
        audit = proof.get("audit") or {}
        counted = (str(audit["findings"]), str(len(audit["false"])), str(audit["mended"])) if audit else ("", "", "")
        front = (name, proof.get("commit", "")[:12], *counted)
        if proof["trouble"]:
            rows.append((*front, "", "", "", "", "", proof["trouble"]))
            continue
        built = [image["before"]["builds"] for image in proof["images"].values()]
        counts = [str(len(proof[key])) for key in ("kept", "taken_back", "not_tried")]
        best = "; ".join(gained(proof)) if any(built) else "nothing builds before any fix"
        rows.append((*front, f"{sum(built)} of {len(built)}", *counts, _timings(proof), best))
    return SEVERAL, rows


def apart(document: Document) -> Iterator[str]:
    """What of several repositories was judged false, was taken back, or could not be established."""
    for name, proof in document["repositories"].items():
        for one in (proof.get("audit") or {}).get("false", ()):
            yield f"{name}: judged false: {one}"
        for one in proof.get("taken_back", ()):
            yield f"{name}: taken back: {one['code']} at {_place(one)}: {one['reason']}"
        for one in proof.get("unestablished", ()):
            yield f"{name}: not established: {one}"


def _timings(proof: Document) -> str:
    """How often each scenario was timed, "none" where no image was."""
    timed = any(any(image["times"].values()) for image in proof["images"].values())
    return str(proof["runs"]) if timed else "none"


def _place(one: Mapping[str, Any]) -> str:
    return f"{one['path']}:{one['line']}"

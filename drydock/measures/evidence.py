"""Committed measurements: captures in docs/measurements/NAME.json, and what they say as text."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from drydock import files
from drydock.documents import blocks
from drydock.errors import Misuse, NotReady
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
    verification_tables,
)
from drydock.measures.scenario_tables import spread
from drydock.measures.timings import Spread
from drydock.text import human_seconds, known_bytes, ratio

SCHEMA = 1
NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
Document = Mapping[str, Any]


def folder(root: Path) -> Path:
    """Where captures are kept; they are in git, on purpose."""
    return root / "docs" / "measurements"


def save(root: Path, name: str, document: Document) -> Path:
    """Write a capture atomically and return its path. A name that is no plain file name raises Misuse."""
    path = folder(root) / f"{checked(name)}.json"
    files.replace(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return path


def captures(root: Path, kind: str) -> list[str]:
    """The names of the captures of a kind, the newest first. One that is broken raises Misuse."""
    found = {path.stem: load(root, path.stem) for path in sorted(folder(root).glob("*.json"))}
    names = [name for name, document in found.items() if document.get("kind") == kind]
    return sorted(names, key=lambda name: str(found[name]["date"]), reverse=True)


def wanted(root: Path, name: str, kind: str, task: str) -> Document:
    """Read a capture of a kind, which `task` saves and compares with; Misuse, which names those, where it is none."""
    if (folder(root) / f"{checked(name)}.json").is_file():
        document = load(root, name)
        if document["kind"] == kind:
            return document
        said = f"the capture {name} is of another kind"
    else:
        said = f"there is no capture {name}"
    fitting = captures(root, kind)
    said += f"; to compare with there are: {', '.join(fitting)}" if fitting else "; there is none to compare with yet"
    raise Misuse(said, remedy=f"inv {task} --against {fitting[0]}" if fitting else f"inv {task} --save {name}")


def load(root: Path, name: str) -> Document:
    """Read a capture. One that is unknown, broken, or of a newer Drydock raises Misuse."""
    path = folder(root) / f"{checked(name)}.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = ", ".join(sorted(found.stem for found in folder(root).glob("*.json"))) or "none yet"
        raise Misuse(
            f"there is no capture {name} (known: {known})", remedy=f"inv size --save {name}, or name a known one"
        ) from error
    except OSError as error:
        raise NotReady(f"{path} cannot be read: {error.strerror}", remedy=f"make {path.name} readable") from error
    except ValueError as error:
        raise Misuse(f"{path} is not valid JSON: {error}", remedy=f"git checkout -- {path.name}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA or "kind" not in document:
        raise Misuse(f"{path} is not a capture of schema {SCHEMA}", remedy="capture it again with this Drydock")
    return document


def markdown(document: Document) -> str:
    """A capture as a Markdown table followed by what it was measured on."""
    tables = {
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
    }
    kind = document.get("kind")
    if kind not in tables:
        raise Misuse(f"a capture of kind {kind} cannot be shown", remedy=f"use one of: {', '.join(tables)}")
    return f"{tables[kind](document)}\n\n{provenance(document)}"


def provenance(document: Document) -> str:
    """What the figures of a capture rest on: date, command, machine, versions, commit, bases, the evidence itself."""
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    runs = document.get("runs")
    seldom = {None: "", 0: " Nothing was timed.", 1: " One run."}
    often = seldom.get(runs, f" Median of {runs} runs, smallest and largest in brackets.")
    return (
        f"Measured on {document['date'][:10]} with `{document['command']}`{_commit(document)} "
        f"on {document['machine']} ({versions}, image store {document['store']}; evidence {digest(document)})."
        f"{often}{standins(document)}"
    )


def digest(document: Document) -> str:
    """The beginning of the SHA-256 of a capture, so that a changed figure shows even where it is rounded away."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def standins(document: Document) -> str:
    """A sentence that says which bases were stand-ins, or nothing."""
    names = [base["name"] for base in document["bases"] if base["origin"] == "standin"]
    if not names:
        return ""
    verb = "is a stand-in" if len(names) == 1 else "are stand-ins"
    return (
        f" {' and '.join(names)} {verb} built from packages, since no registry answered:"
        " over official bases the sizes and times differ."
    )


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
        figures = (_spread(bare), _spread(ours), ratio(median(ours), median(bare)), f"{more:.2f} s")
        rows.append((pair["title"], *figures, f"{pair['allowed']:.2f} s", verdict))
    header = ("what", "bare", "ours", "ours / bare", "more", "allowed", "")
    return blocks.table(header, rows, right=range(1, 6))


def _recording(document: Document) -> str:
    """What recording adds to a build, then its own time by the number of files, each file's share behind it."""
    rows = []
    for one in document["growth"]:
        shares = [f"{1e6 * median(one[what]) / one['files']:.0f} µs" for what in ("cold", "warm")]
        times = [_spread(one[what]) for what in ("cold", "warm", "edit")]
        rows.append((f"{one['files']:,}", times[0], shares[0], times[1], shares[1], times[2]))
    header = ("files", "all hashed", "a file", "all remembered", "a file", "one edited")
    return f"{_pairs(document)}\n\n{blocks.table(header, rows, right=range(6))}"


def _spread(seconds: Sequence[float]) -> str:
    return spread(Spread(tuple(seconds)))


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
    apart = "\n".join(f"- {line}" for line in proof_tables.apart(document))
    return "\n\n".join(part for part in (blocks.table(header, rows, right=(2, 3, 4, 6, 7, 8, 9)), apart) if part)


def _defects(document: Document) -> str:
    header, rows = defect_tables.found(document)
    return "\n\n".join([blocks.table(header, rows, right=range(1, len(header))), *defect_tables.absent(document)])


def _audit(document: Document) -> str:
    made = [blocks.table(one.header, one.rows, right=range(1, len(one.header))) for one in audit_tables.parts(document)]
    return "\n\n".join([audit_tables.told(document), *made])


def _services(document: Document) -> str:
    made = [
        blocks.table(one.header, one.rows, right=range(1, len(one.header))) for one in services_tables.parts(document)
    ]
    return "\n\n".join(made)


def _api(document: Document) -> str:
    header, rows = api_tables.answers(document)
    return f"{blocks.table(header, rows, right=range(1, 5))}\n\n{api_tables.memory(document)}"


def _dashboard(document: Document) -> str:
    tables = (dashboard_tables.pages(document), dashboard_tables.overview(document))
    weights, smooth = (blocks.table(header, rows, right=range(1, len(header))) for header, rows in tables)
    return f"{weights}\n\n{dashboard_tables.told(document)}\n\n{smooth}"


def _safe_fixes(document: Document) -> str:
    header, rows = safe_fix_tables.rows(document)
    table = blocks.table(header, rows, right=range(1, len(header)))
    told = "\n".join(f"- {line}" for line in safe_fix_tables.odd(document))
    return f"{table}\n\n{told}" if told else table


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
    odd = "\n".join(f"- {line}" for line in kill_tables.odd(document))
    return "\n\n".join(part for part in (table, kill_tables.told(document), odd) if part)


def _mounts(document: Document) -> str:
    header, rows = mount_tables.rows(document)
    return blocks.table(header, rows, right=range(2, 9))


def _commit(document: Document) -> str:
    if not document.get("commit"):
        return ""
    return f" at commit {document['commit'][:12]}{' with local changes' if document['dirty'] else ''}"


def checked(name: str) -> str:
    """The name of a capture, if it can be one; else Misuse."""
    if not NAME.fullmatch(name):
        raise Misuse(f"{name!r} is no name for a capture", remedy="use letters, digits, dots and dashes")
    return name

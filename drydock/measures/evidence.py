"""Committed measurements: captures in docs/measurements/NAME.json, and what they say as text."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drydock import command, files
from drydock.errors import Misuse, NotReady
from drydock.measures import renderings

SCHEMA = 1
NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
Document = Mapping[str, Any]


def folder(root: Path) -> Path:
    """Where captures are kept; they are in git, on purpose."""
    return root / "docs" / "measurements"


def save(root: Path, name: str, document: Document) -> Path:
    """Write a capture atomically, but not on a dry run, and return its path; Misuse for no plain file name."""
    path = folder(root) / f"{checked(name)}.json"
    if not command.withheld(path.relative_to(root)):
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
    kind = str(document.get("kind"))
    if kind not in renderings.TABLES:
        raise Misuse(f"a capture of kind {kind} cannot be shown", remedy=f"use one of: {', '.join(renderings.TABLES)}")
    return f"{renderings.TABLES[kind](document)}\n\n{provenance(document)}"


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


def _commit(document: Document) -> str:
    if not document.get("commit"):
        return ""
    return f" at commit {document['commit'][:12]}{' with local changes' if document['dirty'] else ''}"


def checked(name: str) -> str:
    """The name of a capture, if it can be one; else Misuse."""
    if not NAME.fullmatch(name):
        raise Misuse(f"{name!r} is no name for a capture", remedy="use letters, digits, dots and dashes")
    return name

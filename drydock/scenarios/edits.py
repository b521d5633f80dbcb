"""Edits of texts that make steps run again by what they read, never by a flag. Pure.

Each takes the text as it was at first and a number never used before, so that no earlier build is found in the cache.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from drydock import dockerfile
from drydock.errors import Misuse
from drydock.scenarios import packages
from drydock.scenarios.packages import Package, Versions

ARGUMENT = "DRYDOCK_BENCH"
NAMED = re.compile(r"^([A-Za-z0-9._-]+)\s*(?=[=<>~!;@\[ ]|$)", re.MULTILINE)
LINES = {  # by the end of a file's name: a line that changes what is built, and nothing that it does
    ".py": "DRYDOCK_EDIT = {number}",
    ".svelte": "<p>edit {number}</p>",
    ".html": "<!-- edit {number} -->",
    ".css": ":root { --drydock-edit: {number}; }",
    ".go": 'var DrydockEdit = "{number}"',
    ".rs": 'pub static DRYDOCK_EDIT: &str = "{number}";',
    ".rb": "DRYDOCK_EDIT = {number}",
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx"), 'console.debug("edit {number}");'),
}


def cold(text: str, number: int) -> str:
    """A Dockerfile whose every RUN runs again: an ARG that is declared belongs to the cache key of the RUNs after it.

    It stays out of the image, and cache mounts stay what they are.
    """
    for stage in reversed(dockerfile.parse(text).stages):
        end = stage.opening.end
        text = f"{text[:end]}\nARG {ARGUMENT}={number}{text[end:]}"
    return text


def line(text: str, words: str, number: int) -> str:
    """The text with one more line at its end; `{number}` in the words becomes the number."""
    added = words.replace("{number}", str(number))
    return f"{text.rstrip()}\n{added}\n"


def hides_nothing(text: str, number: int) -> str:
    """An ignore file with one more line, which no file fits."""
    return line(text, "drydock-hides-nothing-{number}", number)


def requirements(text: str, number: int, version: int | None = None) -> str:
    """A requirements file with some small packages more; with hashes if the others have them. A comment makes it new.

    The number picks their versions, if `version` does not. Misuse where it names all of them already.
    """
    taken = NAMED.findall(text)
    added = []
    for one in _some(packages.PYTHON, taken, "requirements", number, version):
        added.append(f"{one.name}=={one.version}{f' --hash={one.digest}' if '--hash=' in text else ''}")
    return line(text, "\n".join([*added, "# edit {number}"]), number)


def package_lock(manifest: str, lock: str, number: int, version: int | None = None) -> tuple[str, str]:
    """package.json and package-lock.json with a small package more; a key unknown to npm makes them new.

    The number picks its version, if `version` does not. Misuse for a lock of npm 6, which has no `packages`, and where
    all that could be added is there.
    """
    wanted, held = _parsed(manifest, "package.json"), _parsed(lock, "package-lock.json")
    if "" not in (known := held.get("packages", {})):
        raise Misuse("package-lock.json has no packages", remedy="npm install --package-lock-only, with npm 7 or later")
    taken = [path.rpartition("node_modules/")[2] for path in known]
    package = _some(packages.NODE, taken, "package-lock.json", number, version)[0]
    for table in (wanted, known[""]):
        table.setdefault("dependencies", {})[package.name] = package.version
    known[f"node_modules/{package.name}"] = {"version": package.version, "integrity": package.digest}
    return _dumped({**wanted, "drydockEdit": number}), _dumped({**held, "drydockEdit": number})


def _some(
    table: Mapping[str, Versions], taken: Sequence[str], where: str, number: int, version: int | None
) -> tuple[Package, ...]:
    found = packages.chosen(table, taken, number, version)
    if not found:
        raise Misuse(
            f"{where} holds {', '.join(table)} already, so none can be added",
            remedy="give the edit as dependency and dependency_line, with {number} in it",
        )
    return found


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Misuse(f"{name} is not valid JSON: {error}", remedy=f"mend {name}") from error
    return document if isinstance(document, dict) else {}


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

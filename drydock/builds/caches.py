"""Cache imports and exports: what an entry says, what is wrong with it, and why it cannot be used here. Pure."""

import csv
import re
from collections.abc import Collection, Mapping

from drydock.bases import registries
from drydock.causes import veil
from drydock.engines import drivers
from drydock.errors import Misuse

SECRET = re.compile(r"(?P<name>\b\w*(?:token|secret|key)\w*)=[^,]+", re.IGNORECASE)
ON_THIS_MACHINE = ("inline", "local")  # an inline cache goes where its image goes
ONE_PLACE = ("local", "registry")  # one such entry holds one cache: a second one takes its place
NEEDED = {
    ("import", "local"): "src",
    ("export", "local"): "dest",
    ("import", "registry"): "ref",
    ("export", "registry"): "ref",
}
FORGIVEN = ",ignore-error=true"  # how an export ends that may fail
MODES = ("min", "max")
EXAMPLES = {
    "import": "type=registry,ref=HOST/NAME, type=local,src=FOLDER or type=gha",
    "export": "type=registry,ref=HOST/NAME, type=local,dest=FOLDER, type=inline or type=gha",
}


def fields(entry: str) -> Mapping[str, str]:
    """An entry as buildx reads it: comma-separated NAME=VALUE, where one word alone is the name of an image."""
    words = next(csv.reader([entry]), [])
    if len(words) == 1 and "=" not in entry:
        return {"type": "registry", "ref": entry}
    given = dict(word.partition("=")[::2] for word in words)
    return {"type": "registry", **{name.strip().lower(): value for name, value in given.items()}}


def kind(entry: str) -> str:
    """The type of an entry."""
    return fields(entry)["type"]


def demand(where: str, entry: str, verb: str) -> None:
    """Raise Misuse for an entry that no builder could take; `where` is where it is written, `verb` import or export."""
    if reason := _wrong(entry, verb):
        raise Misuse(f"{where} {shown(entry)}: {reason}", remedy=f"write it as {EXAMPLES[verb]}")


def _wrong(entry: str, verb: str) -> str:
    said = fields(entry)
    if bare := [name for name, value in said.items() if not value]:
        return f"{bare[0] or 'nothing'} has no value"
    if said["type"] not in drivers.CACHES:
        return f"there is no cache of type {said['type']}, only {', '.join(drivers.CACHES)}"
    if verb == "import" and said["type"] == "inline":
        return "an inline cache is imported from the registry that holds its image"
    if (needed := NEEDED.get((verb, said["type"]))) and needed not in said:
        return f"a {said['type']} cache needs {needed} to {verb}"
    if said.get("mode", MODES[0]) not in MODES:
        return f"mode is {' or '.join(MODES)}, not {said['mode']}"
    return ""


def unable(entry: str, able: Collection[str], verb: str) -> str:
    """Why this builder cannot `verb` (import or export) such a cache; empty if it can."""
    if kind(entry) in able:
        return ""
    return f"this builder {verb}s no {kind(entry)} cache, only {', '.join(able)}"


def shared(entry: str, images: int) -> str:
    """Why an export cannot serve for several images at once; empty if it can."""
    if images < 2 or "{image}" in entry or kind(entry) not in ONE_PLACE:
        return ""
    return "it has room for the cache of one image: write {image} where the name of each belongs"


def leaves(entry: str) -> bool:
    """Whether an export leaves this machine."""
    return kind(entry) not in ON_THIS_MACHINE and not registries.loopback(fields(entry).get("ref", ""))


def forgiving(entry: str) -> str:
    """An export that is wished for and not ordered: where it fails half way, the build goes on."""
    if kind(entry) == "inline" or "ignore-error" in fields(entry):
        return entry
    whole = entry if "=" in entry else f"type=registry,ref={entry}"
    return f"{whole}{FORGIVEN}"


def shown(entry: str) -> str:
    """An entry without what it logs in with."""
    return SECRET.sub(r"\g<name>=$SECRET", veil.without_logins(entry))

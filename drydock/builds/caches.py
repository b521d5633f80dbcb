"""Cache imports and exports: what kind each is, and why one of them cannot be used here. Pure."""

import re
from collections.abc import Collection

from drydock.bases import registries

ON_THIS_MACHINE = ("inline", "local")  # an inline cache goes where its image goes
ONE_PLACE = ("local", "registry")  # one such entry holds one cache: a second one takes its place


def kind(entry: str) -> str:
    """The type of an entry as buildx reads it: one without is the name of an image."""
    found = re.search(r"(?:^|,)type=([^,]+)", entry)
    return found[1] if found else "registry"


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
    return kind(entry) not in ON_THIS_MACHINE and not registries.loopback(_reference(entry))


def _reference(entry: str) -> str:
    found = re.search(r"(?:^|,)ref=([^,]+)", entry)
    return found[1] if found else entry if "=" not in entry else ""

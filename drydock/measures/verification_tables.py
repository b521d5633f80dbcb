"""A capture of kind "verification" as rows of text. Pure."""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]
Row = tuple[str, ...]
HEADER = ("image", "platform", "layers", "digest of the first build", "of the second", "what differs")
DIGITS = len("sha256:") + 12


def rows(document: Document) -> tuple[Row, list[Row]]:
    """Header and a row for each image."""
    return HEADER, [_row(one) for one in document["images"]]


def _row(one: Mapping[str, Any]) -> Row:
    first, second = (digest[:DIGITS] for digest in one["digests"])
    paths = [f"`{each['path']}`" for each in one["differences"]]
    return (one["image"], one["platform"], str(one["layers"]), first, second, ", ".join(paths) or "nothing")

"""Cursors: where a page ended, as one opaque word. Pure.

A cursor names the last entry of its page and no count of entries: what is added meanwhile moves nothing.
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, TypeVar

from app import shapes

CHECK_BYTES = 6  # enough that a mistyped cursor, or one of another list, is noticed

T = TypeVar("T")


def write(scope: Sequence[str | None], position: Sequence[Any]) -> str:
    """A cursor for a position in a list; `scope` says which list, filters included."""
    body = json.dumps(position, separators=(",", ":")).encode()
    return urlsafe_b64encode(_check(scope, body) + body).decode().rstrip("=")


def read(scope: Sequence[str | None], shape: type[T], text: str) -> T:
    """The position of a cursor that `write` gave for the same list; ValueError for any other text."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    check, body = raw[:CHECK_BYTES], raw[CHECK_BYTES:]
    if check != _check(scope, body):
        raise ValueError("no cursor of this list")
    return shapes.read(shape, json.loads(body))


def _check(scope: Sequence[str | None], body: bytes) -> bytes:
    return hashlib.blake2b(json.dumps(scope).encode() + b"\0" + body, digest_size=CHECK_BYTES).digest()

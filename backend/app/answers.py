"""Answers with an ETag, and none at all to who has the answer already."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Response, json, jsonify, request

from app import settings
from app.ledger import reading
from app.ledger.reading import Ledger

DIGEST_BYTES = 12


def of_ledger(ask: Callable[[Ledger], object]) -> Response:
    """What `ask` finds in the ledger; 304 without a query where neither it nor this service changed since.

    The tag is taken before the ledger is read: should a build be added between, it belongs to an older answer and
    fits no later one.
    """
    path = settings.current().ledger
    tag = _digest(f"{source()} {reading.identity(path)} {request.full_path}".encode())
    if request.if_none_match.contains_weak(tag) and not request.if_none_match.star_tag:
        return _tagged(Response(status=304), tag)
    with reading.reading(path) as ledger:
        found = ask(ledger)
    return _tagged(jsonify(found), tag)


def of_body(body: object) -> Response:
    """An answer that is tagged by what it says; bytes are JSON already."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode() + b"\n"
    return _tagged(Response(text, content_type="application/json"), _digest(text))


@cache
def source() -> str:
    """The version of this service: the digest of its own source, since the label of its image may stay the same."""
    home = Path(__file__).parent
    files = sorted(path for path in home.rglob("*") if path.suffix in (".py", ".json"))
    return _digest(b"".join(path.read_bytes() for path in files))


def _tagged(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.make_conditional(request)
    return response


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest()

"""Every error as a problem document (RFC 9457): JSON, one sentence, never a traceback."""

from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, json
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Response

from app.ledger.reading import Unreadable

LONGEST_FIELD = 64


class Refused(BadRequest):
    """A parameter that cannot be taken; the document names it."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field[:LONGEST_FIELD]
        super().__init__(f"{self.field}: {why}")


def register(app: Flask) -> None:
    """Answer every error of the application with a problem document."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Unreadable, _unreadable)


def _http(error: HTTPException) -> HTTPException | Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error  # a redirect is an exception too, and no error
    document = _document(error.code, error.description or "")
    if isinstance(error, Refused):
        document["field"] = error.field
    kept = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return _response(document, kept)  # what is kept: Allow with 405, Retry-After with 429 and 503


def _unreadable(error: Unreadable) -> Response:
    current_app.logger.warning("%s", error)
    document = _document(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    return _response(document, {"Retry-After": "1"} if error.passing else {})


def _document(status: int, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}


def _response(document: dict[str, Any], headers: dict[str, str]) -> Response:
    text = json.dumps(document) + "\n"
    return Response(text, document["status"], headers, content_type="application/problem+json")

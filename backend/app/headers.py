"""What goes with every answer: who may read it, and what a browser may do with it."""

from flask import Flask, Response, request

from app import settings

ALWAYS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
METHODS = "GET, HEAD, OPTIONS"
PREFLIGHT_SECONDS = "600"


def register(app: Flask) -> None:
    """Add the headers to every answer, errors too: the front end must be able to read why it got none."""
    app.after_request(_secure)
    app.after_request(_share)


def _secure(response: Response) -> Response:
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    return response


def _share(response: Response) -> Response:
    """Let pages of the front end's origin read the answer, and no others."""
    response.vary.add("Origin")
    if request.headers.get("Origin") != settings.current().frontend_origin:
        return response
    response.headers["Access-Control-Allow-Origin"] = settings.current().frontend_origin
    response.headers["Access-Control-Expose-Headers"] = "ETag"
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return response

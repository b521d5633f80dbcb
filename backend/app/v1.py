"""Version 1 of the API: each route checks what is asked, and says where the answer comes from."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from app import answers, comparison, cursor, document, findings, overview, proofs, query, running, scenarios, settings
from app.ledger import builds as built
from app.ledger import images as made
from app.ledger import reports
from app.ledger.builds import Build
from app.ledger.reading import Ledger
from app.problems import Refused

blueprint = Blueprint("v1", __name__, url_prefix="/api/v1")

T = TypeVar("T")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The document of this API."""
    query.asked("openapi")
    return answers.of_body(document.TEXT)


@blueprint.get("/images")
def images() -> Response:
    """Every image by name."""
    asked = query.asked("images")
    scope, limit = ["images"], asked["limit"]
    after = _position(scope, str, asked["cursor"]) or ""

    def ask(ledger: Ledger) -> object:
        found = overview.page(ledger, after=after, limit=limit + 1)
        more = len(found) > limit
        return {"images": found[:limit], "next": cursor.write(scope, found[limit - 1].name) if more else None}

    return answers.of_ledger(ask)


@blueprint.get("/images/<name>")
def image(name: str) -> Response:
    """One image."""
    asked = query.asked("image")

    def ask(ledger: Ledger) -> object:
        found = overview.detail(ledger, name, asked["build"])
        return _there(found, f"there is no image {name}, or not with this build")

    return answers.of_ledger(ask)


@blueprint.get("/builds")
def builds() -> Response:
    """The builds, newest first."""
    asked = query.asked("builds")
    limit = asked["limit"]
    filters = {name: asked[name] for name in ("image", "scenario", "outcome")}
    scope = ["builds", *filters.values()]
    after = _position(scope, tuple[str, int], asked["cursor"])

    def ask(ledger: Ledger) -> object:
        found = built.page(ledger, **filters, after=after, limit=limit + 1)
        more = len(found) > limit
        return {"builds": found[:limit], "next": cursor.write(scope, found[limit - 1].position) if more else None}

    return answers.of_ledger(ask)


@blueprint.get("/builds/<id>")
def build(id: str) -> Response:  # noqa: ARG001  # read, within its limits, by `asked`
    """One build."""
    asked = query.asked("build")

    def ask(ledger: Ledger) -> object:
        found = _build(ledger, asked["id"])
        steps = built.steps(ledger, found)
        previous, following = built.beside(ledger, found)
        return {
            "build": found,
            "detail": steps,
            "why": built.why(ledger, found),
            "critical_seconds": sum(step.seconds for step in steps if step.critical),
            "previous": previous,
            "next": following,
        }

    return answers.of_ledger(ask)


@blueprint.get("/compare")
def compare() -> Response:
    """Two builds side by side."""
    asked = query.asked("compare")

    def whole(ledger: Ledger, number: int) -> comparison.Whole:
        found = _build(ledger, number)
        return found, built.steps(ledger, found), made.anatomy(ledger, found.digest)

    return answers.of_ledger(
        lambda ledger: comparison.compared(whole(ledger, asked["before"]), whole(ledger, asked["after"]))
    )


@blueprint.get("/scenarios")
def timed() -> Response:
    """What builds take after edits."""
    query.asked("scenarios")
    return answers.of_ledger(lambda ledger: {"reports": scenarios.listed(ledger)})


@blueprint.get("/findings")
def found() -> Response:
    """What the last audit found."""
    asked = query.asked("findings")
    return answers.of_ledger(lambda ledger: findings.listed(ledger, **asked))


@blueprint.get("/proofs")
def proven() -> Response:
    """What proofs kept and took back."""
    query.asked("proofs")
    return answers.of_ledger(lambda ledger: {"proofs": proofs.listed(ledger)})


@blueprint.get("/doctor")
def doctor() -> Response:
    """The verdicts on the machine."""
    query.asked("doctor")

    def ask(ledger: Ledger) -> object:
        found = reports.doctor(ledger)
        return {"made": found.made, **vars(found.body)} if found else {"made": None, "code": None, "checks": []}

    return answers.of_ledger(ask)


@blueprint.get("/running")
def runs() -> Response:
    """The builds that run now."""
    query.asked("running")
    return answers.of_body({"builds": running.now(settings.current().ledger, datetime.now(UTC))})


def _build(ledger: Ledger, number: int) -> Build:
    return _there(built.find(ledger, [number]).get(number), f"there is no build {number}")


def _there(found: T | None, what: str) -> T:
    if found is None:
        raise NotFound(what)
    return found


def _position(scope: Sequence[str | None], shape: type[T], text: str | None) -> T | None:
    if text is None:
        return None
    try:
        return cursor.read(scope, shape, text)
    except ValueError as error:
        raise Refused("cursor", "give one that an answer to the same question held as `next`") from error

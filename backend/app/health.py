"""Whether the service answers, and how it finds the ledger."""

from flask import Blueprint, Response

from app import answers, query, settings
from app.ledger import reading

blueprint = Blueprint("health", __name__)


@blueprint.get("/api/health")
def health() -> Response:
    """Always 200: a ledger that cannot be read is said, and no reason to restart the service."""
    query.asked("health")
    return answers.of_body({"status": "ok", "ledger": reading.state(settings.current().ledger)})

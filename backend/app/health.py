"""Whether the service answers, and how it finds the ledger."""

from flask import Blueprint

from app import ledger, settings

blueprint = Blueprint("health", __name__)


@blueprint.get("/api/health")
def health() -> dict[str, str]:
    """Always 200: a ledger that cannot be read is said, and no reason to restart the service."""
    return {"status": "ok", "ledger": ledger.state(settings.current().ledger)}

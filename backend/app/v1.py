"""Version 1 of the API: the measurements as they lie in the ledger."""

from typing import Any

from flask import Blueprint

from app import ledger, query, settings

blueprint = Blueprint("v1", __name__, url_prefix="/api/v1")

LIMIT = 50
MOST = 500
LONGEST_NAME = 255


@blueprint.get("/images")
def images() -> dict[str, Any]:
    """Every image with its number of builds and the newest of them."""
    query.only()
    return {"images": ledger.images(settings.current().ledger)}


@blueprint.get("/builds")
def builds() -> dict[str, Any]:
    """The newest builds: `image` narrows them to one image, `limit` says how many."""
    query.only("image", "limit")
    image = query.text("image", longest=LONGEST_NAME)
    limit = query.number("limit", default=LIMIT, most=MOST)
    return {"builds": ledger.builds(settings.current().ledger, image=image, limit=limit)}

"""The OpenAPI document beside this module, which says what may be asked; it is served as it is."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

TEXT = Path(__file__).with_name("openapi.json").read_bytes()


@cache
def parameters(operation: str) -> Mapping[str, Mapping[str, Any]]:
    """The parameters of an operation, in the order of the document."""
    for path in json.loads(TEXT)["paths"].values():
        if path["get"]["operationId"] == operation:
            return {one["name"]: one for one in path["get"].get("parameters", ())}
    raise LookupError(operation)

"""How the Docker client is set up: its config.json, and DOCKER_BUILDKIT in the environment."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from drydock.checks import Verdict, fail, ok, warn
from drydock.engines import docker_config
from drydock.engines.missing import NoEngine

CONFIG = "config.json"


def settings(path: str, text: str | None, has_program: Callable[[str], bool]) -> Verdict:
    """Docker's client settings: `text` is None where there is no such file."""
    if text is None:
        return ok(CONFIG, "there is none; Docker's defaults apply")
    try:
        document = docker_config.parse(path, text)
    except NoEngine as problem:
        return unreadable(problem)
    return _features(path, document) or _helpers(path, document, has_program) or ok(CONFIG, "valid")


def unreadable(problem: NoEngine) -> Verdict:
    """Settings that cannot be read as such: what the problem says of them."""
    return fail(CONFIG, problem.message, problem.remedy)


def with_buildkit(text: str) -> str:
    """The settings with BuildKit switched on; everything else as it was."""
    document = json.loads(text)
    document["features"] = {**document.get("features", {}), "buildkit": "true"}
    return json.dumps(document, indent="\t") + "\n"


def variable(value: str | None) -> Verdict:
    """DOCKER_BUILDKIT: Drydock builds through buildx whatever it says, plain `docker build` obeys it."""
    name = "DOCKER_BUILDKIT"
    if value is None:
        return ok(name, "not set; BuildKit is the default")
    if value.lower() in ("0", "false"):
        return warn(name, f"{value}: plain docker build would go without BuildKit", f"unset {name}, or export {name}=1")
    return ok(name, value)


def _features(path: str, document: Mapping[str, Any]) -> Verdict | None:
    features = document.get("features")
    if features is None:
        return None
    remedy = f'write "features": {{"buildkit": "true"}} in {path}'
    if isinstance(value := features.get("buildkit", "true"), bool):
        return warn(
            CONFIG,
            f"features.buildkit is {str(value).lower()}, no text: docker ignores the whole file",
            remedy,
            can_fix=True,
        )
    if str(value).lower() in ("0", "false"):
        return warn(
            CONFIG, "features.buildkit is false: an older client would build without BuildKit", remedy, can_fix=True
        )
    return None


def _helpers(path: str, document: Mapping[str, Any], has_program: Callable[[str], bool]) -> Verdict | None:
    """A credential helper that is not there breaks every pull that would ask it, also of public images."""
    store, own = document.get("credsStore"), document.get("credHelpers") or {}
    if store and not has_program(f"docker-credential-{store}"):
        return fail(
            CONFIG, f"docker-credential-{store} is not installed", f"install it, or remove credsStore from {path}"
        )
    for registry, helper in own.items():
        if not has_program(f"docker-credential-{helper}"):
            story = f"docker-credential-{helper}, for {registry}, is not installed"
            return warn(CONFIG, story, f"install it, or remove it from credHelpers in {path}")
    return None

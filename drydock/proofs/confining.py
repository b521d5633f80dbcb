"""What a build under proof is kept from: the host's network and keys, and files outside of the repository."""

from dataclasses import replace
from pathlib import Path

from drydock.config import Image


def outside(image: Image, root: Path, inline: Path) -> str:
    """What an image of the repository at `root` would take from outside of it, in words; empty where there is nothing.

    Below `inline` are the Dockerfiles that its compose file holds.
    """
    inside = root.resolve()
    if not image.context.resolve().is_relative_to(inside):
        return "its context lies outside the repository"
    file = image.dockerfile.resolve()
    if not file.is_relative_to(inside) and not file.is_relative_to(inline):
        return "its Dockerfile lies outside the repository"
    if file.exists() and not file.is_file():
        return "its Dockerfile is no ordinary file"
    for name, value in image.contexts.items():
        if Path(value).is_absolute() and not Path(value).resolve().is_relative_to(inside):
            return f"its context {name} lies outside the repository"
    return ""


def confine(image: Image, root: Path) -> tuple[Image, list[str]]:
    """The image without what its build would be given of the host, and what that is, in words."""
    kept = {name: value for name, value in image.secrets.items() if _is_granted(value, root)}
    left = [f"its build's secret {name}" for name in image.secrets if name not in kept]
    left += ["its build's ssh"] if image.ssh else []
    left += ["its build's network"] if image.network == "host" else []
    network = None if image.network == "host" else image.network
    return replace(image, secrets=kept, ssh=(), network=network), left


def _is_granted(secret: str, root: Path) -> bool:
    """Whether a build may have a secret: a variable, as compose fills in any, or a file of the repository."""
    return secret.startswith("env=") or Path(secret.removeprefix("src=")).resolve().is_relative_to(root.resolve())

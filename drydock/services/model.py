"""A resolved compose model, or a tree of Dockerfiles, as the images to build. Pure but for looking for files."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drydock.config import BUILT, Image
from drydock.errors import Misuse

SKIPPED = frozenset({"node_modules", "vendor", "venv", "__pycache__"})
DEPTH = 2


def images(model: Mapping[str, Any], inline: Path) -> tuple[Image, ...]:
    """The images that the services of a resolved compose model build; a service that only names an image has none.

    `inline` is the folder in which a service's inline Dockerfile is to be found as `<service>.Dockerfile`.
    """
    project = str(model["name"])
    secrets = model.get("secrets") or {}
    return tuple(
        _image(name, service, project, secrets, inline)
        for name, service in (model.get("services") or {}).items()
        if service.get("build")
    )


def inlines(model: Mapping[str, Any]) -> dict[str, str]:
    """Dockerfiles that are written inside the compose file, by service."""
    services = model.get("services") or {}
    built = {name: service.get("build") or {} for name, service in services.items()}
    return {name: plain(build["dockerfile_inline"]) for name, build in built.items() if build.get("dockerfile_inline")}


def found(root: Path) -> tuple[Image, ...]:
    """The images of a repository without a compose file: one for each Dockerfile at the root or up to two levels down.

    An image is named like its folder; where two folders share a name, like the path.
    """
    files = [path for depth in range(DEPTH + 1) for path in sorted(root.glob("/".join(["*"] * depth + ["Dockerfile"])))]
    files = [path for path in files if path.is_file() and not _skipped(path.parent.relative_to(root))]
    short = [_named(path.parent.name) for path in files]
    names = [
        name if short.count(name) == 1 else _named("-".join(path.parent.relative_to(root).parts) or name)
        for name, path in zip(short, files, strict=True)
    ]
    return tuple(Image(name, path.parent, path, f"{name}:local") for name, path in zip(names, files, strict=True))


def plain(value: Any) -> str:
    """A scalar of the model as text: compose prints a literal dollar doubled, and booleans as YAML does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("$$", "$")


def _image(name: str, service: Mapping[str, Any], project: str, secrets: Mapping[str, Any], inline: Path) -> Image:
    build = service["build"]
    context = plain(build.get("context") or ".")
    if "://" in context or context.startswith("git@"):
        raise Misuse(f"service {name} builds from {context}, which is no folder", remedy="clone it and name the folder")
    folder = Path(context)
    dockerfile = folder / plain(build.get("dockerfile") or "Dockerfile")
    if build.get("dockerfile_inline"):
        dockerfile = inline / f"{name}.Dockerfile"
    return Image(
        name=name,
        context=folder,
        dockerfile=dockerfile,
        tag=plain(service.get("image") or f"{project}-{name}:latest"),
        target=plain(build["target"]) if build.get("target") else None,
        args=_table(build.get("args")),
        contexts={key: _context(value) for key, value in _table(build.get("additional_contexts")).items()},
        platforms=_list(build.get("platforms")),
        cache_from=_list(build.get("cache_from")),
        cache_to=_list(build.get("cache_to")),
        tags=_list(build.get("tags")),
        secrets=dict(_secret(entry, secrets) for entry in build.get("secrets") or ()),
        ssh=_list(build.get("ssh")),
        labels=_table(build.get("labels")),
        network=plain(build["network"]) if build.get("network") else None,
    )


def _context(value: str) -> str:
    return BUILT + value.removeprefix("service:") if value.startswith("service:") else value


def _secret(entry: Mapping[str, Any], secrets: Mapping[str, Any]) -> tuple[str, str]:
    source = str(entry["source"])
    defined = secrets.get(source) or {}
    where = f"env={defined['environment']}" if "environment" in defined else f"src={plain(defined.get('file', ''))}"
    return str(entry.get("target") or source), where


def _table(value: Any) -> dict[str, str]:
    return {key: plain(item) for key, item in (value or {}).items() if item is not None}


def _list(value: Any) -> tuple[str, ...]:
    return tuple(plain(item) for item in value or ())


def _named(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "image"


def _skipped(folder: Path) -> bool:
    return any(part.startswith(".") or part in SKIPPED for part in folder.parts)

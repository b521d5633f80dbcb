"""Scratch copies of this repository's images: as they are, and as they were before the plan."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drydock import command
from drydock.config import Image

VARIANTS = ("baseline", "plan")


@dataclass(frozen=True)
class Copy:
    """One variant of one image: a repository of its own with one service, tagged apart from the real one."""

    image: str
    variant: str
    root: Path
    context: Path
    dockerfile: Path


def make(root: Path, image: Image, variant: str, into: Path, environ: Mapping[str, str]) -> Copy:
    """Copy what git knows of an image's context, with the Dockerfile of the variant and a compose file for it alone.

    The baseline had no ignore file and no stages; it is built whole from its own Dockerfile.
    """
    place = into / variant / image.name
    context = place / "context"
    _copy(image.context, context, environ)
    dockerfile = context / "Dockerfile"
    contexts = {}
    if variant == "baseline":
        (context / ".dockerignore").unlink(missing_ok=True)
        shutil.copyfile(baseline(root, image.name), dockerfile)
    else:
        shutil.copyfile(image.dockerfile, dockerfile)
        contexts = {name: _moved(value, image.context, context) for name, value in image.contexts.items()}
    build = {
        "context": "./context",
        "args": dict(image.args),
        **({"target": image.target} if image.target and variant == "plan" else {}),
        **({"additional_contexts": contexts} if contexts else {}),
    }
    service = {"image": f"drydock-bench/{image.name}:{variant}", "build": build}
    model = {"name": "drydock-bench", "services": {image.name: service}}
    (place / "compose.yaml").write_text(json.dumps(model, indent=2), encoding="utf-8")  # JSON is YAML
    return Copy(image.name, variant, place, context, dockerfile)


def baseline(root: Path, name: str) -> Path:
    """The Dockerfile of an image as it was before the plan."""
    for path in (f"infra/baseline/{name}.Dockerfile", f"infra/baseline/{name}/Dockerfile"):
        if (root / path).is_file():
            return root / path
    raise FileNotFoundError(f"infra/baseline holds no Dockerfile for {name}")


def _copy(source: Path, target: Path, environ: Mapping[str, str]) -> None:
    argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."]
    listed = command.run(argv, env=environ, cwd=source)
    if not listed.ok:
        raise RuntimeError(f"git cannot list {source}: {listed.last_words}")
    for name in filter(None, listed.out.split("\0")):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name, follow_symlinks=False)


def _moved(value: str, source: Path, target: Path) -> str:
    path = Path(value)
    return str(target / path.relative_to(source)) if path.is_absolute() and path.is_relative_to(source) else value

"""What decides an image beside the steps that run: its Dockerfile, names, labels, all arguments and more. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from drydock.causes.grounds import Fact, Ground, Kind
from drydock.causes.veil import Seal
from drydock.config import Image
from drydock.dockerfile import Dockerfile
from drydock.secrecy import may_be_secret
from drydock.values import dataclass

SYNTAX = re.compile(r"^\s*(?:#|//)\s*syntax\s*=\s*(\S+)", re.IGNORECASE | re.MULTILINE)
REMOTE = re.compile(r"(?i)\bADD\b.*(?:://|git@|\$)", re.DOTALL)  # a variable may hold an address
FRONTEND = "BUILDKIT_SYNTAX"
PINNED = "@sha256:"


@dataclass(frozen=True)
class Orders:
    """What is asked of a build beside the images: where result and cache go, and how it is dated.

    `root` is the repository: a path below it counts the same in another copy of it.
    """

    root: Path
    output: str = ""
    cache_to: tuple[str, ...] = ()
    dated: str = ""
    upon: Mapping[str, str] = field(default_factory=dict)  # by context: a hash of all grounds of the image it is


def facts(image: Image, file: Dockerfile, orders: Orders, platforms: Sequence[str], seal: Seal) -> tuple[Fact, ...]:
    """The facts of an image as a whole; two builds that have them all alike, and their steps, make the same image."""

    def fact(kind: Kind, name: str, value: str) -> Fact:
        value = value.replace(f"{orders.root}/", "")
        return Fact(kind, name, seal.of(value), None if may_be_secret(name, value) else value[:200])

    tags = dict.fromkeys((image.tag, *image.tags))
    caches = orders.cache_to or image.cache_to
    settings = {
        "target": image.target or "",
        "platform": ",".join(platforms),
        "network": image.network or "",
        "tags": ", ".join(tags),
        "ssh": ", ".join(image.ssh),
        "output": orders.output,
        "cache export": ", ".join(caches),
        "date": orders.dated,
        **{f"secret {name}": where for name, where in image.secrets.items()},
        **{f"label {name}": value for name, value in image.labels.items()},
    }
    return (
        Fact(Kind.DOCKERFILE, "", seal.of(file.text)),
        *(fact(Kind.ARGUMENT, name, value) for name, value in sorted(image.args.items())),
        *(fact(Kind.SETTING, name, value) for name, value in sorted(settings.items()) if value),
        *(Fact(Kind.IMAGE, name, digest) for name, digest in sorted(orders.upon.items())),
    )


def untold(image: Image, file: Dockerfile, steps: Sequence[Ground], platforms: Sequence[str]) -> Iterator[str]:
    """What such an image rests on beyond all that is recorded, in words: it has to be built to know."""
    frontend = image.args.get(FRONTEND) or next(iter(SYNTAX.findall(_head(file.text))), "")
    if frontend and PINNED not in frontend:
        yield f"what reads its Dockerfile is not pinned: {frontend}"
    if len(platforms) > 1:
        yield "it is built for several platforms, and only one is recorded"
    for one in file.instructions:
        if one.keyword in ("ADD", "ONBUILD") and REMOTE.search(one.joined):
            yield f"line {one.line} may fetch what is not recorded"
    for fact in dict.fromkeys(fact for step in steps for fact in step.facts if fact.kind is Kind.IMAGE):
        if fact.name not in image.upon and PINNED not in image.contexts.get(fact.name, ""):
            yield f"what {fact.name} holds is not recorded"


def _head(text: str) -> str:
    """The lines before the first instruction, where directives stand."""
    lines = text.removeprefix("\ufeff").splitlines()
    end = next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(("#", "//"))), 0)
    return "\n".join(lines[:end] if end else lines[:1])

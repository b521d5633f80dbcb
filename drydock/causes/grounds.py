"""Grounds: what decides whether a step of an image runs, as far as can be known, and the form it is kept in. Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from enum import Enum
from typing import Any

from drydock.causes.veil import Seal
from drydock.values import dataclass

VERSION = 1


class Kind(Enum):
    """What a fact is about."""

    LINE = "instruction"
    HEREDOC = "here-document"
    ARGUMENT = "build argument"
    ENVIRONMENT = "environment value"
    ORDER = "order of variables"
    SETTING = "setting"  # USER, WORKDIR, SHELL, network, platform; of an image: target, tags, labels, secrets and more
    BASE = "base"
    IMAGE = "image"  # taken from outside without a digest, or built beside this one
    FILES = "files"
    DOCKERFILE = "Dockerfile"  # all of it, comments too


@dataclass(frozen=True)
class Fact:
    """One thing that a step's result rests on: its kind and name, a hash of its value, the value if it may be shown.

    `line` is where the Dockerfile sets it, if it does; `chooses` marks an argument that says which base it is.
    """

    kind: Kind
    name: str
    hash: str
    shown: str | None = None
    line: int | None = None
    chooses: bool = False


@dataclass(frozen=True)
class Ground:
    """One step with its facts.

    `reads` are (context, path) with links followed; `rests` are the positions of the grounds it is built on, its own
    stage's first. `line` is None for what another stage triggers (ONBUILD). A FROM is a ground without being a step.
    """

    stage: str
    line: int | None
    text: str
    facts: tuple[Fact, ...]
    reads: tuple[tuple[str, str], ...] = ()
    rests: tuple[int, ...] = ()

    @property
    def keyword(self) -> str:
        return self.text.split(" ", 1)[0].upper()


@dataclass(frozen=True)
class Grounds:
    """All steps on the way to what was built, in the order of the file.

    `key` names the key that the hashes were made with; `engine` tells one engine and builder from another; `manifests`
    are digests by context, `ignored` hashes of their ignore files; `notes` say what could not be read. `whole` are
    facts of the image as a whole, whichever step they reach; none where an older version wrote the grounds.
    """

    key: str
    engine: str
    steps: tuple[Ground, ...]
    manifests: tuple[tuple[str, str], ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    whole: tuple[Fact, ...] = ()


def keys(grounds: Grounds) -> tuple[str, ...]:
    """A hash for each step over its facts and all that it rests on: alike where BuildKit would find a result again."""
    seal, found = Seal(b"chain"), list[str]()
    for one in grounds.steps:
        own = [[fact.kind.value, fact.name, fact.hash] for fact in one.facts]
        found.append(seal.of(json.dumps([own, [found[at] for at in one.rests]])))
    return tuple(found)


def under(steps: Sequence[Ground], at: int) -> tuple[int, ...]:
    """The positions of all that a step rests on, in the order of the file, itself not."""
    seen, waiting = set[int](), list(steps[at].rests)
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += steps[one].rests
    return tuple(sorted(seen))


def write(grounds: Grounds) -> bytes:
    """Grounds as bytes, the same for the same grounds."""
    plain = asdict(grounds)
    for step in plain["steps"]:
        step["facts"] = _plain(step["facts"])
    plain["whole"] = _plain(plain["whole"])
    return json.dumps({"version": VERSION, **plain}, separators=(",", ":")).encode()


def read(body: bytes) -> Grounds:
    """Grounds from bytes; ValueError for anything that `write` of this version would not have written."""
    try:
        told = json.loads(body)
        if told.pop("version") != VERSION:
            raise ValueError("grounds of another version")
        return replace(
            Grounds(**told),
            steps=tuple(_step(one) for one in told["steps"]),
            manifests=tuple((name, digest) for name, digest in told["manifests"]),
            ignored=tuple((name, digest) for name, digest in told["ignored"]),
            notes=tuple(told["notes"]),
            whole=_facts(told.get("whole", ())),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no grounds: {error}") from error


def _step(told: dict[str, Any]) -> Ground:
    reads = tuple((context, path) for context, path in told["reads"])
    return replace(Ground(**told), facts=_facts(told["facts"]), reads=reads, rests=tuple(told["rests"]))


def _facts(told: Sequence[Any]) -> tuple[Fact, ...]:
    return tuple(Fact(Kind(kind), *rest) for kind, *rest in told)


def _plain(facts: Sequence[dict[str, Any]]) -> list[list[Any]]:
    return [[fact["kind"].value, *list(fact.values())[1:]] for fact in facts]

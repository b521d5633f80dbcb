"""The result of a build, as a table and as one document. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from drydock.builds import selection
from drydock.builds.selection import Choice
from drydock.causes.cause import Why
from drydock.measures.build import Build
from drydock.measures.oci import Size
from drydock.text import human_bytes, human_seconds, known_bytes, table
from drydock.values import dataclass

HEADER = ("image", "steps", "cached", "seconds", "size", "over base", "to pull", "since the last build")

NAMED = 5  # images that a sentence names


@dataclass(frozen=True)
class Result:
    """One image: how it was built now and the last time, what its base weighs, and what a failed step printed last.

    `why` says why it was not wholly taken from the cache; None where that was not recorded.
    """

    build: Build
    before: Build | None = None
    base_bytes: int | None = None
    log: tuple[str, ...] = ()
    why: Why | None = None

    @property
    def own_bytes(self) -> int | None:
        """What the image weighs over its base, unpacked; None where the base is not known."""
        return Size(self.build.disk_bytes, self.build.pull_bytes, self.base_bytes).own_bytes

    @property
    def change(self) -> str:
        """What is different from the last build, in words."""
        now, then = self.build, self.before
        if now.outcome != "done":
            return now.outcome
        if then is None:
            return "first build"
        if now.digest == then.digest:
            return "same image"
        if now.disk_bytes is None or then.disk_bytes is None:
            return "new image"
        difference = now.disk_bytes - then.disk_bytes
        return f"new image, {'+' if difference >= 0 else '-'}{human_bytes(abs(difference))}"


@dataclass(frozen=True)
class Report:
    """A build of one image or several; `seconds` is the wall clock of all of it.

    `choices` say why each image was built or not, where that was asked for.
    """

    results: tuple[Result, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    code: int = 0
    choices: tuple[Choice, ...] = ()

    def document(self) -> dict[str, Any]:
        """Everything, for machines: per image its steps and sizes, the build before it, and what went wrong."""
        return {
            "seconds": round(self.seconds, 3),
            "outcome": "failed" if self.code else "done",
            "notes": list(self.notes),
            "images": [_document(result) for result in self.results],
            "choices": [one.document() for one in self.choices],
        }

    def text(self) -> str:
        """The table, and what it rests on."""
        chosen = [selection.text(self.choices)] if self.choices else []
        if not self.results:
            return "\n".join(chosen)
        shown = table(HEADER, [_row(result) for result in self.results], right=range(1, 7))
        causes = [words for result in self.results if result.why and (words := result.why.words())]
        return "\n".join([*chosen, shown, *causes, *self.notes])

    def names(self) -> str:
        """The tags of what was built, one a line."""
        return "\n".join(result.build.tag for result in self.results if result.build.outcome == "done")


def standins(builds: Sequence[Build]) -> tuple[str, ...]:
    """A sentence for each base that is a stand-in, since sizes above rest on it; what was not built has none."""
    rests: dict[str, list[str]] = {}
    for build in builds:
        for base in build.bases if build.outcome == "done" else ():
            if base["origin"] == "standin":
                what = f" ({base['note']})" if base.get("note") else ""
                rests.setdefault(base["name"] + what, []).append(build.image)
    return tuple(
        f"{_several(images)} {'rests' if len(images) == 1 else 'rest'} on a stand-in for {name}: "
        "its sizes are not those of the official image"
        for name, images in rests.items()
    )


def _several(names: Sequence[str]) -> str:
    shown = [*names] if len(names) <= NAMED else [*names[: NAMED - 1], f"{len(names) - NAMED + 1} more images"]
    return " and ".join(shown)


def _row(result: Result) -> tuple[str, ...]:
    build = result.build
    return (
        build.image,
        str(build.steps),
        str(build.cached),
        human_seconds(build.seconds),
        known_bytes(build.disk_bytes),
        known_bytes(result.own_bytes),
        known_bytes(build.pull_bytes),
        result.change,
    )


def _document(result: Result) -> dict[str, Any]:
    build, before = result.build, result.before
    steps = [
        {key: value for key, value in asdict(step).items() if key not in ("image", "log")} for step in build.detail
    ]
    for step in steps:
        step["started"], step["seconds"] = round(step["started"], 3), round(step["seconds"], 3)
    return {
        "name": build.image,
        "tag": build.tag,
        "outcome": build.outcome,
        "commit": build.commit,
        "dirty": build.dirty,
        "platform": build.platform,
        "digest": build.digest,
        "started": build.started,
        "seconds": round(build.seconds, 3),
        "cached": build.cached,
        "steps": steps,
        "context_bytes": build.context_bytes,
        "export_seconds": None if build.export_seconds is None else round(build.export_seconds, 3),
        "disk_bytes": build.disk_bytes,
        "pull_bytes": build.pull_bytes,
        "base_bytes": result.base_bytes,
        "own_bytes": result.own_bytes,
        "layers": build.layers,
        "standin": build.standin,
        "bases": [dict(base) for base in build.bases],
        "previous": _previous(before),
        "why": result.why.document() if result.why else None,
        "log": list(result.log),
    }


def _previous(before: Build | None) -> dict[str, Any] | None:
    if before is None:
        return None
    kept = ("started", "seconds", "steps", "cached", "disk_bytes", "pull_bytes", "digest")
    return {key: getattr(before, key) for key in kept}

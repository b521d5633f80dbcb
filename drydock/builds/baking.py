"""One run of bake: the file goes in, progress comes out as it happens."""

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from drydock import command
from drydock.builds import buildx, guarding
from drydock.builds.guarding import Limits
from drydock.builds.progress import Expected, Progress
from drydock.builds.stream import Stream
from drydock.builds.told import Warned
from drydock.causes.veil import Veil
from drydock.command import DEVNULL, PIPE, Child
from drydock.engines.engine import Engine
from drydock.events import Note, Tell
from drydock.values import dataclass

REFRESH_SECONDS = 0.1
WORDS = 60  # plain lines kept: buildx explains a failure in the last ones
WARNING = "WARNING: "


@dataclass(frozen=True)
class Run:
    """What a run of bake left: its exit code, what BuildKit told, plain lines, and a digest for each image."""

    code: int
    progress: Progress
    words: tuple[str, ...]
    digests: Mapping[str, str]
    seconds: float
    ended: str = ""  # why it was ended by us: it exceeded its limits


def show(document: Mapping[str, Any], options: buildx.Options, tell: Tell, veil: Veil) -> None:
    """Show the command that would run, with the file it would read; values that look secret are hidden."""
    command.show(buildx.argv(options, "metadata.json"))
    tell(Note(veil.hide(json.dumps(document, indent=2))))


def run(
    engine: Engine,
    cwd: Path,
    document: Mapping[str, Any],
    options: buildx.Options,
    targets: Mapping[str, str],
    expected: Expected,
    tell: Tell,
    veil: Veil,
    scratch: Path | None = None,
    limits: Limits | None = None,
) -> Run:
    """Build what the bake file says; `targets` maps its default targets to images, `veil` hides what looks secret.

    In the folder `scratch` lies what is needed as long as the build runs; whoever made it removes it after a kill.
    What exceeds `limits` is ended, and `ended` says why.

    Raises nothing for a failed build. When interrupted, buildx is ended before the interrupt goes on.
    """
    progress, words = Progress(targets, veil), list[str]()
    # Newer buildx asks before it reads files outside the current folder: this file names them on purpose.
    environ = {**engine.environ, "BUILDX_BAKE_ENTITLEMENTS_FS": "0"}
    if not options.push:  # only provenance tells of git, and buildx would start it a dozen times to know
        environ["BUILDX_GIT_INFO"] = "false"
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bake-", dir=scratch) as folder:
        environ["TMPDIR"] = folder  # where it is killed, what it leaves there goes with ours
        metadata = Path(folder) / "metadata.json"
        argv = buildx.argv(options, str(metadata))
        with (
            command.start(argv, env=environ, cwd=cwd, stdin=PIPE, stdout=DEVNULL, stderr=PIPE) as child,
            guarding.guarded(child, limits) as watch,
        ):
            _hand_over(child, json.dumps(document).encode())
            for line in map(veil.hide, _follow(child, progress, expected, tell)):
                words = [*words[1 - WORDS :], line]
                if line.startswith(WARNING):
                    tell(Note(line.removeprefix(WARNING), warning=True))
            code = child.wait()
        digests = _digests(metadata, targets)
    tell(progress.snapshot({}))
    return Run(code, progress, tuple(words), digests, time.monotonic() - began, watch.reason if code else "")


def _hand_over(child: Child, document: bytes) -> None:
    if child.stdin is not None:
        with suppress(BrokenPipeError):  # it ended already, and says why on stderr
            child.stdin.write(document)
            child.stdin.close()


def _follow(child: Child, progress: Progress, expected: Expected, tell: Tell) -> Iterator[str]:
    """Take in what BuildKit tells until it ends; gives the plain lines between."""
    stream, shown = Stream(), 0.0
    while chunk := child.stderr.read1(1 << 16) if child.stderr else b"":  # type: ignore[attr-defined]
        is_news = False
        for value in stream.feed(chunk):
            if isinstance(value, str):
                yield value
                continue
            is_news = is_news or "vertexes" in value
            for happened in progress.absorb(value):
                tell(Note(happened.text, warning=True) if isinstance(happened, Warned) else happened)
        if is_news or time.monotonic() - shown >= REFRESH_SECONDS:
            shown = time.monotonic()
            tell(progress.snapshot(expected))
    yield from stream.close()


def _digests(metadata: Path, targets: Mapping[str, str]) -> dict[str, str]:
    """The digest of each image from bake's metadata file, which is only written when all went well."""
    try:
        told = json.loads(metadata.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    found = {image: (told.get(target) or {}).get("containerimage.digest") for target, image in targets.items()}
    return {image: digest for image, digest in found.items() if digest}

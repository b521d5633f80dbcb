"""Why a build failed: which file and line, what it said last, and what mends it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from drydock.bases import registries
from drydock.builds import outline
from drydock.builds.baking import Run
from drydock.builds.progress import EXPORTS, Broken
from drydock.config import Config
from drydock.dockerfile import Dockerfile
from drydock.engines import builders, engine
from drydock.engines.engine import Engine
from drydock.errors import Misuse, NotReady
from drydock.events import Note, Tell, Trouble

# How BuildKit points at source: a line `Dockerfile:2`, a rule, and the lines around it with >>> before those meant.
POINTER = re.compile(r"(?P<file>\S.*):(?P<line>\d+)")
MEANT = re.compile(r"\s*(?P<number>\d+) \| >>> (?P<text>.*)")
LAST_ERROR = re.compile(r"ERROR: (?:target \S+: )?(?:failed to solve: )?(?P<text>.*)")
INSTRUCTION_WIDTH = 100
# Docker's own builder has a step for each name it pushes; others push while they export.
SENT = re.compile(r"pushing (?P<name>\S+) with docker")
FAILED_PUSH = re.compile(r"failed to push (?P<name>\S+): ")
# What a step says that failed by itself: its command ended so, or what it copies is not there.
OWN_FAULT = ("did not complete successfully", "failed to calculate checksum", "failed to compute cache key")
UNCONFIGURED = re.compile(r"failed to configure \S+ cache exporter")
BOOTING = ("booting buildkit", "waiting for connection")  # the first steps of builders beside the engine
NO_PLATFORM = "unknown operating system or architecture"
SCANNER = "resolve image config for docker-image://"
CLOSED = ("no basic auth credentials", "unauthorized", "authorization failed", "denied", "forbidden")


def explain(config: Config, found: Engine, run: Run, files: Mapping[str, Dockerfile], tell: Tell) -> Trouble | None:
    """What to tell of a failed run, None for one that went well.

    Raises NotReady if engine or builder are gone or a base cannot be had, Misuse if BuildKit rejects a Dockerfile.
    """
    if not run.code:
        return None
    if not engine.alive(found):
        if words := engine.last_words(config):
            tell(Note(f"the engine's last words:\n{words}"))
        raise NotReady("the engine stopped in the middle of the build", remedy="inv doctor --fix, then build again")
    broken = run.progress.broken()
    if broken is None:
        return _rejected(run, files)
    at = broken.place
    if at.is_base or at.text.startswith("load metadata for "):
        name = at.text.removeprefix("FROM ").removeprefix("load metadata for ")
        raise NotReady(f"{at.image}: base image {name} cannot be had: {_reason(broken)}", remedy="inv doctor")
    if at.text.startswith(SCANNER):
        name = at.text.removeprefix(SCANNER)
        remedy = "name another as sbom_scanner in [tool.drydock], or leave --sbom away"
        raise NotReady(f"{name}, which looks for packages, cannot be had: {_reason(broken)}", remedy=remedy)
    if at.text in BOOTING:
        name = found.environ.get(builders.VARIABLE, "")
        remedy = " ".join(f"docker buildx inspect --bootstrap {name}".split()) + ", or inv build --builder default"
        raise NotReady(f"the builder does not start: {_reason(broken)}", remedy=remedy)
    if sent := SENT.match(at.text) or FAILED_PUSH.search(_reason(broken)):
        return _unsent(at.image, sent["name"], _reason(broken))
    if at.text.startswith(EXPORTS):
        remedy = "see that it can be written there, or build without --cache-to"
        return Trouble(f"{at.image}: its cache cannot be exported: {_reason(broken)}", remedy)
    return _failed(broken, run, files)


def spoiled(found: Engine, run: Run, images: Iterable[str], *, wished: bool) -> tuple[str, str]:
    """Why a run failed if that was the fault of a cache, and the key of a bake file without which it goes on.

    Both are empty if no cache is to blame; `wished` says that no cache that is exported was ordered. BuildKit takes an
    imported cache at its word and fetches layers where a step needs them: by then the registry may be gone. And it
    begins nothing where a service for exports does not let it in.
    """
    if not run.code or not engine.alive(found):
        return "", ""
    broken = run.progress.broken()
    if broken is None:
        reason = _last_error(run)
        return (reason, "cache-to") if wished and UNCONFIGURED.search(reason) else ("", "")
    at, reason = broken.place, _reason(broken)
    if at.is_base or at.text.startswith(("load metadata for ", *EXPORTS)):
        return "", ""
    if (
        SENT.match(at.text)
        or FAILED_PUSH.search(reason)
        or any(sign in (broken.step.error or "") for sign in OWN_FAULT)
    ):
        return "", ""
    came = sorted({name for image in images for name in run.progress.imported(image)})
    said = f"{at.image}: what the cache of {', '.join(came)} promised cannot be had: {reason}"
    return (said, "cache-from") if came else ("", "")


def _unsent(image: str, name: str, reason: str) -> Trouble:
    """The image is built, and its registry did not take it; a tag is only set once all is there."""
    host = registries.host(name) or "the registry"
    closed = any(word in reason.lower() for word in CLOSED)
    remedy = f"docker login {registries.host(name)}" if closed else f"see that {host} answers and has room"
    words = reason.rpartition(f"failed to push {name}: ")[2]
    return Trouble(f"{image}: {name} was not pushed: {words}", f"{remedy.rstrip()}, then inv build --push")


def _failed(broken: Broken, run: Run, files: Mapping[str, Dockerfile]) -> Trouble:
    at, file = broken.place, files.get(broken.place.image)
    line = outline.line(at, file, run.progress.based(at.image)) if file else None
    where = f"{file.path}:{line}" if file and line else file.path if file else "the build"
    what = at.text if len(at.text) <= INSTRUCTION_WIDTH else at.text[: INSTRUCTION_WIDTH - 1] + "…"
    return Trouble(f"{at.image}: {where}: {what}: {_reason(broken)}", f"mend {where}, then build again", broken.log)


def _reason(broken: Broken) -> str:
    text = (broken.step.error or "").strip()
    return text.rpartition("did not complete successfully: ")[2].replace("\n", " ")


def _rejected(run: Run, files: Mapping[str, Dockerfile]) -> Trouble:
    """No step failed: BuildKit points at a line of a Dockerfile that it does not take, or buildx gave up before."""
    reason = _last_error(run)
    if NO_PLATFORM in reason:
        raise Misuse(reason.partition(": invalid")[0], remedy="inv build --platform linux/amd64")
    reason = reason or (run.words[-1] if run.words else f"buildx ended with code {run.code}")
    if file := _pointed_at(run.words, files):
        text = reason.rpartition(f"on line {file[1]}: ")[2]
        raise Misuse(f"{file[0]}:{file[1]}: {text}", remedy=f"mend {file[0]} at that line")
    return Trouble(reason, "inv build --verbose, or inv doctor", tuple(run.words))


def _last_error(run: Run) -> str:
    return next((match["text"] for line in reversed(run.words) if (match := LAST_ERROR.match(line))), "")


def _pointed_at(words: Sequence[str], files: Mapping[str, Dockerfile]) -> tuple[str, int] | None:
    """File and line that BuildKit points at: it gives the name without folders, so the line itself must be there."""
    pointers = [match for line in words if (match := POINTER.fullmatch(line.strip()))]
    meant = [match for line in words if (match := MEANT.match(line))]
    if not pointers or not meant:
        return None
    name, number, text = pointers[-1]["file"], int(meant[-1]["number"]), meant[-1]["text"]
    for file in files.values():
        lines = file.text.splitlines()
        if Path(file.path).name == Path(name).name and lines[number - 1 : number] == [text]:
            return file.path, int(pointers[-1]["line"])
    return None

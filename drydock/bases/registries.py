"""Registries: pull an image if one answers soon, and remember for a while that none did."""

import ipaddress
import json
import threading
import time
from enum import Enum
from pathlib import Path

from drydock import command, files
from drydock.values import dataclass

PATIENCE = 5.0  # seconds until a registry counts as silent
PROBE = 2.0  # seconds for a second look at a registry from which a pull failed
MEMORY = 3600.0  # seconds for which a silent registry is not asked again


class Answer(Enum):
    """How a pull went: the image is here, the registry said no, or nobody answered."""

    PULLED = "pulled"
    REFUSED = "refused"
    SILENT = "silent"


@dataclass(frozen=True)
class Pull:
    """The answer, and the engine's last words where there is no image."""

    answer: Answer
    words: str = ""


def host(reference: str) -> str:
    """The registry a reference names, empty for the engine's default one."""
    first, slash, _ = reference.partition("/")
    return first if slash and (":" in first or "." in first or first == "localhost") else ""


def loopback(reference: str) -> bool:
    """Whether the registry of a reference is on this machine itself."""
    name = host(reference)
    bare = name[1 : name.index("]")] if name.startswith("[") and "]" in name else name.partition(":")[0]
    try:
        return bare == "localhost" or ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def pull(reference: str, environ: command.Environ) -> Pull:
    """Have the engine pull an image; it has PATIENCE seconds to show a first sign, then all the time it needs."""
    argv = ["docker", "pull", reference]
    if command.is_dry():
        command.show(argv)
        return Pull(Answer.SILENT)
    spoke = threading.Event()
    with command.start(argv, env=environ) as child:
        out, err = child.stdout, child.stderr
        if out is None or err is None:
            raise AssertionError("the pipes were asked for")

        def listen() -> None:
            while out.readline():
                spoke.set()
            spoke.set()

        ear = threading.Thread(target=listen, daemon=True)
        ear.start()
        if not spoke.wait(PATIENCE):
            child.kill()
            ear.join()
            return Pull(Answer.SILENT, f"no answer within {PATIENCE:g} s")
        ear.join()
        lines = err.read().decode("utf-8", "replace").strip().splitlines()
        if child.wait() == 0:
            return Pull(Answer.PULLED)
    words = lines[-1] if lines else ""
    return Pull(Answer.REFUSED if answers(host(reference), environ) else Answer.SILENT, words)


def answers(registry: str, environ: command.Environ) -> bool:
    """Whether a registry speaks: its version endpoint says yes or asks who we are.

    This tells a wrong name from a missing network after a failed pull, for which docker has one exit code.
    """
    import urllib.error
    import urllib.request
    from http.client import HTTPException

    if not registry:
        told = command.run(["docker", "info", "--format", "{{.IndexServerAddress}}"], env=environ, timeout=PATIENCE)
        registry = told.out.strip().removeprefix("https://").partition("/")[0]
    schemes = ("https", "http") if loopback(f"{registry}/") else ("https",)
    for scheme in schemes:
        try:
            with urllib.request.urlopen(f"{scheme}://{registry}/v2/", timeout=PROBE) as answer:  # noqa: S310 only http(s)
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            return error.code == 401 or "Docker-Distribution-Api-Version" in error.headers
        except (OSError, HTTPException, ValueError):
            continue
    return False


def fell_silent(home: Path, registry: str) -> bool:
    """Whether this registry gave no answer within the last MEMORY seconds."""
    return 0 <= time.time() - _remembered(home).get(registry, 0.0) < MEMORY


def remember(home: Path, registry: str, *, silent: bool) -> None:
    """Write down that a registry gave no answer just now, or forget that it once did not."""
    known = _remembered(home)
    if silent:
        known[registry] = time.time()
    elif known.pop(registry, None) is None:
        return
    files.replace(_memory(home), json.dumps(known) + "\n")


def _memory(home: Path) -> Path:
    return home / "silent-registries.json"


def _remembered(home: Path) -> dict[str, float]:
    try:
        known = json.loads(_memory(home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {str(name): float(when) for name, when in known.items() if isinstance(when, int | float)}

"""Docker's own client settings, read without a process: config.json and the contexts beside it."""

import json
import shlex
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from drydock.engines.missing import Cause, NoEngine

LARGEST = 1_000_000  # bytes of config.json; the client itself reads all of it, each time
KINDS: Mapping[str, type] = {
    **dict.fromkeys(("auths", "credHelpers", "proxies", "aliases", "plugins", "HttpHeaders", "features"), dict),
    **dict.fromkeys(("credsStore", "currentContext"), str),
}


def settings_folder(environ: Mapping[str, str]) -> Path:
    """The folder of Docker's client settings: DOCKER_CONFIG, else ~/.docker."""
    own = environ.get("DOCKER_CONFIG")
    home = environ.get("USERPROFILE" if sys.platform == "win32" else "HOME")
    return Path(own) if own else Path(home or Path.home()) / ".docker"


def settings(environ: Mapping[str, str]) -> dict[str, object]:
    """Docker's client settings (config.json), empty where there are none; broken ones raise NoEngine with line."""
    path = settings_folder(environ) / "config.json"
    text = read(path)
    return {} if text is None else parse(str(path), text)


def read(path: Path) -> str | None:
    """The text of Docker's settings, None where there are none; NoEngine for what nobody should read as such."""
    try:
        seen = path.stat()
        if not stat.S_ISREG(seen.st_mode):  # reading a pipe would wait for ever
            raise _broken(f"{path} is no file", f"mv {shlex.quote(str(path))} {shlex.quote(str(path))}.away")
        if seen.st_size > LARGEST:
            remedy = f"move it away, or take out of it what is not Docker's: {path}"
            raise _broken(f"{path} is larger than {LARGEST // 1_000_000} MB", remedy)
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise _broken(f"{path} is no UTF-8: {error.reason} at byte {error.start}", f"save {path} as UTF-8") from error
    except OSError as error:
        raise _broken(f"{path} cannot be read: {error.strerror}", f"make {path} readable") from error


def parse(path: str, text: str) -> dict[str, object]:
    """The settings that a text holds; NoEngine where the client would not take them either. Pure."""
    if not text.strip():
        return {}  # so does the client
    remedy = f"mend {path}, or move it away"
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise _broken(f"{path}:{error.lineno}:{error.colno} is not valid JSON: {error.msg}", remedy) from error
    except (RecursionError, ValueError) as error:
        raise _broken(f"{path} is nested too deeply, or holds a number too long", remedy) from error
    if not isinstance(document, dict):
        raise _broken(f"{path} is not a JSON object", remedy)
    for name, kind in KINDS.items():
        if not isinstance(document.get(name), kind | None):
            wanted = "text" if kind is str else "object"
            raise _broken(f"{name} in {path} is no {wanted}: docker ignores the whole file", remedy)
    return document


def _broken(message: str, remedy: str) -> NoEngine:
    return NoEngine(Cause.CONFIG, message, remedy=remedy)


def context_host(environ: Mapping[str, str], name: str) -> str | None:
    """The address that a Docker context holds, or None where there is no such context."""
    found = _endpoint(environ, name)
    return None if found is None else str(found["Host"])


def context_folder(environ: Mapping[str, str], kind: str, name: str) -> Path:
    """Where Docker keeps what it knows of a context: `meta` where it leads, `tls` the keys."""
    import hashlib

    return (
        settings_folder(environ) / "contexts" / kind / hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    )


def skips_verifying(environ: Mapping[str, str], name: str) -> bool:
    """Whether a Docker context is told to take any certificate."""
    return bool((_endpoint(environ, name) or {}).get("SkipTLSVerify"))


def _endpoint(environ: Mapping[str, str], name: str) -> dict[str, object] | None:
    path = context_folder(environ, "meta", name) / "meta.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["Endpoints"]["docker"]
        return {**found, "Host": found["Host"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None

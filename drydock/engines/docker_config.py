"""Docker's own client settings, read without a process: config.json and the contexts beside it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from drydock.engines.missing import Cause, NoEngine


def settings_folder(environ: Mapping[str, str]) -> Path:
    """The folder of Docker's client settings: DOCKER_CONFIG, else ~/.docker."""
    own = environ.get("DOCKER_CONFIG")
    home = environ.get("USERPROFILE" if sys.platform == "win32" else "HOME")
    return Path(own) if own else Path(home or Path.home()) / ".docker"


def settings(environ: Mapping[str, str]) -> dict[str, object]:
    """Docker's client settings (config.json), empty where there are none; broken ones raise NoEngine with line."""
    path = settings_folder(environ) / "config.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}:{error.colno}"
        raise NoEngine(
            Cause.SETTINGS, f"{where} is not valid JSON: {error.msg}", remedy=f"mend {path}, or move it away"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise NoEngine(Cause.SETTINGS, f"{path} cannot be read: {error}", remedy=f"make {path} readable") from error
    if not isinstance(document, dict):
        raise NoEngine(Cause.SETTINGS, f"{path} is not a JSON object", remedy=f"mend {path}, or move it away")
    return document


def context_host(environ: Mapping[str, str], name: str) -> str | None:
    """The address that a Docker context holds, or None where there is no such context."""
    import hashlib

    digest = hashlib.sha256(name.encode()).hexdigest()  # how Docker names the folder of a context
    path = settings_folder(environ) / "contexts" / "meta" / digest / "meta.json"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

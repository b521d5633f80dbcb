"""Stand-ins for builders that do not see the engine's images: handed over as folders, which buildx sends along."""

import json
import re
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

from drydock import command
from drydock.bases.bases import Base, Origin
from drydock.config import Config
from drydock.engines import scratch
from drydock.engines.engine import Engine
from drydock.errors import NotReady
from drydock.events import Phase, Tell

SCHEME = "oci-layout://"
IDENTITY = "drydock-digest"  # a file in the folder: which image it was made of


def contexts(config: Config, engine: Engine, bases: Iterable[Base], tell: Tell) -> dict[str, str]:
    """For each stand-in, by its reference, the named context that any builder can use.

    There is one folder for each in DRYDOCK_HOME, made again when the stand-in was. Raises NotReady where the engine
    cannot save an image as one (before 25), or there is no room.
    """
    standins = {base.reference: base for base in bases if base.origin is Origin.STANDIN}
    return {reference: _context(config, engine, base, tell) for reference, base in standins.items()}


def _context(config: Config, engine: Engine, base: Base, tell: Tell) -> str:
    folder = config.home / "layouts" / re.sub(r"[^\w.-]", "_", base.reference)
    if _read(folder / IDENTITY) != f"{base.digest}\n":
        tell(Phase("bases", f"{base.name}: handed over to the builder as a folder"))
        if command.is_dry():
            return f"{SCHEME}{folder}"
        _write(config, engine, base, folder)
    return f"{SCHEME}{folder}@{_digest(folder)}"


def _write(config: Config, engine: Engine, base: Base, folder: Path) -> None:
    """Beside its place first, so that no builder is ever handed half a folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with scratch.folder(config, "layout", within=folder.parent) as made:
        archive, fresh = made / "archive.tar", made / "layout"
        argv = ["docker", "image", "save", "--output", str(archive), base.reference]
        saved = command.run(argv, env=engine.environ)
        if not saved.ok:
            raise NotReady(f"{base.reference} cannot be saved: {saved.last_words}", remedy="free disk space")
        with tarfile.open(archive) as content:
            content.extractall(fresh, filter="data")
        if not (fresh / "index.json").exists():
            said = f"the stand-in for {base.name} cannot be handed over: engine {engine.version} saves no OCI layout"
            raise NotReady(said, remedy="inv build --builder default, or make a registry reachable")
        (fresh / IDENTITY).write_text(f"{base.digest}\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)


def _digest(folder: Path) -> str:
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return str(index["manifests"][0]["digest"])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""

"""Packages of this machine: added with consent, written down as they come, and taken back."""

import json
import platform
import re
import shlex
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from drydock import command, consent, files
from drydock.config import Config
from drydock.engines import install, place
from drydock.errors import NotReady
from drydock.events import Phase, Tell
from drydock.values import dataclass

OS_RELEASE = Path("/etc/os-release")
APT = Path("/etc/apt")
SYSTEMD = Path("/run/systemd/system")
FETCHED = re.compile(r"Need to get ([\d.,]+) (k?B|MB|GB)")
TAKEN = re.compile(r"After this operation, ([\d.,]+) (k?B|MB|GB) of additional")
REMOVED = re.compile(r"^(?:Remv|Purg) (\S+)", re.MULTILINE)
UNITS = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
QUIET_APT = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l", "LC_ALL": "C"}


@dataclass(frozen=True)
class Added:
    """What was added to the system: files by path, and packages that were not there before."""

    files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


def add(config: Config, here: install.Machine, plan: install.Plan, lack: str, tell: Tell, *, remedy: str = "") -> None:
    """Carry out a plan with consent; `lack` says what is missing without it.

    Raises NotReady where consent is missing (with `remedy`, else the plan's own commands), where it has to be done by
    hand, and where a step fails.
    """
    by_hand = " && ".join(install.commands(plan, root=here.root))
    question = f"{lack}. Install {', '.join(plan.packages)} from this machine's own package archives?"
    if not plan.steps or not consent.ask(config, question, tell):
        raise NotReady(lack, remedy=remedy or by_hand)
    if not here.root and not sudo(config):
        raise NotReady(f"{lack}, and sudo does not let this user", remedy=by_hand)
    _apply(config, plan, here, tell)


def machine(environ: Mapping[str, str]) -> install.Machine:
    """What plans depend on, as it is here."""
    paths = [APT / "sources.list", *APT.glob("sources.list.d/*.list"), *APT.glob("sources.list.d/*.sources")]
    return install.Machine(
        system=platform.system(),
        os_release=_read(OS_RELEASE),
        sources={str(path): _read(path) for path in paths if path.is_file()},
        installed=_packages(environ),
        root=place.user() == 0,
        user=environ.get("USER") or environ.get("LOGNAME") or "$USER",
        services=SYSTEMD.exists(),
    )


def added(config: Config) -> Added:
    """What earlier runs added to this system."""
    try:
        document = json.loads(_record(config).read_text(encoding="utf-8"))
        return Added(tuple(document["files"]), tuple(document["packages"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Added()


def take_back(config: Config, tell: Tell) -> None:
    """Remove the packages and files that were added, and the record of them."""
    earlier, env = added(config), {**place.environ(config), **QUIET_APT}
    began = time.monotonic()
    gone = [name for name in earlier.packages if name in _packages(env)]
    if gone:
        argv = [*place.elevation(), "apt-get", "purge", "-y", "-q", *gone]
        planned = command.run(["apt-get", "purge", "--simulate", "-q", *gone], env=env).out
        if others := sorted({*REMOVED.findall(planned)} - {*gone}):
            message = f"packages stay: {', '.join(others)} came later and would go along"
            raise NotReady(message, remedy=f"remove {' '.join(others)} first, or {shlex.join(argv)}")
        tell(Phase("packages", f"removing {len(gone)} packages"))
        result = command.run(argv, env=env, changes=True)
        if not result.ok:
            raise NotReady(f"packages stay: {result.last_words}", remedy=shlex.join(argv))
    for path in earlier.files:
        command.run([*place.elevation(), "rm", "-f", path], env=env, changes=True)
    if not command.is_dry():
        _record(config).unlink(missing_ok=True)
    if gone or earlier.files:
        tell(Phase("packages", "what was added to apt is taken back", time.monotonic() - began))


def sudo(config: Config) -> bool:
    """Whether sudo lets us: on a terminal it may ask for the password once."""
    env = place.environ(config)
    if command.find("sudo", env) is None:
        return False
    if sys.stdin.isatty():
        return command.interact(["sudo", "-v"], env=env) == 0
    return command.run(["sudo", "-n", "true"], env=env).ok


def _apply(config: Config, plan: install.Plan, here: install.Machine, tell: Tell) -> None:
    env = {**place.environ(config), **QUIET_APT}
    earlier = added(config)
    try:
        for step in plan.steps:
            if isinstance(step, install.WriteFile):
                if _read(Path(step.path)) != step.text:
                    earlier = _write_down(config, Added((*earlier.files, step.path), earlier.packages))
                    _write(step, env)
            else:
                _run(step, env, tell)
    finally:
        if not command.is_dry():
            new = _packages(env) - here.installed
            _write_down(config, Added(earlier.files, (*earlier.packages, *sorted(new))))


def _run(step: install.Run, env: Mapping[str, str], tell: Tell) -> None:
    began = time.monotonic()
    tell(Phase(step.phase, step.detail))
    result = command.run([*place.elevation(), *step.argv], env=env, changes=True)
    if not result.ok and not step.may_fail:
        raise NotReady(f"{' '.join(step.argv[:2])}: {result.last_words}", remedy=shlex.join(step.argv))
    tell(Phase(step.phase, "", time.monotonic() - began, weight(step, result.out)))


def weight(step: install.Run, apt: str) -> int | None:
    """The bytes that a step fetched or put on disk, as apt says; None where it says nothing. Pure."""
    found = (FETCHED if "--download-only" in step.argv else TAKEN).search(apt)
    return int(float(found[1].replace(",", "")) * UNITS[found[2]]) if found else None


def _write(step: install.WriteFile, env: Mapping[str, str]) -> None:
    if command.is_dry():
        command.show(["write", step.path])
    elif place.elevation():
        result = command.run([*place.elevation(), "tee", step.path], env=env, stdin=step.text)
        if not result.ok:
            raise NotReady(f"{step.path} cannot be written: {result.last_words}", remedy="inv doctor")
    else:
        files.replace(Path(step.path), step.text)


def _packages(environ: Mapping[str, str]) -> frozenset[str]:
    if command.find("dpkg-query", environ) is None:
        return frozenset()
    argv = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\\n"]
    lines = command.run(argv, env=environ, timeout=30).out.splitlines()
    return frozenset(line.removeprefix("installed ") for line in lines if line.startswith("installed "))


def _record(config: Config) -> Path:
    return place.of(config).folder / "installed.json"


def _write_down(config: Config, now: Added) -> Added:
    unique = Added(tuple(dict.fromkeys(now.files)), tuple(dict.fromkeys(now.packages)))
    if unique != Added() and not command.is_dry():
        files.replace(_record(config), json.dumps(asdict(unique), indent=2) + "\n")
    return unique


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

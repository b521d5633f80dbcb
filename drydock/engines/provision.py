"""Get an engine onto this machine: with consent install what is missing, write down what was added, start it."""

import json
import platform
import re
import shlex
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from drydock import command, consent, files
from drydock.config import Config
from drydock.engines import endpoint, install, place
from drydock.engines.missing import START, Cause, NoEngine
from drydock.events import Phase, Tell

OS_RELEASE = Path("/etc/os-release")
APT = Path("/etc/apt")
SYSTEMD = Path("/run/systemd/system")
SERVICE_SECONDS = 30.0
FETCHED = re.compile(r"Need to get ([\d.,]+) (k?B|MB|GB)")
TAKEN = re.compile(r"After this operation, ([\d.,]+) (k?B|MB|GB) of additional")
UNITS = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
QUIET_APT = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l", "LC_ALL": "C"}


@dataclass(frozen=True)
class Added:
    """What was added to the system: files by path, and packages that were not there before."""

    files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


def mend(config: Config, problem: NoEngine, tell: Tell) -> None:
    """Do what makes an engine of what is there: install, then start. Raises NoEngine where consent is missing.

    Where a service manager runs, the machine's own engine is used; elsewhere a private one is started.
    """
    ready = installed(config) and problem.cause in (Cause.DAEMON, Cause.STOPPED)
    if not ready:
        fetch(config, problem, tell)
        if _answers(config):
            return
    elif not consent.ask(config, f"{problem.message}. Start one?", tell):
        raise NoEngine(problem.cause, problem.message, remedy=START)
    allow(replace(config, yes=True), "starting an engine", tell)
    if problem.cause is Cause.STOPPED:
        private(config, tell)
    else:
        start(config, tell)


def start(config: Config, tell: Tell) -> None:
    """Start an engine: the machine's own where a service manager keeps it, else the private one."""
    if SYSTEMD.exists():
        argv = [*place.elevation(), "systemctl", "start", "docker"]
        if command.run(argv, env=place.environ(config), timeout=SERVICE_SECONDS, changes=True).ok:
            return
    private(config, tell)


def private(config: Config, tell: Tell) -> None:
    """Start the private engine and publish its Docker context."""
    from drydock.engines import contexts, daemon

    daemon.start(config, tell)
    contexts.publish(config)


def _answers(config: Config) -> bool:
    try:
        endpoint.locate(config.environ, place.address(config))
    except NoEngine:
        return False
    return True


def allow(config: Config, what: str, tell: Tell) -> None:
    """Make sure that commands which only root may run can be run: by root, or with sudo where the user agrees."""
    if not place.elevation():
        return
    if not consent.ask(config, f"{what} needs root. Use sudo?", tell) or not _sudo(config):
        raise NoEngine(Cause.PERMISSION, f"{what} needs root", remedy="sudo -v, then the same command with --yes")


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
        tell(Phase("packages", f"removing {len(gone)} packages"))
        argv = [*place.elevation(), "apt-get", "purge", "-y", "-q", *gone]
        result = command.run(argv, env=env, changes=True)
        if not result.ok:
            raise NoEngine(Cause.SETTINGS, f"packages stay: {result.last_words}", remedy=" ".join(argv))
    for path in earlier.files:
        command.run([*place.elevation(), "rm", "-f", path], env=env, changes=True)
    if not command.is_dry():
        _record(config).unlink(missing_ok=True)
    if gone or earlier.files:
        tell(Phase("packages", "what was added to apt is taken back", time.monotonic() - began))


def fetch(config: Config, problem: NoEngine, tell: Tell) -> None:
    """Install what an engine needs. Raises NoEngine where consent is missing, or where it has to be done by hand."""
    here = machine(config.environ)
    plan = install.plan(here)
    by_hand = " && ".join(install.commands(plan, root=here.root))
    names = ", ".join(plan.packages)
    question = f"{problem.message}. Install {names} from this machine's own package archives?"
    if not plan.steps or not consent.ask(config, question, tell):
        remedy = problem.remedy if plan.steps and here.root else by_hand
        raise NoEngine(problem.cause, problem.message, remedy=remedy)
    if not here.root and not _sudo(config):
        raise NoEngine(problem.cause, f"{problem.message}, and sudo does not let this user", remedy=by_hand)
    _apply(config, plan, here, tell)


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
        raise NoEngine(Cause.SETTINGS, f"{' '.join(step.argv[:2])}: {result.last_words}", remedy=shlex.join(step.argv))
    tell(Phase(step.phase, "", time.monotonic() - began, weight(step, result.out)))


def weight(step: install.Run, apt: str) -> int | None:
    """The bytes that a step fetched or put on disk, as apt says; None where it says nothing. Pure."""
    found = (FETCHED if "--download-only" in step.argv else TAKEN).search(apt)
    return int(float(found[1].replace(",", "")) * UNITS[found[2]]) if found else None


def _write(step: install.WriteFile, env: Mapping[str, str]) -> None:
    if command.is_dry():
        command.show(["write", step.path])
    elif place.elevation():
        command.run([*place.elevation(), "tee", step.path], env=env, stdin=step.text)
    else:
        files.replace(Path(step.path), step.text)


def _sudo(config: Config) -> bool:
    """Whether sudo lets us: on a terminal it may ask for the password once."""
    env = place.environ(config)
    if command.find("sudo", env) is None:
        return False
    if sys.stdin.isatty():
        return command.interact(["sudo", "-v"], env=env) == 0
    return command.run(["sudo", "-n", "true"], env=env).ok


def installed(config: Config) -> bool:
    """Whether client and daemon are there."""
    env = place.environ(config)
    return all(command.find(program, env) for program in ("docker", "dockerd"))


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

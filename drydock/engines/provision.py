"""Get an engine onto this machine: with consent install what is missing, and start it."""

from dataclasses import replace

from drydock import command, consent
from drydock.config import Config
from drydock.engines import endpoint, install, packages, place
from drydock.engines.missing import START, Cause, NoEngine
from drydock.errors import NotReady
from drydock.events import Tell

SERVICE_SECONDS = 30.0


def mend(config: Config, problem: NoEngine, tell: Tell) -> None:
    """Do what makes an engine of what is there: install, then start. Raises NoEngine where consent is missing.

    Where a service manager runs, the machine's own engine is used; elsewhere a private one is started.
    """
    ready = installed(config) and problem.cause in (Cause.DAEMON, Cause.STOPPED)
    if not ready:
        fetch(config, problem, tell)
        if _answers(config):
            return
    elif not (place.was_used(config) or consent.ask(config, f"{problem.message}. Start one?", tell)):
        raise NoEngine(problem.cause, problem.message, remedy=START)
    allow(replace(config, yes=True), "starting an engine", tell)
    if problem.cause is Cause.STOPPED:
        private(config, tell)
    else:
        start(config, tell)


def start(config: Config, tell: Tell) -> None:
    """Start an engine: the machine's own where a service manager keeps it, else the private one."""
    if packages.SYSTEMD.exists():
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
    if not consent.ask(config, f"{what} needs root. Use sudo?", tell) or not packages.sudo(config):
        raise NoEngine(Cause.PERMISSION, f"{what} needs root", remedy="sudo -v, then the same command with --yes")


def fetch(config: Config, problem: NoEngine, tell: Tell) -> None:
    """Install what an engine needs. Raises NoEngine where consent is missing, or where it has to be done by hand."""
    here = packages.machine(config.environ)
    plan = install.plan(here)
    try:
        remedy = problem.remedy if plan.steps and here.root else ""
        packages.add(config, here, plan, problem.message, tell, remedy=remedy)
    except NotReady as refusal:
        raise NoEngine(problem.cause, refusal.message, remedy=refusal.remedy) from refusal


def installed(config: Config) -> bool:
    """Whether client and daemon are there."""
    env = place.environ(config)
    return all(command.find(program, env) for program in ("docker", "dockerd"))

"""The private engine's life: a daemon with its own folder, socket, network and log; started, watched, stopped."""

import json
import os
import platform
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress

from drydock import command, files
from drydock.config import Config
from drydock.engines import daemon_settings, place
from drydock.engines.endpoint import Answer, ping
from drydock.engines.missing import MEND, Cause, NoEngine
from drydock.engines.place import Place
from drydock.events import Note, Phase, Tell

START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOG_LIMIT = 5_000_000


def start(config: Config, tell: Tell) -> None:
    """Start the private engine and wait until it answers; if it does already, nothing happens.

    What a killed engine left behind is cleared away first. Two starts at once are one: the second waits for the
    first, and so do two engines of one machine. Raises NoEngine with the engine's last words if it does not come up.
    """
    from drydock.engines import firewall

    if platform.system() != "Linux":
        raise NoEngine(Cause.DAEMON, "a private engine runs on Linux only", remedy=MEND)
    here, env = place.of(config), place.environ(config)
    if command.find("dockerd", env) is None:
        raise NoEngine(Cause.DAEMON, "dockerd is not installed", remedy=MEND)
    if command.is_dry():
        command.show(_argv(here))
        return
    _folders(here)
    with files.locked(here.folder / "lock"):
        if ping(place.address(config)) is Answer.YES:
            return
        began = time.monotonic()
        tell(Phase("engine", "starting a private engine"))
        with firewall.alone():
            _launch(config, here, env, tell)
        tell(Phase("engine", f"private engine at {place.address(config)}", time.monotonic() - began))


def _launch(config: Config, here: Place, env: Mapping[str, str], tell: Tell) -> None:
    from drydock.engines import bridge, firewall, leftovers

    leftovers.clear(here, env)
    rules = firewall.read(place.elevation(), env)
    own = bridge.name(here.folder)
    apart = bridge.raise_up(own, place.elevation(), env)
    if not apart and (bridge.INTERFACES / bridge.SHARED).exists():
        tell(Note(f"another engine's network, {bridge.SHARED}, is used as well; for one apart install iproute2", True))
    settings = daemon_settings.compose(
        config.settings.get("engine", {}),
        daemon_settings.of_machine(),
        group=os.getgid(),
        bridge=own if apart else None,
    )
    files.replace(here.settings, json.dumps(settings, indent=2) + "\n")
    try:
        _come_up(config, here, env)
    finally:  # other engines get back what the start took from the chains they share
        ours = _bridges(own, here, env)
        firewall.change(lambda table, now: firewall.restoring(rules[table], now, ours), place.elevation(), env)


def _come_up(config: Config, here: Place, env: Mapping[str, str]) -> None:
    child = command.detach([*place.elevation(), *_argv(here)], env=env, log=here.log)
    until = time.monotonic() + START_SECONDS
    while ping(f"unix://{here.socket}") in (Answer.NO, Answer.SILENT):
        if child.ended() or time.monotonic() > until:
            said = last_words(config) or "it left no word"
            raise NoEngine(Cause.DAEMON, f"the private engine does not start: {said}", remedy=f"read {here.log}")
        time.sleep(0.05)
    if place.user() != 0:
        command.run([*place.elevation(), "chown", str(place.user()), str(here.socket)], env=env, timeout=10)
        command.run([*place.elevation(), "chmod", "600", str(here.socket)], env=env, timeout=10)
    else:
        here.socket.chmod(0o600)


def _bridges(own: str, here: Place, env: Mapping[str, str]) -> set[str]:
    """The bridges of this engine: its own, and one for each network, named after its id."""
    if command.find("docker", env) is None:
        return {own}
    argv = ["docker", f"--host=unix://{here.socket}", "network", "ls", "--quiet"]
    return {own, *(f"br-{name}" for name in command.run(argv, env=env, timeout=10).out.split())}


def stop(config: Config, tell: Tell) -> bool:
    """Stop the private engine and everything that it started; False if there was nothing to stop.

    A start that is under way is waited for.
    """
    from drydock.engines import processes

    here = place.of(config)
    if command.is_dry():
        running = processes.mentioning(str(here.exec))
        tell(Phase("engine", f"would stop {len(running)} processes"))
        return bool(running)
    if not here.folder.is_dir():
        return False
    with files.locked(here.folder / "lock"):
        return _end(here, place.environ(config), tell)


def _end(here: Place, env: Mapping[str, str], tell: Tell) -> bool:
    from drydock.engines import bridge, leftovers, processes

    running = processes.mentioning(str(here.exec))
    began = time.monotonic()
    if running:
        tell(Phase("engine", "stopping the private engine"))
        keepers = [pid for pid, program in running.items() if program == "dockerd"]
        processes.end(keepers, STOP_SECONDS, place.elevation(), env)
    leftovers.clear(here, env, containers=True)
    bridge.remove(bridge.name(here.folder), place.elevation(), env)
    if running:
        tell(Phase("engine", "the private engine is stopped", time.monotonic() - began))
    return bool(running)


def pid(config: Config) -> int | None:
    """The process id of the private engine, verified by its command line; None if it does not run."""
    from drydock.engines import processes

    running = processes.mentioning(str(place.of(config).exec))
    return next((number for number, program in running.items() if program == "dockerd"), None)


def last_words(config: Config, lines: int = 4) -> str:
    """What the private engine said last, worst first: errors where there are any, else its last lines."""
    with suppress(OSError), place.of(config).log.open(encoding="utf-8", errors="replace") as stream:
        return daemon_settings.words(deque(stream, maxlen=200), lines)
    return ""


def _argv(here: Place) -> list[str]:
    flags = {"config-file": here.settings, "data-root": here.data, "exec-root": here.exec, "pidfile": here.pidfile}
    return ["dockerd", *(f"--{name}={path}" for name, path in flags.items()), f"--host=unix://{here.socket}"]


def _folders(here: Place) -> None:
    for folder in (here.folder, here.run):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        except OSError as error:
            raise NoEngine(
                Cause.SETTINGS,
                f"{folder} cannot be made: {error.strerror}",
                remedy="set DRYDOCK_HOME to another folder",
            ) from error
    if here.log.exists() and here.log.stat().st_size > LOG_LIMIT:
        here.log.replace(here.log.with_suffix(".log.1"))

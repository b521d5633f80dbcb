"""The checks, in the order of causes; those of the machine look at what they need alone, and pass a verdict."""

import os
import re
import ssl
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from drydock import authorities, command
from drydock.checks import Verdict, client, docker, looking_repository, machine, outgoing, places
from drydock.checks.survey import Facts, client_settings_path
from drydock.engines import docker_config, drivers, engine, place
from drydock.engines.engine import Cause, NoEngine
from drydock.engines.probe import PLUGIN_FOLDERS


def look_client(facts: Facts) -> Verdict:
    path = command.find("docker", facts.config.environ)
    said = facts.ask_client("docker", "--version") or ""
    return docker.client(path, said.removeprefix("Docker version ").partition(",")[0])


def look_engine(facts: Facts) -> Verdict:
    if problem := facts.no_engine:
        can_fix = problem.cause in engine.MENDABLE
        return docker.no_daemon(problem.message, problem.remedy, can_fix=can_fix, cause=problem.cause)
    found = facts.engine
    return docker.daemon(found.version if found else "", found.origin.value if found else "")


def look_permission(facts: Facts) -> Verdict:
    problem = facts.no_engine
    if problem and problem.cause is Cause.PERMISSION:
        return docker.permission(False, problem.message, problem.remedy)
    return docker.permission(facts.engine is not None, "", "")


def look_buildkit(facts: Facts) -> Verdict:
    return docker.buildkit(facts.engine.version if facts.engine else "")


def look_buildx(facts: Facts) -> Verdict:
    said = facts.ask_client("docker", "buildx", "version")
    version = said if said is None else (said.split()[1:2] or [""])[0]
    return _plugin(facts, "buildx", version, engine.BUILDX_FLOOR)


def look_compose(facts: Facts) -> Verdict:
    version = facts.ask_client("docker", "compose", "version", "--short")
    return _plugin(facts, "compose", version, engine.COMPOSE_FLOOR)


def look_store(facts: Facts) -> Verdict:
    found = facts.engine
    return docker.store(found.driver if found else "", found.store if found else "")


def look_builder(facts: Facts) -> Verdict:
    chosen, found = facts.choosing.result(), facts.engine
    if chosen.problem:
        return docker.no_builder(chosen.problem.message, chosen.problem.remedy)
    if seen := chosen.builder:
        store = chosen.store or (found.store if found else "")
        return docker.builder(seen, drivers.exporters(seen.driver, store))
    return docker.unnamed(found.driver if found and found.buildkit else drivers.ENGINE)


def look_client_settings(facts: Facts) -> Verdict:
    path = client_settings_path(facts.config)
    try:
        said = docker_config.read(path)
    except NoEngine as problem:
        return client.unreadable(problem)
    return client.settings(str(path), said, lambda name: command.find(name, facts.config.environ) is not None)


def look_variable(facts: Facts) -> Verdict:
    return client.variable(facts.config.environ.get("DOCKER_BUILDKIT"))


def look_names(facts: Facts) -> Verdict:
    return outgoing.names(facts.reaching.result()[0])


def look_proxy(facts: Facts) -> Verdict:
    return outgoing.proxy(*facts.reaching.result())


def look_certificates(facts: Facts) -> Verdict:
    environ = facts.config.environ
    named = {name: environ[name] for name in authorities.VARIABLES if environ.get(name)}
    counted = {path: _certificates(Path(path)) for path in set(named.values())}
    return outgoing.certificates({name: counted[path] for name, path in named.items()}, facts.reaching.result()[0])


def look_packages(facts: Facts) -> Verdict:
    return outgoing.packages(facts.reaching.result()[0])


def look_disk(facts: Facts) -> Verdict:
    config = facts.config
    private = place.of(config).data
    own = facts.engine.data_root if facts.engine and facts.local else str(private) if private.is_dir() else ""
    data = [("the engine's data", Path(own), True)] if own else []
    more = [("the user's state", config.home, False), ("the records", config.state, False)]
    temporary = Path(config.environ.get("TMPDIR") or tempfile.gettempdir())  # what is full, Python does not choose
    return places.disk(tuple(places.spaces([*data, *more, ("temporary files", temporary, False)])))


def look_home(facts: Facts) -> Verdict:
    home = facts.config.home
    there = next(path for path in (home, *home.parents) if path.exists())
    return places.home(home, writable=there.is_dir() and os.access(there, os.W_OK | os.X_OK))


def look_clock(facts: Facts) -> Verdict:
    root = facts.config.root
    commit = facts.ask_client("git", "-C", str(root), "log", "-1", "--format=%ct") or ""
    past = [path.stat().st_mtime for path in root.iterdir() if path.is_file()]
    told, when = facts.telling.result()
    there = _moment(str(told.get("SystemTime") or ""))
    apart = None if there is None else there - when
    return machine.clock(time.time(), max([*past, float(commit or 0)]), apart)


def look_node(facts: Facts) -> Verdict:
    return machine.node(facts.ask_client("node", "--version") or "")


def _plugin(facts: Facts, name: str, version: str | None, floor: tuple[int, int]) -> Verdict:
    mine = docker_config.settings_folder(facts.config.environ) / "cli-plugins" / f"docker-{name}"
    files = [str(path) for path in (mine, *(Path(one, mine.name) for one in PLUGIN_FOLDERS)) if os.path.lexists(path)]
    own = str(mine) if str(mine) in files else ""
    there = files[0] if files else ""
    return docker.plugin(name, version, floor, own=own, there=there, seconds=facts.seconds)


def _certificates(path: Path) -> int | str:
    """How many certificates a bundle holds, or what is wrong with it."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        return f"{path}, which holds no certificate in PEM form"
    except OSError as error:
        return f"{path}: {error.strerror}"
    return context.cert_store_stats()["x509"]


def _moment(said: str) -> float | None:
    """Seconds since the epoch of Docker's time stamp, whose nanoseconds are more than Python reads."""
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", said)).timestamp()
    except ValueError:
        return None


# In the order of causes: what a check rests on stands above it.
CHECKS: tuple[tuple[str, Callable[[Facts], Verdict]], ...] = (
    ("client", look_client),
    ("config.json", look_client_settings),
    ("DOCKER_BUILDKIT", look_variable),
    ("disk", look_disk),
    ("home", look_home),
    ("permission", look_permission),
    ("engine", look_engine),
    ("BuildKit", look_buildkit),
    ("buildx", look_buildx),
    ("compose", look_compose),
    ("store", look_store),
    ("builder", look_builder),
    ("clock", look_clock),
    ("names", look_names),
    ("proxy", look_proxy),
    ("certificates", look_certificates),
    ("packages", look_packages),
    ("ledger", looking_repository.look_ledger),
    (".env", looking_repository.look_dotenv),
    ("compose file", looking_repository.look_compose_file),
    ("project", looking_repository.look_project),
    ("Dockerfiles", looking_repository.look_dockerfiles),
    ("lock files", looking_repository.look_locks),
    ("line ends", looking_repository.look_line_ends),
    ("bases", looking_repository.look_bases),
    ("registry", looking_repository.look_registry),
    ("ports", looking_repository.look_ports),
    ("python", looking_repository.look_python),
    ("node", look_node),
    ("git", looking_repository.look_git),
)

"""One function for each of the doctor's checks: look at what it needs alone, and have the verdict passed."""

import platform
import re
import shutil
import ssl
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from drydock import authorities, command
from drydock.bases import registries
from drydock.checks import Verdict, client, docker, machine, network, settings
from drydock.checks.survey import ANSWER_SECONDS, Facts, client_settings_path, text
from drydock.engines import drivers, engine
from drydock.engines.engine import Cause
from drydock.engines.missing import MEND
from drydock.services import containers, ports


def look_client(facts: Facts) -> Verdict:
    path = command.find("docker", facts.environ)
    return docker.client(path, facts.ask("docker", "--version").removeprefix("Docker version ").partition(",")[0])


def look_engine(facts: Facts) -> Verdict:
    if problem := facts.no_engine:
        return docker.no_daemon(problem.message, problem.remedy, can_fix=problem.cause in engine.MENDABLE)
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
    said = facts.ask("docker", "buildx", "version").split()
    return docker.plugin("buildx", said[1] if len(said) > 1 else "", engine.BUILDX_FLOOR)


def look_compose(facts: Facts) -> Verdict:
    return docker.plugin("compose", facts.ask("docker", "compose", "version", "--short"), engine.COMPOSE_FLOOR)


def look_store(facts: Facts) -> Verdict:
    found = facts.engine
    return docker.store(found.driver if found else "", found.store if found else "")


def look_builder(facts: Facts) -> Verdict:
    chosen, found = facts.chosen, facts.engine
    if chosen.problem:
        return docker.no_builder(chosen.problem.message, chosen.problem.remedy)
    if seen := chosen.builder:
        store = chosen.store or (found.store if found else "")
        return docker.builder(seen, drivers.exporters(seen.driver, store))
    return docker.unnamed(found.driver if found and found.buildkit else drivers.ENGINE)


def look_client_settings(facts: Facts) -> Verdict:
    path = client_settings_path(facts.config)
    return client.settings(str(path), text(path), lambda name: command.find(name, facts.environ) is not None)


def look_variable(facts: Facts) -> Verdict:
    return client.variable(facts.environ.get("DOCKER_BUILDKIT"))


def look_compose_file(facts: Facts) -> Verdict:
    problem = facts.no_model
    if problem and not facts.ask("docker", "compose", "version", "--short"):
        return settings.compose_file((), "not known without compose", MEND)
    services = tuple(facts.model.get("services") or ())
    return settings.compose_file(services, problem.message if problem else "", problem.remedy if problem else "")


def look_dotenv(facts: Facts) -> Verdict:
    return settings.dotenv(text(facts.config.root / ".env.example"), text(facts.config.root / ".env"))


def look_bases(facts: Facts) -> Verdict:
    if facts.no_model:
        return network.unknown("bases")
    return network.bases(facts.bases, facts.images if facts.engine else None)


def look_registry(facts: Facts) -> Verdict:
    if facts.no_model:
        return network.unknown("registry")
    missing = network.missing(facts.bases, facts.images)
    name = next(iter([*missing, *facts.bases]), "")
    problem = ""
    if name and registries.fell_silent(facts.config.home, registries.host(name)):
        problem = "it was silent within the last hour too"
    elif name:
        argv = ["docker", "buildx", "imagetools", "inspect", name]
        result = command.run(argv, env=facts.environ, timeout=ANSWER_SECONDS)
        problem = (
            "" if result.ok else result.last_words.rpartition(": ")[2]
        )  # the reason; before it stands the whole request
    return network.registry(name, problem, needed=bool(missing))


def look_certificates(facts: Facts) -> Verdict:
    named = {name: facts.environ[name] for name in authorities.VARIABLES if facts.environ.get(name)}
    counted = {path: _certificates(Path(path)) for path in set(named.values())}
    return network.certificates({name: counted[path] for name, path in named.items()})


def look_ports(facts: Facts) -> Verdict:
    if facts.no_model:
        return network.unknown("ports")
    project = str(facts.model.get("name", ""))
    wanted = containers.published(facts.model) if facts.local else ()
    held = [ports.holder(facts.environ, one.host, one.published, one.protocol, project) for one in wanted]
    return network.ports([(one.published, one.service, by) for one, by in zip(wanted, held, strict=True)])


def look_disk(facts: Facts) -> Verdict:
    own = facts.engine.data_root if facts.engine and facts.local else ""
    data = Path(own or facts.config.home)
    place = next(path for path in (data, *data.parents) if path.exists())
    return machine.disk(str(place), shutil.disk_usage(place).free)


def look_clock(facts: Facts) -> Verdict:
    root = facts.config.root
    commit = facts.ask("git", "-C", str(root), "log", "-1", "--format=%ct")
    past = [path.stat().st_mtime for path in root.iterdir() if path.is_file()]
    said = facts.ask("docker", "info", "--format", "{{.SystemTime}}") if facts.engine else ""
    return machine.clock(time.time(), max([*past, float(commit or 0)]), _moment(said))


def look_python(facts: Facts) -> Verdict:
    own = sys.prefix != sys.base_prefix and Path(sys.prefix).is_relative_to(facts.config.root)
    return machine.python(platform.python_version(), own=own)


def look_node(facts: Facts) -> Verdict:
    return machine.node(facts.ask("node", "--version"))


def look_git(facts: Facts) -> Verdict:
    inside = facts.ask("git", "-C", str(facts.config.root), "rev-parse", "--is-inside-work-tree") == "true"
    return machine.git(facts.ask("git", "--version").removeprefix("git version "), repository=inside)


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


CHECKS: tuple[tuple[str, Callable[[Facts], Verdict]], ...] = (
    ("client", look_client),
    ("engine", look_engine),
    ("permission", look_permission),
    ("BuildKit", look_buildkit),
    ("buildx", look_buildx),
    ("compose", look_compose),
    ("store", look_store),
    ("builder", look_builder),
    ("config.json", look_client_settings),
    ("DOCKER_BUILDKIT", look_variable),
    ("compose file", look_compose_file),
    (".env", look_dotenv),
    ("bases", look_bases),
    ("registry", look_registry),
    ("certificates", look_certificates),
    ("ports", look_ports),
    ("disk", look_disk),
    ("clock", look_clock),
    ("python", look_python),
    ("node", look_node),
    ("git", look_git),
)

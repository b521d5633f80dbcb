"""The checks of the repository: look at what each needs alone, and have the verdict passed."""

import os
import platform
import sys
from pathlib import Path

from drydock import command
from drydock.bases import registries, standins
from drydock.checks import Verdict, machine, network, places, settings, stumbles, unknown
from drydock.checks.survey import Facts, text
from drydock.errors import NotReady, Problem
from drydock.measures import storage
from drydock.services import containers, ports
from drydock.services.containers import Port

REGISTRY_SECONDS = 1.0
LEDGER_SECONDS = 0.5  # for another writer to end


def look_compose_file(facts: Facts) -> Verdict:
    if facts.config.compose is None:
        return settings.compose_file((), "", "", dockerfiles=len(facts.building.result()[0]))
    services = tuple(facts.model.get("services") or ())
    # What the model allows may still be more than can be built here, such as a context that is an address.
    problem = facts.no_model or facts.building.result()[1]
    words = (problem.message, problem.remedy) if problem else ("", "")
    return settings.compose_file(services, *words, silent=isinstance(problem, NotReady))


def look_dotenv(facts: Facts) -> Verdict:
    return settings.dotenv(text(facts.config.root / ".env.example"), text(facts.config.root / ".env"))


def look_dockerfiles(facts: Facts) -> Verdict:
    return unknown("Dockerfiles", "compose file") if facts.no_model else stumbles.dockerfiles(facts.opening.result())


def look_locks(facts: Facts) -> Verdict:
    return unknown("lock files", "compose file") if facts.no_model else stumbles.locks(facts.opening.result())


def look_line_ends(facts: Facts) -> Verdict:
    return unknown("line ends", "compose file") if facts.no_model else stumbles.line_ends(facts.opening.result())


def look_bases(facts: Facts) -> Verdict:
    if facts.no_model:
        return unknown("bases", "compose file")
    return network.bases(facts.bases, facts.images if facts.engine else None)


def look_registry(facts: Facts) -> Verdict:
    if facts.no_model:
        return unknown("registry", "compose file")
    if not facts.engine:
        return unknown("registry", "engine")
    name = next(iter(network.missing(facts.bases, facts.images)), "")
    if not name:
        return network.registry("", "")
    problem = "it was silent within the last hour too"
    if not registries.fell_silent(facts.config.home, registries.host(name)):
        argv = ["docker", "buildx", "imagetools", "inspect", name]
        result = command.run(argv, env=facts.environ, timeout=REGISTRY_SECONDS * facts.factor)
        # The reason alone: before it stands the whole request.
        problem = "" if result.ok else result.last_words.rpartition(": ")[2]
    replaceable = not problem or standins.recipe(facts.config, name) is not None
    return network.registry(name, problem, replaceable=replaceable)


def look_ports(facts: Facts) -> Verdict:
    if facts.no_model:
        return unknown("ports", "compose file")
    wanted = containers.published(facts.model) if facts.local else ()
    held = [_holder(facts, one) for one in wanted]
    return network.ports([(one.published, one.service, by) for one, by in zip(wanted, held, strict=True)])


def look_project(facts: Facts) -> Verdict:
    if facts.no_model:
        return unknown("project", "compose file")
    if not facts.engine:
        return unknown("project", "engine")
    name, compose = _project(facts), facts.config.compose
    if not name or compose is None or not facts.local:
        return network.project(name, "", ())
    label = "com.docker.compose.project"
    shown = f'{{{{.Names}}}}\t{{{{.Label "{label}.working_dir"}}}}'
    listed = facts.ask("docker", "ps", "--all", "--filter", f"label={label}={name}", "--format", shown).splitlines()
    theirs = [(one.partition("\t")[0], one.partition("\t")[2]) for one in listed]
    gone = {folder for _, folder in theirs if folder and not Path(folder).is_dir()}
    own = str(compose.parent.resolve())
    return network.project(name, own, [(one, os.path.realpath(path) if path else "") for one, path in theirs], gone)


def look_ledger(facts: Facts) -> Verdict:
    try:
        storage.check(facts.config.ledger, facts.config.root, seconds=LEDGER_SECONDS)
    except Problem as problem:
        return places.ledger(facts.config.ledger, problem.message, problem.remedy)
    return places.ledger(facts.config.ledger, "", "")


def look_python(facts: Facts) -> Verdict:
    own = sys.prefix != sys.base_prefix and Path(sys.prefix).is_relative_to(facts.config.root)
    return machine.python(platform.python_version(), own=own)


def look_git(facts: Facts) -> Verdict:
    root = facts.config.root
    version = (facts.ask_client("git", "--version") or "").removeprefix("git version ")
    if not version:
        return machine.git("", repository=False)
    asked = command.run(
        ["git", "-C", str(root), "rev-parse", "--is-inside-work-tree"], env=facts.config.environ, timeout=facts.seconds
    )
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    refused = asked.err.strip().partition("\n")[0].removeprefix("fatal: ") if top and not asked.ok else ""
    return machine.git(version, repository=asked.out.strip() == "true", refused=refused, root=str(top or root))


def _holder(facts: Facts, one: Port) -> str | None:
    """Who holds a port; an engine that is not there is not asked for its containers."""
    if facts.engine is None:
        return (
            None if ports.is_free(one.host, one.published, one.protocol) else ports.owner(one.published, one.protocol)
        )
    environ, project = facts.environ, _project(facts)
    return ports.holder(environ, one.host, one.published, one.protocol, project, seconds=facts.seconds)


def _project(facts: Facts) -> str:
    return str(facts.model.get("name", ""))

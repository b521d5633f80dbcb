"""The services of a repository as they are started under proof: no way out, nothing of the host, and limits. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drydock.values import dataclass

KEPT = (  # of a service in the resolved model; what is not named here touches the host, or what is not under proof
    *("command", "entrypoint", "environment", "user", "working_dir", "stop_signal", "stop_grace_period", "expose"),
    *("init", "tty", "stdin_open", "read_only", "tmpfs", "shm_size", "cap_drop", "hostname", "ulimits", "group_add"),
)
MEANT = (  # what has its own way here, or means nothing of the host
    *("build", "image", "depends_on", "networks", "healthcheck", "volumes", "ports", "env_file", "labels", "profiles"),
    *("restart", "pull_policy", "logging", "container_name", "platform", "scale", "develop", "extends", "annotations"),
    *("mem_limit", "memswap_limit", "mem_reservation", "pids_limit", "cpus", "attach"),
)
GRANTED = ("volume", "tmpfs")  # kinds of mounts; of a volume, its name and driver are not
MEMORY = 1 << 30  # bytes, swap included
PROCESSES = 512
LIMITS: Mapping[str, Any] = {
    "mem_limit": MEMORY,
    "memswap_limit": MEMORY,
    "pids_limit": PROCESSES,
    "restart": "no",
    "pull_policy": "never",
    "logging": {"driver": "json-file", "options": {"max-size": "8m"}},
}
OFTEN, PATIENTLY = "1s", 10_000  # how often a health check is asked, and how many failures end the waiting
NETWORK = "proof"


@dataclass(frozen=True)
class Launch:
    """What compose is given, the services in it, and what was left out, as sentences.

    `incomplete` are the services that miss another one, so that their start shows nothing.
    """

    document: Mapping[str, Any]
    services: tuple[str, ...]
    left_out: tuple[str, ...]
    incomplete: frozenset[str] = frozenset()


def plan(
    model: Mapping[str, Any], references: Mapping[str, str], checked: frozenset[str], chosen: frozenset[str]
) -> Launch:
    """The services of a resolved model whose images are in `references`, by service.

    `checked` are those with a health check of their image; `chosen` those that are wanted, with all they depend on.
    """
    services: Mapping[str, Any] = model.get("services") or {}
    wanted = needed(services, chosen)
    started = [name for name in services if name in wanted and name in references]
    missing = {name for name in services if name in wanted and name not in references}
    left = [f"{name} is left out: its image {_image(services[name])} cannot be had here" for name in sorted(missing)]
    for name in started:
        left += [f"{name}: {words}" for words in _dropped(services[name])]
    document = {
        "services": {name: _service(services[name], references[name], name in checked, started) for name in started},
        "networks": {NETWORK: {"internal": True}},
    }
    lacking = {name for name in started if needed(services, frozenset({name})) & missing}
    return Launch(document, tuple(started), tuple(left), frozenset(lacking))


def marked(launch: Launch, labels: Mapping[str, str]) -> Launch:
    """The same with labels on each container and network, by which they are found and removed."""
    parts = {
        kind: {name: {**one, "labels": labels} for name, one in parts.items()}
        for kind, parts in launch.document.items()
    }
    return replace(launch, document=parts)


def needed(services: Mapping[str, Any], chosen: frozenset[str]) -> frozenset[str]:
    """These services and all that they depend on."""
    found, waiting = set[str](), [name for name in chosen if name in services]
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += [one for one in services[name].get("depends_on") or {} if one in services]
    return frozenset(found)


def _service(service: Mapping[str, Any], reference: str, checked: bool, started: list[str]) -> dict[str, Any]:
    kept = {name: service[name] for name in KEPT if service.get(name) is not None}
    needs = {name: how for name, how in (service.get("depends_on") or {}).items() if name in started}
    volumes = [_anonymous(one) for one in service.get("volumes") or () if one.get("type") in GRANTED]
    found = {**kept, **LIMITS, "image": reference, "networks": {NETWORK: {}}}
    check = service.get("healthcheck")
    if check or checked:
        given = {} if (check or {}).get("disable") else {"interval": OFTEN, "retries": PATIENTLY}
        found["healthcheck"] = {**(check or {}), **given}
    return {**found, **({"depends_on": needs} if needs else {}), **({"volumes": volumes} if volumes else {})}


def _anonymous(volume: Mapping[str, Any]) -> dict[str, Any]:
    """A volume without a name: made for this container, gone with it."""
    return {"type": volume["type"], "target": volume["target"]}


def _dropped(service: Mapping[str, Any]) -> list[str]:
    """What a service asks of the host and does not get."""
    mounts = [str(one["target"]) for one in service.get("volumes") or () if one.get("type") not in GRANTED]
    found = [f"the mount at {target} is left out" for target in mounts]
    return found + [f"its {name} is left out" for name in service if service[name] and name not in (*KEPT, *MEANT)]


def _image(service: Mapping[str, Any]) -> str:
    return "that is built here" if "build" in service else str(service.get("image"))

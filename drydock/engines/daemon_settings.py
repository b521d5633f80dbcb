"""What the private engine is told at its start, and what can be read from its log."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from drydock.errors import Misuse

CACHE_LIMIT = "10GB"
SIZE = re.compile(r"\d+(\.\d+)?\s*([kKMGT]i?)?[bB]?")
MACHINE_SETTINGS = Path("/etc/docker/daemon.json")
SHARED_SETTINGS = ("registry-mirrors", "insecure-registries", "dns", "proxies", "default-address-pools")
QUOTED = r'("(?:[^"\\]|\\.)*"|\S+)'
MESSAGE = re.compile(rf"level=(\w+) msg={QUOTED}(?: error={QUOTED})?")


def compose(wanted: object, machine: Mapping[str, Any], *, group: int, bridge: str | None) -> dict[str, Any]:
    """The contents of daemon.json from `[tool.drydock.engine]` and the machine's own settings. Pure.

    `cache_limit` is what BuildKit's garbage collection keeps (default 10GB); `store` is "containerd" for that image
    store; `cgroup_parent` is the control group in which builds and containers run. Mirrors, proxies and the like are
    taken over from the machine's own engine.
    """
    table = wanted if isinstance(wanted, dict) else {}
    limit = str(table.get("cache_limit", CACHE_LIMIT))
    if not SIZE.fullmatch(limit):
        raise Misuse(f"cache_limit = {limit!r} is no size", remedy='write such as cache_limit = "10GB"')
    store = str(table.get("store", "overlay2"))
    if store not in ("overlay2", "containerd"):
        raise Misuse(f"store = {store!r} is no image store", remedy='write store = "overlay2" or store = "containerd"')
    settings: dict[str, Any] = {name: machine[name] for name in SHARED_SETTINGS if name in machine}
    settings |= {"builder": {"gc": {"enabled": True, "defaultKeepStorage": limit.replace(" ", "")}}}
    settings |= {"group": str(group)}
    if store == "containerd":
        settings |= {"features": {"containerd-snapshotter": True}}
    if parent := table.get("cgroup_parent"):
        settings |= {"cgroup-parent": str(parent)}
    return settings | ({"bridge": bridge} if bridge else {})


def of_machine() -> dict[str, Any]:
    """The settings of the machine's own engine, empty where there are none."""
    try:
        document = json.loads(MACHINE_SETTINGS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def words(log: Iterable[str], lines: int) -> str:
    """What a daemon's log ends with, on one line: the errors of its last life if there are any, else its last lines.

    Lines that are not in the log's own form are those of a crash, and count as errors. Pure.
    """
    said: list[tuple[str, str]] = []
    for line in log:
        found = MESSAGE.search(line)
        text = ": ".join(part.strip('"').replace('\\"', '"') for part in found.groups()[1:] if part) if found else line
        if text == "Starting up":
            said = []  # earlier lives do not matter
        elif text.strip():
            said.append((found[1] if found else "crash", text.strip()))
    grave = [text for level, text in said if level not in ("info", "debug", "warning")]
    return " · ".join((grave or [text for _, text in said])[-lines:])

"""A network bridge of the private engine's own, so that it can run beside any other engine."""

import hashlib
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from drydock import command
from drydock.engines import firewall

INTERFACES = Path("/sys/class/net")
SHARED = "docker0"  # what an engine uses that has no bridge of its own
ROUTES = Path("/proc/net/route")
RANGES = ("10.213.0.0/16", "172.31.0.0/16", "192.168.192.0/18")  # apart from those that Docker takes first


def name(folder: Path) -> str:
    """The name of the bridge of the engine in `folder`: at most 15 characters, as Linux wants it. Pure."""
    return f"drydock{hashlib.sha256(str(folder).encode()).hexdigest()[:6]}"


def free_address(routes: str) -> str:
    """The gateway (such as 10.213.0.1/24) of a network that no route touches; `routes` is /proc/net/route. Pure."""
    taken = list(_networks(routes))
    for wide in RANGES:
        for network in ipaddress.IPv4Network(wide).subnets(new_prefix=24):
            if not any(network.overlaps(other) for other in taken):
                return f"{network[1]}/24"
    return f"{ipaddress.IPv4Network(RANGES[0])[1]}/24"  # every range is routed: take the first, the nearest route wins


def _networks(routes: str) -> Sequence[ipaddress.IPv4Network]:
    found = []
    for line in routes.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[7] != "00000000":  # the default route touches everything and bars nothing
            destination, mask = (int.from_bytes(bytes.fromhex(fields[i]), "little") for i in (1, 7))
            found.append(ipaddress.IPv4Network((destination, mask.bit_count())))
    return found


def raise_up(bridge: str, elevate: Sequence[str], env: command.Environ) -> bool:
    """Make the bridge where there is none, and set it up. False where `ip` is missing or refuses."""
    if command.find("ip", env) is None:
        return False
    steps = [["ip", "link", "set", bridge, "up"]]
    if not (INTERFACES / bridge).exists():
        address = free_address(ROUTES.read_text(encoding="ascii"))
        steps[:0] = [
            ["ip", "link", "add", "name", bridge, "type", "bridge"],
            ["ip", "addr", "add", address, "dev", bridge],
        ]
    return all(command.run([*elevate, *argv], env=env, timeout=10).ok for argv in steps)


def remove(bridge: str, elevate: Sequence[str], env: command.Environ) -> None:
    """Take away the bridge and the firewall rules that name it, as far as they are there."""
    if (INTERFACES / bridge).exists() and command.find("ip", env) is not None:
        command.run([*elevate, "ip", "link", "del", bridge], env=env, timeout=10)
        firewall.change(lambda _, rules: firewall.undoing(rules, bridge), elevate, env)

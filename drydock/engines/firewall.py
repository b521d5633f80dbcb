"""Firewall rules of engines: the chains that all engines of a machine share are emptied by each that starts."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from drydock import command, files

TABLES = ("filter", "nat")
NETWORK = "/proc/self/ns/net"  # the same file for all who share a network, and so these rules
SHARED = "DOCKER"  # how the names of those chains begin


@contextmanager
def alone() -> Iterator[None]:
    """Within this block, no other process that shares this network is within one; where there is no such file, any is.

    Of two engines that start at once, one would empty the chains that the other has just made, or take its addresses.
    """
    try:
        network = os.open(NETWORK, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        files.lock(network, wait=True)
        yield
    finally:
        os.close(network)


def read(elevate: Sequence[str], env: command.Environ) -> dict[str, str]:
    """What `iptables -S` prints of each table; empty where there is no iptables."""
    if command.find("iptables", env) is None:
        return {}
    argv = [*elevate, "iptables", "-w", "-t"]
    return {table: command.run([*argv, table, "-S"], env=env, timeout=10).out for table in TABLES}


def change(needed: Callable[[str, str], Sequence[Sequence[str]]], elevate: Sequence[str], env: command.Environ) -> None:
    """Run in each table what `needed` makes of its name and its rules: words for iptables."""
    for table, rules in read(elevate, env).items():
        for words in needed(table, rules):
            command.run([*elevate, "iptables", "-w", "-t", table, *words], env=env, timeout=10)


def undoing(rules: str, bridge: str) -> list[list[str]]:
    """The words for iptables that delete each rule naming the bridge; `rules` is what `iptables -S` prints. Pure."""
    return [["-D", *words] for words in _appended(rules) if bridge in words]


def restoring(before: str, now: str, own: Collection[str]) -> list[list[str]]:
    """The words for iptables that put back each rule of a shared chain that is gone, in the old order. Pure.

    They go to the top of their chain, since some chains end with a rule for everything.
    """
    there = _appended(now)
    gone = [words for words in _appended(before) if words[0].startswith(SHARED) and words not in there]
    return [["-I", *words] for words in reversed(gone) if not any(word in own for word in words)]


def _appended(rules: str) -> list[list[str]]:
    return [line.split()[1:] for line in rules.splitlines() if line.startswith("-A ")]

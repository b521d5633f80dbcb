"""The ways out: every host that packages come from, and every proxy, as files and variables name them, all tried."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from drydock.checks import hosts, reaching
from drydock.checks.hosts import Host, Kind, Proxy
from drydock.checks.reaching import Reach
from drydock.config import Config
from drydock.engines import docker_config
from drydock.engines.missing import NoEngine

HEAD_BYTES = 100_000  # of a file that may name a host
Reached = tuple[tuple[Reach, ...], tuple[tuple[str, str], ...]]
Telling = Future[tuple[Mapping[str, Any], float]]


def try_all(config: Config, pool: ThreadPoolExecutor, telling: Telling, factor: float) -> Reached:
    """Every host that packages come from, through its proxy, and every other proxy that is named."""
    environ = config.environ
    direct = hosts.named(environ, _files(config))
    ways = [(host, hosts.way(host, environ)) for host in direct]
    tried: list[tuple[Host | None, Proxy | None]] = [(host, hosts.proxy(*way) if way else None) for host, way in ways]
    seconds = reaching.REACH_SECONDS * factor
    tries = [pool.submit(reaching.reach, host, proxy, environ, seconds) for host, proxy in tried]
    used = {(proxy.name, proxy.port) for _, proxy in tried if proxy}
    bad = []
    for source, url in hosts.proxies(environ, _settings(environ), telling.result()[0]).items():
        proxy = hosts.proxy(source, url)
        if proxy is None:
            bad.append((source, url))
        elif (proxy.name, proxy.port) not in used:
            used.add((proxy.name, proxy.port))
            tries.append(pool.submit(reaching.reach, None, proxy, environ, seconds))
    return tuple(one.result() for one in tries), tuple(bad)


def _files(config: Config) -> Iterator[tuple[Kind, str, str]]:
    """The files that may name a host of packages: the user's, the machine's, the repository's."""
    environ, root = config.environ, config.root
    user, named = Path(environ.get("HOME") or Path.home()), environ.get("PIP_CONFIG_FILE")
    pip = [user / ".config" / "pip" / "pip.conf", user / ".pip" / "pip.conf", Path("/etc/pip.conf")]
    if named:
        pip = [] if named == os.devnull else [Path(named), *pip]  # as pip itself has it
    node = [user / ".npmrc", root / ".npmrc"]
    for kind, paths in ((Kind.PIP, pip), (Kind.NODE, node), (Kind.LOCK, [root / "package-lock.json"])):
        for path in paths:
            if path.is_file():
                with path.open("rb") as stream:
                    yield kind, str(path), stream.read(HEAD_BYTES).decode("utf-8", "replace")


def _settings(environ: Mapping[str, str]) -> Mapping[str, object]:
    try:
        return docker_config.settings(environ)
    except NoEngine:
        return {}  # a check of its own says why

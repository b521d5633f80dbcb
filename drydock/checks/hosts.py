"""The hosts that packages come from, and the proxies on the way, as machine and repository name them. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from enum import Enum
from urllib.parse import unquote, urlsplit

from drydock.values import dataclass

PIP, NODE = ("PIP_CERT", "SSL_CERT_FILE"), ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
INDEXES = {
    **dict.fromkeys(("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"), PIP),
    **dict.fromkeys(("npm_config_registry", "NPM_CONFIG_REGISTRY"), NODE),
}
PROXIES = {"http": ("http_proxy", "HTTP_PROXY"), "https": ("https_proxy", "HTTPS_PROXY")}
MOST = 4  # hosts that are tried


class Kind(Enum):
    """What a file is that may name hosts: settings of pip or npm, or a lock file."""

    PIP = "pip"
    NODE = "npm"
    LOCK = "lock"


LINES = {
    Kind.PIP: re.compile(r"^\s*(?:extra-)?index-url\s*[=:]\s*(\S+)", re.MULTILINE),
    Kind.NODE: re.compile(r"^\s*registry\s*=\s*(\S+)", re.MULTILINE),
    Kind.LOCK: re.compile(r'"resolved": ?"(https?://[^"\s]+)"'),
}


@dataclass(frozen=True)
class Host:
    """A host that packages come from; `source` says who names it, `bundles` which variables may name its CA."""

    name: str
    port: int
    tls: bool
    source: str
    bundles: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"{self.name}:{self.port}"


@dataclass(frozen=True)
class Proxy:
    """A proxy and who names it; `login` is USER:PASSWORD as its address has it, empty where it has none."""

    name: str
    port: int
    source: str
    login: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        return f"{self.name}:{self.port}"


def named(environ: Mapping[str, str], files: Iterable[tuple[Kind, str, str]]) -> tuple[Host, ...]:
    """The hosts that variables and files name, each once; `files` are given as kind, path and the beginning of it."""
    found: dict[tuple[str, int], Host] = {}
    for source, url, bundles in _addresses(environ, files):
        host = _host(url, source, bundles)
        if host is not None:
            found.setdefault((host.name, host.port), host)
    return tuple(found.values())[:MOST]


def _addresses(
    environ: Mapping[str, str], files: Iterable[tuple[Kind, str, str]]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for name, bundles in INDEXES.items():
        for url in environ.get(name, "").split():
            yield name, url, bundles
    for kind, path, text in files:
        for url in dict.fromkeys(LINES[kind].findall(text)):
            yield path, url, PIP if kind is Kind.PIP else NODE


def _host(url: str, source: str, bundles: tuple[str, ...]) -> Host | None:
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        return None
    if address.scheme not in ("http", "https") or not address.hostname or "$" in address.hostname:
        return None
    tls = address.scheme == "https"
    return Host(address.hostname, port or (443 if tls else 80), tls, source, bundles)


def proxies(environ: Mapping[str, str], settings: Mapping[str, object], engine: Mapping[str, object]) -> dict[str, str]:
    """Who names a proxy -> the address: variables, Docker's own settings, and an engine on this machine."""
    found = {name: environ[name] for names in PROXIES.values() for name in names if environ.get(name)}
    table = settings.get("proxies")
    for where, entry in (table if isinstance(table, Mapping) else {}).items():
        for key in ("httpProxy", "httpsProxy"):
            if isinstance(entry, Mapping) and isinstance(entry.get(key), str) and entry[key]:
                found[f"proxies.{where}.{key} in config.json"] = entry[key]
    for key in ("HttpProxy", "HttpsProxy"):
        if value := engine.get(key):
            found[f"the engine's {key}"] = str(value)
    return found


def proxy(source: str, url: str) -> Proxy | None:
    """The proxy at an address, which may lack its scheme; None where it is none."""
    try:
        address = urlsplit(url if "://" in url else f"http://{url}")
        port = address.port
    except ValueError:
        return None
    if not address.hostname:
        return None
    login = ":".join(unquote(part or "") for part in (address.username, address.password)) if address.username else ""
    standard = {"https": 443, "socks5": 1080, "socks5h": 1080}.get(address.scheme, 80)
    return Proxy(address.hostname, port or standard, source, login=login)


def way(host: Host, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable and the address of the proxy through which a host is asked; None for one that is asked directly."""
    if _is_excepted(host.name, environ.get("no_proxy") or environ.get("NO_PROXY") or ""):
        return None
    for name in PROXIES["https" if host.tls else "http"]:
        if value := environ.get(name):
            return name, value
    return None


def _is_excepted(name: str, listed: str) -> bool:
    """Whether NO_PROXY lists a host, as itself or by the domain it is in."""
    for word in (one.strip().lower() for one in listed.split(",")):
        bare = word.lstrip("*").lstrip(".").partition(":")[0]
        if word == "*" or (bare and (name.lower() == bare or name.lower().endswith(f".{bare}"))):
            return True
    return False

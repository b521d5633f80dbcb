"""Which stand-in serves for a base image that cannot be had, and of what it is made. Pure."""

import hashlib
import json
import re
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from drydock.values import dataclass

EDITION = 1  # raise it when stand-ins are made in another way, so that old ones are made again
STANDIN = "drydock-standin/"
TRUSTING = "drydock-standin-trusting/"
LABEL = "dev.drydock.standin"
RECIPE_LABEL = "dev.drydock.recipe"
TAG = re.compile(r"^(?P<version>\d+(\.\d+)*|lts|current|latest|[a-z]+)?(-|$)")
SUITES = {"bullseye": "11", "bookworm": "12", "trixie": "13"}
DEFAULT_SUITE = "trixie"
SUITE_PYTHON = {"bookworm": (3, 11), "trixie": (3, 13)}
NODE_NAMES = {"hydrogen": "18", "iron": "20", "jod": "22", "krypton": "24", "lts": "24", "current": "latest"}

RUNTIME = (
    *("ca-certificates", "netbase", "tzdata", "libstdc++6", "libatomic1", "libssl3", "libffi8", "zlib1g"),
    *("libbz2-1.0", "liblzma5", "libreadline8", "libsqlite3-0", "libncursesw6", "libuuid1", "libexpat1"),
)
DEBIAN_PYTHON = ("python3", "python3-pip", "python3-venv")
TOOLCHAIN = (
    *("build-essential", "autoconf", "automake", "libtool", "pkg-config", "patch", "python3", "python3-dev"),
    *("git", "curl", "wget", "gnupg", "openssh-client", "procps", "unzip", "xz-utils", "file"),
    *("libssl-dev", "libffi-dev", "zlib1g-dev", "libbz2-dev", "liblzma-dev", "libreadline-dev", "libsqlite3-dev"),
    *("libncurses-dev", "uuid-dev", "libexpat1-dev", "libxml2-dev", "libxslt1-dev", "libyaml-dev", "libpq-dev"),
    *("libcurl4-openssl-dev", "libjpeg-dev", "libpng-dev", "libgmp-dev"),
)


@dataclass(frozen=True)
class Host:
    """The system this machine runs, as /etc/os-release names it."""

    identity: str
    codename: str


@dataclass(frozen=True)
class Interpreter:
    """An interpreter: its exact version and the prefix it was installed to."""

    version: tuple[int, int, int]
    prefix: Path

    @property
    def minor(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"

    def __str__(self) -> str:
        return ".".join(str(part) for part in self.version)


@dataclass(frozen=True)
class Recipe:
    """How to make the stand-in for the image `name`.

    `asked` is the version in its tag; `suite` and `packages` make the root file system; `interpreter` is the Python of
    this machine that goes on top; `authority` is the hash of the CA bundle that the trusting flavour holds.
    """

    name: str
    family: str
    asked: str
    full: bool
    suite: str
    packages: tuple[str, ...]
    interpreter: Interpreter | None = None
    authority: str = ""

    @property
    def key(self) -> str:
        """The identity of what comes out: it changes whenever something that goes in does."""
        inputs = {**asdict(self), "interpreter": str(self.interpreter), "edition": EDITION}
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:20]

    @property
    def reference(self) -> str:
        """The tag of the stand-in in the engine."""
        return f"{TRUSTING if self.authority else STANDIN}{self.name}"

    @property
    def note(self) -> str:
        """What is worth saying of it beside its version: that it is not quite what was asked for."""
        said = []
        given = str(self.interpreter or ".".join(map(str, SUITE_PYTHON.get(self.suite, (3,)))))
        if self.family == "python" and self.asked and not f"{given}.".startswith(f"{self.asked}."):
            said.append(f"nearest: Python {given}, asked for {self.asked}")
        if "alpine" in self.name:
            said.append("not Alpine")
        return "; ".join(said)


def familiar(name: str) -> str:
    """The short name of an official image, however its registry is written; other names stay as they are."""
    first, slash, rest = name.partition("/")
    inner = rest if slash and ("." in first or ":" in first) else name
    return PurePosixPath(inner).name if inner.startswith(("library/", "docker/library/")) else name


def tagged(name: str) -> str:
    """The name with the tag that it means."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def choose(name: str, host: Host, interpreters: tuple[Interpreter, ...], authority: str = "") -> Recipe | None:
    """The recipe for a base image, or None for one that has no stand-in."""
    name = tagged(familiar(name).partition("@")[0])  # however it is written, one image has one recipe
    family, _, tag = name.partition(":")
    match = TAG.match(tag)
    if family not in ("python", "node", "debian") or match is None or "windows" in tag or host.identity == "":
        return None
    parts = tag.split("-")
    version = match["version"] or ""
    full = not {"slim", "alpine"} & {part.rstrip("0123456789.") for part in parts}
    suite = _suite(parts, host, family)
    if family == "debian":
        return Recipe(name, family, version, full, suite, (), authority=authority)
    if family == "node":
        if not version[:1].isdigit():
            version = NODE_NAMES.get(version, "latest")
        return Recipe(name, family, version, full, suite, RUNTIME + (TOOLCHAIN if full else ()), authority=authority)
    asked = version if version[:1].isdigit() else ""
    interpreter = _interpreter(asked, interpreters)
    packages = RUNTIME + (TOOLCHAIN if full else ())
    if interpreter is None:
        packages += tuple(one for one in DEBIAN_PYTHON if one not in packages)
        suite = _nearest(asked, suite) if host.identity == "debian" else suite
    return Recipe(name, family, asked, full, suite, packages, interpreter, authority)


def _suite(parts: list[str], host: Host, family: str) -> str:
    if host.identity != "debian":
        return host.codename
    for suite, number in SUITES.items():
        if suite in parts or (family == "debian" and parts[0].partition(".")[0] == number):
            return suite
    return host.codename if host.codename not in SUITES and host.codename else DEFAULT_SUITE


def _interpreter(asked: str, interpreters: tuple[Interpreter, ...]) -> Interpreter | None:
    """The exact version if there is one, else the newest of the same minor version."""
    fitting = [one for one in interpreters if f"{one}.".startswith(f"{asked}." if asked else "")]
    minor = ".".join(asked.split(".")[:2])
    fitting = fitting or [one for one in interpreters if one.minor == minor]
    return max(fitting, key=lambda one: one.version, default=None)


def _nearest(asked: str, suite: str) -> str:
    """The Debian suite whose own Python is nearest to the one asked for; of two as near, the newer."""
    numbers = [int(part) for part in asked.split(".")[:2] if part]
    if len(numbers) < 2 or numbers[0] != 3:
        return suite
    return min(SUITE_PYTHON, key=lambda name: (abs(SUITE_PYTHON[name][1] - numbers[1]), -SUITE_PYTHON[name][1]))

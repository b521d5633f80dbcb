"""What would have to be installed for an engine, per distribution: plans as values, nothing is done here. Pure."""

import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath

from drydock import apt
from drydock.engines.missing import DESKTOP
from drydock.values import dataclass

PINNED_SUITE = "trixie"
SOURCE_FILE = "/etc/apt/sources.list.d/drydock.sources"
PIN_FILE = "/etc/apt/preferences.d/drydock"
NEWER = ("docker.io", "docker-cli", "docker-buildx", "docker-compose", "containerd")
OWN = ("runc", "iptables", "tini", "iproute2", "mmdebstrap")
UBUNTU = ("docker.io", "docker-buildx", "docker-compose-v2")
UPSTREAM = ("docker-ce", "docker-ce-cli", "docker-buildx-plugin", "docker-compose-plugin", "containerd.io")
APT_SETTINGS = (
    "-oAcquire::Retries=3",
    "-oAcquire::http::Timeout=30",
    "-oAcquire::https::Timeout=30",
    "-oAcquire::Languages=none",
    "-oDPkg::Lock::Timeout=120",
)
BY_HAND = {
    "fedora": "sudo dnf install -y moby-engine docker-buildx docker-compose && sudo systemctl enable --now docker",
    "arch": "sudo pacman -S --needed docker docker-buildx docker-compose && sudo systemctl enable --now docker",
    "alpine": "sudo apk add docker docker-cli-buildx docker-cli-compose && sudo rc-update add docker && "
    "sudo service docker start",
    "suse": "sudo zypper install -y docker docker-buildx docker-compose && sudo systemctl enable --now docker",
    "Darwin": DESKTOP["darwin"],
    "Windows": DESKTOP["win32"],
}
ANYWHERE = "install Docker Engine 23, buildx 0.13 and compose 2.20 or later, then inv doctor"


@dataclass(frozen=True)
class Machine:
    """What a plan depends on.

    `system` is Linux, Darwin or Windows; `os_release` the text of /etc/os-release; `sources` apt's source files by
    path; `installed` the names of the packages that are there; `services` whether a service manager runs.
    """

    system: str
    os_release: str
    sources: Mapping[str, str]
    installed: frozenset[str]
    root: bool
    user: str
    services: bool


@dataclass(frozen=True)
class WriteFile:
    """Write a system file."""

    path: str
    text: str


@dataclass(frozen=True)
class Run:
    """Run a command as root; `phase` and `detail` say what it does; where it `may_fail`, the next step decides."""

    argv: tuple[str, ...]
    phase: str
    detail: str
    may_fail: bool = False


Step = WriteFile | Run


@dataclass(frozen=True)
class Plan:
    """Steps to an engine. Without steps, `by_hand` is what the user has to do."""

    steps: tuple[Step, ...] = ()
    packages: tuple[str, ...] = ()
    by_hand: str = ""


@dataclass(frozen=True)
class Source:
    """One archive that apt reads: its addresses, and the options that say why it is trusted."""

    uris: str
    options: tuple[tuple[str, str], ...] = ()


def plan(machine: Machine) -> Plan:
    """The way to an engine on this machine: from its own archives, and nothing else."""
    about = os_release(machine.os_release)
    if machine.system != "Linux":
        return Plan(by_hand=BY_HAND.get(machine.system, ANYWHERE))
    family = [about.get("ID", ""), *about.get("ID_LIKE", "").split()]
    if machine.installed & {"docker-ce"}:
        return _packages(machine, UPSTREAM, ())
    if "ubuntu" in family:
        return _packages(machine, (*UBUNTU, *OWN[1:]), ())
    if "debian" in family:
        return _debian(machine, about)
    return Plan(by_hand=next((BY_HAND[name] for name in family if name in BY_HAND), ANYWHERE))


def tools(machine: Machine, names: tuple[str, ...]) -> Plan:
    """The way to further packages of a Debian or its children; elsewhere there is none."""
    about = os_release(machine.os_release)
    if machine.system == "Linux" and "debian" in (about.get("ID", ""), *about.get("ID_LIKE", "").split()):
        return Plan(_install(names, ()), names)
    return Plan(packages=names, by_hand=f"install {' '.join(names)}, or make a registry reachable")


def _debian(machine: Machine, about: Mapping[str, str]) -> Plan:
    names = (*NEWER, *OWN)
    release = about.get("VERSION_ID", "")
    if release != "12":
        old = release.isdigit() and int(release) < 12
        return Plan(by_hand=ANYWHERE) if old else _packages(machine, names, ())
    own = archive(machine.sources, about.get("VERSION_CODENAME", "bookworm"))
    if own is None:
        return Plan(by_hand=ANYWHERE)
    files = (WriteFile(SOURCE_FILE, source_text(own)), WriteFile(PIN_FILE, pin_text()))
    return _packages(machine, names, files)


def _packages(machine: Machine, names: tuple[str, ...], files: tuple[WriteFile, ...]) -> Plan:
    steps = _install(names, files)
    if machine.services:
        steps += (Run(("systemctl", "enable", "--now", "docker"), "service", "starting Docker"),)
        if not machine.root:
            steps += (Run(("usermod", "-aG", "docker", machine.user), "permission", "joining the group docker"),)
    return Plan(steps, names)


def _install(names: tuple[str, ...], files: tuple[WriteFile, ...]) -> tuple[Step, ...]:
    flags = ("-y", "-q", "--no-install-recommends", "--no-remove", *APT_SETTINGS)
    install = ("apt-get", "install", *flags, *names)
    return (
        *files,
        Run(("apt-get", "update", "-q", *APT_SETTINGS), "lists", "reading the package archives", may_fail=True),
        Run((*install, "--download-only"), "download", ", ".join(names)),
        Run(install, "packages", "installing"),
    )


def os_release(text: str) -> dict[str, str]:
    """/etc/os-release as a table."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.startswith("#"):
            found[name.strip()] = " ".join(shlex.split(value))
    return found


def archive(sources: Mapping[str, str], codename: str) -> Source | None:
    """The archive from which this machine takes `codename` itself, from apt's source files by path."""
    for path, text in sorted(sources.items()):
        for fields in apt.archives(path, text) if path != SOURCE_FILE else ():
            if codename in fields.get("suites", "").split():
                options = tuple((name, fields[name]) for name in ("signed-by", "trusted") if name in fields)
                return Source(" ".join(fields.get("uris", "").split()), options)
    return None


def source_text(own: Source) -> str:
    """The .sources file that adds the pinned suite from the archive, and with the key, of the machine's own."""
    options = dict(own.options)
    lines = ["Types: deb", f"URIs: {own.uris}", f"Suites: {PINNED_SUITE}", "Components: main"]
    for name, field in (("signed-by", "Signed-By"), ("trusted", "Trusted")):
        if name in options:
            lines.append(f"{field}: {options[name]}")
    return "\n".join(lines) + "\n"


def pin_text() -> str:
    """The preferences that let only the engine's packages come from the pinned suite."""
    return (
        f"Package: *\nPin: release n={PINNED_SUITE}\nPin-Priority: 50\n\n"
        f"Package: {' '.join(NEWER)}\nPin: release n={PINNED_SUITE}\nPin-Priority: 600\n"
    )


def commands(plan: Plan, *, root: bool) -> list[str]:
    """The plan as lines for a shell, to be read and run by hand."""
    sudo = "" if root else "sudo "
    lines = []
    for step in plan.steps:
        if isinstance(step, Run):
            if "--download-only" in step.argv:
                continue  # only there to show progress
            lines.append(sudo + shlex.join(word for word in step.argv if word not in APT_SETTINGS))
        else:
            text = step.text.replace("\n", "\\n")
            lines.append(f"printf {shlex.quote(text)} | {sudo}tee {PurePosixPath(step.path)} >/dev/null")
    return lines or [plan.by_hand]

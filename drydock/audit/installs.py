"""Which commands install packages, with which manager, and where that manager keeps what it downloads. Pure."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from drydock.audit.shell import Command
from drydock.audit.situation import ROOT, Situation
from drydock.audit.tokens import Word
from drydock.values import dataclass


@dataclass(frozen=True, eq=False)
class Manager:
    """A package manager: the words that install, how its cache is switched off and emptied, where its cache lies.

    `off` are flags that keep it from using its cache, `off_variables` variables that do, `home_cache` the cache below
    the user's home, `fixed` its cache where that is the same for every user, `setting` the variable that moves it.
    """

    name: str
    verbs: frozenset[str]
    off: tuple[str, ...] = ()
    off_variables: Mapping[str, str] | None = None
    home_cache: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    locked: bool = False


PIP = Manager(
    "pip",
    frozenset({"install", "wheel", "download"}),
    ("--no-cache-dir", "--no-cache"),
    {"PIP_NO_CACHE_DIR": ""},
    (".cache/pip",),
    setting=("PIP_CACHE_DIR",),
)
UV = Manager(
    "uv",
    frozenset({"sync", "install"}),
    ("--no-cache", "-n", "--no-cache-dir"),
    {"UV_NO_CACHE": "false"},
    (".cache/uv",),
    setting=("UV_CACHE_DIR",),
)
# Not the whole of it: Poetry keeps the environments that it makes in the same folder.
POETRY = Manager(
    "poetry",
    frozenset({"install", "sync", "add"}),
    ("--no-cache",),
    {},
    (".cache/pypoetry/cache", ".cache/pypoetry/artifacts"),
    setting=("POETRY_CACHE_DIR",),
)
NPM = Manager(
    "npm",
    frozenset({"ci", "install", "i", "add", "clean-install"}),
    (),
    {},
    (".npm",),
    setting=("npm_config_cache", "NPM_CONFIG_CACHE"),
)
YARN = Manager(
    "yarn", frozenset({"install", "add", "global"}), (), {}, (".cache/yarn",), setting=("YARN_CACHE_FOLDER",)
)
PNPM = Manager(
    "pnpm",
    frozenset({"install", "i", "add", "fetch"}),
    (),
    {},
    (".local/share/pnpm/store",),
    setting=("npm_config_store_dir",),
)
APT = Manager(
    "apt",
    frozenset({"install", "upgrade", "dist-upgrade"}),
    (),
    {},
    (),
    ("/var/cache/apt", "/var/lib/apt/lists"),
    locked=True,
)
# apk keeps packages only where this folder is: elsewhere it keeps no more than the index.
APK = Manager("apk", frozenset({"add", "upgrade"}), ("--no-cache",), {}, (), ("/etc/apk/cache",), locked=True)
PROGRAMS: Mapping[str, Manager] = {
    **dict.fromkeys(("pip", "pip3"), PIP),
    "uv": UV,
    "poetry": POETRY,
    "npm": NPM,
    **dict.fromkeys(("yarn", "yarnpkg"), YARN),
    "pnpm": PNPM,
    **dict.fromkeys(("apt-get", "apt", "aptitude"), APT),
    "apk": APK,
}
GLOBAL = ("-g", "--global", "global")
VALUED = frozenset(
    {"-C", "--cwd", "--prefix", "--directory", "--project", "-o", "--cache-dir", "--store-dir", "--registry"}
)


@dataclass(frozen=True)
class Install:
    """A command that installs: its manager, its verb, and the words behind the verb that are no flags."""

    manager: Manager
    command: Command
    verb: str
    packages: tuple[str, ...]

    @property
    def is_global(self) -> bool:
        return self.command.has(*GLOBAL)

    @property
    def written_verb(self) -> Word | None:
        """The verb where it is written; None for a Yarn that installs without one."""
        return next((word for word in self.command.words[1:] if word.text == self.verb), None)


def of(commands: Iterable[Command]) -> Iterator[Install]:
    """The installs among commands."""
    for command in commands:
        found = _install(command)
        if found is not None:
            yield found


def _install(command: Command) -> Install | None:
    words = [word.text for word in command.words]
    if command.program.startswith("python") and words[1:3] == ["-m", "pip"]:
        words = words[2:]
    elif command.program == "corepack" and words[1:2] and words[1] in PROGRAMS:
        words = words[1:]
    program = words[0].rpartition("/")[2] if words else ""
    manager = PROGRAMS.get(program) or (PIP if program.startswith(("pip3.", "pip2")) else None)
    if manager is None:
        return None
    rest = _plain(words[1:])
    if manager is UV and rest[:1] == ["pip"]:
        rest = rest[1:]
    if manager is YARN and not rest and not {"--version", "-v", "--help"} & set(words):
        return Install(manager, command, "install", ())
    if not rest or rest[0] not in manager.verbs:
        return None
    named = () if _takes_none(manager, rest[0], command) else tuple(rest[1:])
    return Install(manager, command, rest[0], named)


def _takes_none(manager: Manager, verb: str, command: Command) -> bool:
    """Whether a verb installs what the manifest says: other words are values of its flags."""
    if manager is UV:
        return not command.has("pip")
    return verb in ("ci", "clean-install", "fetch") or (manager in (POETRY, YARN) and verb in ("install", "sync"))


def _plain(words: list[str]) -> list[str]:
    found, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in VALUED:
            skip = True
        elif not word.startswith("-"):
            found.append(word)
    return found


@dataclass(frozen=True)
class Place:
    """The folders a manager's cache lies in, for a user; or why they cannot be told."""

    targets: tuple[str, ...]
    uid: int = 0
    gid: int = 0
    unknown: str = ""


def cache(install: Install, now: Situation, *, refreshed: bool = True) -> Place:
    """Where an install keeps what it downloads. `refreshed` says whether apt's lists are made in the same RUN."""
    manager, account = install.manager, now.account
    if manager.fixed:
        lists = manager is not APT or refreshed
        return Place(manager.fixed if lists else manager.fixed[:1])
    user = ROOT if install.command.wrapper == "sudo" else account
    uid, gid = user.uid, user.gid
    named = _named(install, now)
    if named.startswith("/"):
        targets = _moved(manager, named)
    elif not user.home:
        return Place((), unknown=f"the home of user {account.name} is not known")
    else:
        targets = tuple(posixpath.join(user.home, one) for one in manager.home_cache)
        if manager is YARN and user.is_root:
            targets = ("/usr/local/share/.cache/yarn",)  # what Yarn 1 does for root
        if manager is not NPM and (base := now.value("XDG_CACHE_HOME")) and manager is not PNPM:
            targets = tuple(posixpath.join(base, one.partition("/")[2]) for one in manager.home_cache)
        if manager is PNPM and (base := now.value("PNPM_HOME")):
            targets = (posixpath.join(base, "store"),)
    if uid is None:
        return Place((), unknown=f"the number of user {account.name} is not known")
    return Place(targets, uid, uid if gid is None else gid)


def _moved(manager: Manager, folder: str) -> tuple[str, ...]:
    if manager is POETRY:
        return tuple(posixpath.join(folder, posixpath.basename(one)) for one in manager.home_cache)
    return (folder,)


def _named(install: Install, now: Situation) -> str:
    """The folder that a flag, a setting before the command, or a variable names."""
    words = [word.text for word in install.command.words]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in ("--cache-dir", "--cache-folder", "--cache", "--store-dir"):
            return following
        if word.startswith(("--cache-dir=", "--cache-folder=", "--cache=", "--store-dir=")):
            return word.partition("=")[2]
    given = dict(word.text.partition("=")[::2] for word in install.command.settings)
    return next((found for name in install.manager.setting if (found := given.get(name) or now.value(name))), "")

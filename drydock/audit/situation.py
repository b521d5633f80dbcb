"""What holds when an instruction runs: user, home, environment, work folder and base, stage by stage. Pure."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import field, replace
from functools import cache, cached_property

from drydock import ancestry, dockerfile
from drydock.audit import shell
from drydock.dockerfile import Dockerfile, Instruction, Stage
from drydock.errors import Misuse
from drydock.values import dataclass


@dataclass(frozen=True)
class Account:
    """A user of an image; `uid` and `gid` are None where the file does not say them."""

    name: str
    uid: int | None
    gid: int | None
    home: str

    @property
    def is_root(self) -> bool:
        return self.uid == 0 or self.name in ("root", "0")


ROOT = Account("root", 0, 0, "/root")
NODE = Account("node", 1000, 1000, "/home/node")
ROOTLESS = re.compile(r"[:-]nonroot|unprivileged|(^|/)bitnami/|(^|/)chainguard/|cgr\.dev/")


@dataclass(frozen=True)
class Situation:
    """What an instruction finds; `base` is the image from outside that the stage rests on, "" where it is unknown.

    `defaults` are build arguments with their defaults, `accounts` the users that were made so far.
    """

    base: str
    user: str = "root"
    workdir: str = "/"
    environment: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    command: Instruction | None = None
    entrypoint: Instruction | None = None
    healthcheck: Instruction | None = None
    exposed: tuple[str, ...] = ()

    @cached_property
    def account(self) -> Account:
        """The user in effect."""
        name, _, group = self.user.partition(":")
        known = self.accounts.get(name) or next(
            (one for one in self.accounts.values() if name.isdecimal() and one.uid == int(name)), None
        )
        if known is None:
            uid = int(name) if name.isdecimal() else None
            known = Account(name, uid, uid, "")
        gid = int(group) if group.isdecimal() else known.gid
        home = self.environment.get("HOME") or known.home
        return replace(known, gid=gid, home=home)

    @cached_property
    def image(self) -> str:
        """The last part of the base's name, without tag: "python" for docker.io/library/python:3.12."""
        return self.base.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()

    @cached_property
    def tag(self) -> str:
        """The tag of the base, "" where there is none."""
        return self.base.partition("@")[0].rpartition("/")[2].partition(":")[2].lower()

    @property
    def is_checked(self) -> bool:
        """Whether a health check is in effect."""
        return self.healthcheck is not None and self.healthcheck.args[:1] != ("NONE",)

    def value(self, name: str) -> str:
        """A variable as a RUN sees it: the environment's, else the build argument's default."""
        return self.environment.get(name) or self.defaults.get(name, "")

    def folder(self, path: str) -> str:
        """A path of the image made absolute."""
        return posixpath.normpath(posixpath.join(self.workdir, path))


@cache
def beginning(base: str) -> Situation:
    """What an image from outside begins with, as far as its name tells."""
    accounts = {"root": ROOT, "0": ROOT}
    start = Situation(base, accounts=accounts)
    if start.image == "node":
        return replace(start, accounts={**accounts, "node": NODE})
    if ROOTLESS.search(base):
        return replace(start, user="nonroot")
    return start


def situations(file: Dockerfile) -> tuple[dict[int, Situation], dict[int, Situation]]:
    """What holds before each instruction (by its `start`), and at the end of each stage (by its index)."""
    before, ends, outer = dict[int, Situation](), dict[int, Situation](), _outer(file)
    for stage in file.stages:
        now = _opened(file, stage, ends)
        before[stage.opening.start] = now
        for one in stage.instructions[1:]:
            before[one.start] = now
            now = after(now, one, outer, file.escape)
        ends[stage.index] = now
    return before, ends


def _outer(file: Dockerfile) -> Mapping[str, str]:
    try:
        return ancestry.global_args(file, {})
    except Misuse:
        return {}


def base_of(file: Dockerfile, stage: Stage) -> str:
    """What its FROM names with the defaults of its arguments; "" where that cannot be told."""
    try:
        return ancestry.base_name(file, stage, {})
    except Misuse:
        return ""


def _opened(file: Dockerfile, stage: Stage, ends: Mapping[int, Situation]) -> Situation:
    base = base_of(file, stage)
    below = file.earlier(stage, base)
    return replace(ends[below.index], defaults={}) if below else beginning(base)


def after(now: Situation, one: Instruction, outer: Mapping[str, str], escape: str) -> Situation:
    """What holds once an instruction is done."""
    match one.keyword:
        case "ENV":
            given = {name: filled(value or "", now, escape) for name, value in one.settings()}
            return replace(now, environment={**now.environment, **given})
        case "ARG":
            return replace(now, defaults={**now.defaults, **_arguments(one, now, outer, escape)})
        case "USER" if one.args:
            return replace(now, user=filled(one.args[0], now, escape) or "root")
        case "WORKDIR" if one.args:
            return replace(now, workdir=now.folder(filled(" ".join(one.args), now, escape)))
        case "RUN" if "user" in one.text:
            return replace(now, accounts={**now.accounts, **_made(one, now, escape)})
        case "CMD":
            return replace(now, command=one)
        case "ENTRYPOINT":
            return replace(now, entrypoint=one, command=None)
        case "HEALTHCHECK":
            return replace(now, healthcheck=one)
        case "EXPOSE":
            return replace(now, exposed=(*now.exposed, *(filled(word, now, escape) for word in one.args)))
    return now


def filled(word: str, now: Situation, escape: str) -> str:
    """A word with quotes taken off and variables filled in; as it is where it cannot be read."""
    if dockerfile.is_plain(word, escape):
        return word
    try:
        return dockerfile.filled(word, {**now.defaults, **now.environment}, escape)
    except ValueError:
        return word


def _arguments(one: Instruction, now: Situation, outer: Mapping[str, str], escape: str) -> dict[str, str]:
    found = {}
    for name, default in one.settings():
        if default is not None:
            found[name] = filled(default, now, escape)
        elif name in outer:
            found[name] = outer[name]
    return found


def _made(one: Instruction, now: Situation, escape: str) -> dict[str, Account]:
    """The users that useradd and adduser make here."""
    found = {}
    for command in shell.commands(one, escape):
        if command.program not in ("useradd", "adduser"):
            continue
        options, names = _options([filled(word.text, now, escape) for word in command.words[1:]])
        if not names:
            continue
        name = names[0]
        uid, gid = options.get("uid", ""), options.get("gid", "")
        number = int(uid) if uid.isdecimal() else None
        group = int(gid) if gid.isdecimal() else (None if gid else number)
        found[name] = Account(name, number, group, options.get("home") or f"/home/{name}")
    return found


def _options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options of useradd and adduser that matter, and what is no option; both spellings of both programs."""
    names = {"-u": "uid", "--uid": "uid", "-d": "home", "--home": "home", "--home-dir": "home", "-h": "home"}
    names |= {"-g": "gid", "--gid": "gid", "-G": "group", "--ingroup": "group", "-s": "shell", "--shell": "shell"}
    names |= {"-c": "comment", "--gecos": "comment", "--comment": "comment", "-p": "password", "-k": "skel"}
    options, rest, waiting = dict[str, str](), list[str](), ""
    for word in words:
        name, sign, value = word.partition("=")
        if waiting:
            options[waiting], waiting = word, ""
        elif word.startswith("-"):
            last = f"-{name[-1]}" if not name.startswith("--") else name
            kind = names.get(last, "")
            if sign and kind:
                options[kind] = value
            else:
                waiting = kind
        else:
            rest.append(word)
    if "group" in options and "gid" not in options:
        options["gid"] = options["group"]  # Alpine's and Debian's adduser: the first group
    return options, rest

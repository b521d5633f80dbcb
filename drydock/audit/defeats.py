"""What in a RUN keeps package managers from using their cache mounts, and the edits that take it out. Pure."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from drydock.audit import mounts
from drydock.audit.buildfile import Spot
from drydock.audit.folders import is_below
from drydock.audit.installs import APK, APT, Install
from drydock.audit.shell import Command
from drydock.audit.source import Edit
from drydock.audit.tokens import Word
from drydock.values import dataclass

KEEPS = "APT::Keep-Downloaded-Packages"
DOCKER_CLEAN = "/etc/apt/apt.conf.d/docker-clean"
OFF_WORDS = frozenset({"", "0", "false", "off", "no", "n", "f"})
CLEANERS: Mapping[str, tuple[str, ...]] = {
    "npm": ("npm cache clean", "npm cache verify"),
    "yarn": ("yarn cache clean",),
    "pnpm": ("pnpm store prune",),
    "pip": ("pip cache purge", "pip3 cache purge", "python -m pip cache purge", "python3 -m pip cache purge"),
    "uv": ("uv cache clean", "uv cache prune"),
    "poetry": ("poetry cache clear",),
    "apt": ("apt-get clean", "apt-get autoclean", "apt-get -y clean", "apt clean"),
    "apk": ("apk cache clean",),
}
GAP = re.compile(r"(?:[ \t\r\n]|[\\`](?=[ \t]*\r?\n))*")
ELSEWHERE = "it is written in a form in which it cannot be taken out"


@dataclass(frozen=True)
class Defeat:
    """One thing that works against a mount; `breaks` where it would fail beside one, as it removes the mount itself."""

    message: str
    start: int
    edits: tuple[Edit, ...] = ()
    breaks: bool = False

    @property
    def declined(self) -> str:
        return "" if self.edits else ELSEWHERE


def of(spot: Spot, given: Sequence[str] = ()) -> Iterator[Defeat]:
    """What defeats the mounts that a RUN has, and those at the folders `given`, were they there."""
    folders = (*mounts.targets(spot), *given)
    if not folders:
        return
    served = [one for one in spot.installs if any(_in(where, folders) for where in mounts.place(spot, one).targets)]
    for install in served:
        yield from _flags(spot, install)
        yield from _variables(spot, install)
    asked = tuple(install for install in served if install.manager is APT)
    if asked:
        yield from _docker_clean(spot)
        yield from _not_kept(spot, asked)
    cleaners = tuple(words for install in served for words in CLEANERS[install.manager.name])
    for command in spot.commands:
        if cleaners and command.line.startswith(cleaners):
            yield Defeat(f"{command.line} empties the cache mount", command.start, _without(spot, command))
        elif command.program == "rm":
            yield from _removals(spot, command, folders)


def _in(folder: str, folders: Sequence[str]) -> bool:
    return any(is_below(folder, one) for one in folders)


def _flags(spot: Spot, install: Install) -> Iterator[Defeat]:
    for at, word in enumerate(install.command.words):
        if at and word.text.partition("=")[0] in install.manager.off and not word.text.endswith(("=false", "=0")):
            new = "--update-cache" if install.manager is APK else ""
            edits = _replaced(spot, word, new) if new else _dropped(spot, install.command, at)
            yield Defeat(f"{word.text} keeps {install.manager.name} from using its cache mount", word.start, edits)


def _variables(spot: Spot, install: Install) -> Iterator[Defeat]:
    command = install.command
    for name, neutral in (install.manager.off_variables or {}).items():
        own = next((word for word in command.settings if word.text.startswith(f"{name}=")), None)
        value = own.text.partition("=")[2] if own else spot.situation.value(name) or _exported(spot, name)
        if value.lower() in OFF_WORDS or (command.wrapper == "sudo" and not own):
            continue
        message = f"{name}={value} keeps {install.manager.name} from using its cache mount"
        if own:
            yield Defeat(message, own.start, _replaced(spot, own, f"{name}={neutral}"))
            continue
        edits = (Edit(command.start, command.start, f"{name}={neutral} "),) if command.editable else ()
        yield Defeat(message, command.start, edits)


def _exported(spot: Spot, name: str) -> str:
    """What the RUN itself exports under a name."""
    words = [word.text for one in spot.commands if one.program == "export" for word in one.words[1:]]
    return next((word.partition("=")[2] for word in words if word.startswith(f"{name}=")), "")


def _docker_clean(spot: Spot) -> Iterator[Defeat]:
    """Debian's images delete apt's downloads after each install, unless this file is gone."""
    if _is_told(spot, "docker-clean"):
        return
    first = next(one for one in spot.commands if one.program in ("apt-get", "apt", "aptitude"))
    sudo = "sudo " if first.wrapper == "sudo" else ""
    gap = f" && {spot.file.file.escape}\n    " if first.start == spot.body and not spot.one.heredocs else " && "
    edits = (Edit(first.start, first.start, f"{sudo}rm -f {DOCKER_CLEAN}{gap}"),) if first.editable else ()
    yield Defeat("the base deletes apt's downloads after each install (docker-clean)", first.start, edits)


def _not_kept(spot: Spot, asked: Sequence[Install]) -> Iterator[Defeat]:
    """apt, unlike apt-get, deletes a package once it is installed, unless a setting keeps it."""
    for install in asked:
        if install.command.program == "apt" and not _is_told(spot, KEEPS):
            program = install.command.words[0]
            edits = (Edit(program.end, program.end, f" -o {KEEPS}=true"),) if install.command.editable else ()
            yield Defeat("apt deletes its downloads after each install, which apt-get does not", program.start, edits)


def _is_told(spot: Spot, words: str) -> bool:
    """Whether a step speaks of something, or one of its stages did before it."""
    stages = {stage.index for stage in spot.file.lineage(spot.stage)}
    told = [one for stage in spot.file.file.stages if stage.index in stages for one in stage.instructions]
    return any(words in one.text for one in told if one.start <= spot.one.start)


def _removals(spot: Spot, command: Command, folders: Sequence[str]) -> Iterator[Defeat]:
    """The words of an rm that lie in a mount, or that hold one."""
    hit = [at for at, word in enumerate(command.words) if at and _hits(spot, word.text, folders)]
    if not hit:
        return
    breaks = any(_breaks(spot, command.words[at].text, folders) for at in hit)
    named = [at for at, word in enumerate(command.words) if at and not word.text.startswith("-")]
    narrow = all(_is_cache(_path(spot, command.words[at].text), folders) for at in hit)
    if not narrow:
        edits: tuple[Edit, ...] = ()
    elif hit == named:
        edits = _without(spot, command)
    else:
        pieces = [_dropped(spot, command, at) for at in hit]
        edits = tuple(edit for piece in pieces for edit in piece) if all(pieces) else ()
    words = " ".join(command.words[at].text for at in hit)
    yield Defeat(f"rm of {words} empties the cache mount", command.start, edits, breaks)


def _path(spot: Spot, word: str) -> str:
    """A path as the shell sees it, with the home filled in; without the last `/*`."""
    home = spot.situation.account.home or "~"
    full = re.sub(r"^(~|\$HOME|\$\{HOME\})(?=/|$)", lambda _: home, word)
    return posixpath.normpath(full[:-2] if full.endswith("/*") else full)


def _hits(spot: Spot, word: str, folders: Sequence[str]) -> bool:
    path = _path(spot, word)
    return path.startswith("/") and (_in(path, folders) or any(_in(folder, [path]) for folder in folders))


def _breaks(spot: Spot, word: str, folders: Sequence[str]) -> bool:
    """Whether the mount point itself would be removed, which fails."""
    path = _path(spot, word)
    below = any(_in(folder, [path]) and folder != path for folder in folders)
    return below or (path in folders and not word.endswith("/*"))


def _is_cache(path: str, folders: Sequence[str]) -> bool:
    """Whether a path lies in a mount, or holds nothing but caches."""
    return _in(path, folders) or posixpath.basename(path) in (".cache", "apt") or path == "/etc/apk"


def _is_written(spot: Spot, word: Word) -> bool:
    """Whether a word stands in the file just as the shell reads it, quotes apart."""
    return spot.source.text[word.start : word.end].strip("\"'") == word.text


def _replaced(spot: Spot, word: Word, new: str) -> tuple[Edit, ...]:
    return (Edit(word.start, word.end, new),) if _is_written(spot, word) else ()


def _dropped(spot: Spot, command: Command, at: int) -> tuple[Edit, ...]:
    """Take a word out, with the blanks before it."""
    word, before = command.words[at], command.words[at - 1].end
    if not command.editable or not _is_written(spot, word):
        return ()
    is_plain = GAP.fullmatch(spot.source.text, before, word.start) is not None
    return (Edit(before, word.end, ""),) if is_plain else ()


def _without(spot: Spot, command: Command) -> tuple[Edit, ...]:
    """Take a command out of its chain, where what comes before and after then runs as it did."""
    text = spot.source.text
    if not command.editable or command.before not in ("&&", ";", "") or command.after not in ("&&", ";", ""):
        return ()
    if not command.before:
        following = command.stop + len(command.after)
        gap = GAP.match(text, following)
        is_alone = not command.after or command.start != spot.body
        return () if is_alone or gap is None else (Edit(command.start, gap.end(), ""),)
    if GAP.fullmatch(text, command.join[1], command.start) is None:
        return ()  # a word of the shell's own stands between, such as `then`
    if command.before == ";" and command.after == "&&":
        gap = GAP.match(text, command.stop + 2)
        return (Edit(command.start, gap.end(), ""),) if gap else ()
    if command.before == ";" and not command.after and not _stops_on_failure(spot):
        return ()  # the step would end with another exit code
    start, end = command.join[0], len(text[: command.stop].rstrip())
    while start and GAP.fullmatch(text, start - 1, command.join[0]):
        start -= 1
    comment = text[:start].rpartition("\n")[2].lstrip()
    if not comment.startswith("#") or spot.one.heredocs:
        return (Edit(start, end if not command.after else _trimmed(text, command.end, command.stop), ""),)
    if command.after:
        return (Edit(command.join[0], command.stop, ""),)
    return _ended(spot, start, end)


def _trimmed(text: str, least: int, end: int) -> int:
    """An end without the blanks, and the line that goes on, before it."""
    trimmed = end
    while trimmed > least and GAP.fullmatch(text, trimmed - 1, end):
        trimmed -= 1
    return trimmed


def _ended(spot: Spot, start: int, end: int) -> tuple[Edit, ...]:
    """Take out what comes last, where comments stand before it: the line above them must no longer go on."""
    text, escape = spot.source.text, spot.file.file.escape
    lines = text[spot.one.start : start].split("\n")
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    stop = spot.one.start + len("\n".join(lines))
    code = lines[-1].rstrip() if lines else ""
    if not code.endswith(escape):
        return ()
    kept = len(lines[-1]) - len(code[: -len(escape)].rstrip())
    newline = 1 if text[stop - 1] == "\r" else 0
    return Edit(stop - kept, stop - newline, ""), Edit(start, end, "")


def _stops_on_failure(spot: Spot) -> bool:
    """Whether the shell ends at the first command that fails."""
    return any(one.program == "set" and re.search(r" -\w*e| -o errexit", f" {one.line}") for one in spot.commands[:1])

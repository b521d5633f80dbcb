"""A Dockerfile of one stage made into two: what is built in the first, what runs in the second. Pure.

The second stage begins with the same base and repeats what the image says of itself; it takes over what was installed
and built, never the tools. Paths stay as they are, so that scripts and their first lines go on working.
"""

import re
from collections.abc import Sequence

from drydock.audit import copies, defeats, folders, images, tools, uses
from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.installs import APK, APT, NPM, PIP, PNPM, YARN
from drydock.audit.repository import Repository
from drydock.audit.shell import Command
from drydock.audit.source import Edit
from drydock.dockerfile import Stage
from drydock.values import dataclass

VENV = "/opt/venv"
REPEATED = frozenset({"ENV", "ARG", "LABEL", "WORKDIR"})
COPIED = frozenset({"COPY", "ADD"})
NODE = (NPM, YARN, PNPM)
BUILDS = re.compile(r"(npm|pnpm) run [\w:.-]*build[\w:.-]*$|yarn (run )?build$|npx (tsc|vite build|next build)\b")
ELSEWHERE = ("--user", "--target", "-t", "--prefix", "--root", "-e", "--editable", "--break-system-packages")
CACHES = ("/root/.cache", "/root/.npm", "~/.cache", "/tmp/", "/var/lib/apt/", "/var/cache/")  # noqa: S108
QUIET = ("[", "test", "export", "set", "true")
CLEANERS = tuple(words for some in defeats.CLEANERS.values() for words in some)
AS = re.compile(r"\s+as\s+\S+$", re.IGNORECASE)
MOVED = re.compile(r"\b(PATH|PYTHONPATH|PYTHONUSERBASE|PYTHONHOME|VIRTUAL_ENV|PIP_TARGET|PIP_PREFIX)\b")


@dataclass(frozen=True)
class Split:
    """The edits that make two stages of one, or why they cannot be made."""

    edits: tuple[Edit, ...] = ()
    declined: str = ""


def split(repository: Repository, file: BuildFile, stage: Stage) -> Split:
    """Two stages in place of one that installs tools, uses them and keeps them."""
    spots, now = file.spots_of(stage), file.end(stage)
    if reason := _refused(repository, file, stage, spots):
        return Split(declined=reason)
    managers = (PIP,) if now.image == "python" else NODE if now.image == "node" else ()
    made = [at for at, one in enumerate(spots) if any(i.manager in managers for i in one.installs) or _is_build(one)]
    if not made:
        return Split(declined="it is neither pip nor npm that uses the tools")
    first, rest = spots[1 : made[-1] + 1], spots[made[-1] + 1 :]
    against = _pip(file, first) if managers == (PIP,) else _node(first)
    if reason := against or _uses_tools(first, rest):
        return Split(declined=reason)
    lines, reason = _repeated(first, now.image == "node")
    if reason:
        return Split(declined=reason)
    folder = VENV if managers == (PIP,) else _folder(spots)
    return Split(_edits(spots[0], spots[made[-1]], lines, folder))


def _edits(opening: Spot, last: Spot, lines: Sequence[str], folder: str) -> tuple[Edit, ...]:
    """The first stage opened under another name, and the second one behind the last install."""
    name = "builder" if opening.stage.name != "builder" else "packages"
    start = AS.sub("", opening.one.text.rstrip()) + f" AS {name}"
    environment = f"\nENV PATH={VENV}/bin:$PATH" if folder == VENV else ""
    venv = f"\nRUN python -m venv {VENV}{environment}" if folder == VENV else ""
    again = "\n".join([opening.one.text.rstrip() + environment, *lines, f"COPY --from={name} {folder} {folder}"])
    return (
        Edit(opening.one.start, opening.one.end, start + venv),
        Edit(last.one.end, last.one.end, f"\n\n{again}".replace("\r\n", "\n")),
    )


def _folder(spots: Sequence[Spot]) -> str:
    """The one work folder of a stage."""
    return next(one for one in spots if one.one.keyword == "WORKDIR").one.args[0].rstrip("/")


def _refused(repository: Repository, file: BuildFile, stage: Stage, spots: Sequence[Spot]) -> str:
    now = file.end(stage)
    if len(file.file.stages) != 1 or str(stage.index) in file.targets:
        return "there are other stages, which may be asked for"
    if images.size(now) in (images.Size.UNKNOWN, images.Size.ALPINE) or "\n" in spots[0].one.text:
        return "what the base holds is not known well enough"
    names = [name for spot in spots if spot.one.keyword == "RUN" for _, found in tools.of(spot) for name in found]
    programs = tuple(dict.fromkeys(one for name in names for one in tools.programs(name)))
    if not names:
        return "what of the result is needed when it runs cannot be told"
    where = next(uses.callers(repository, file, stage, programs), "")
    return f"{where} may call {' or '.join(programs)}" if where else ""


def _is_build(spot: Spot) -> bool:
    return spot.one.keyword == "RUN" and any(BUILDS.match(command.line) for command in spot.commands)


def _plain(spot: Spot) -> str:
    """Why an instruction of the first stage cannot be divided; for any manager."""
    one = spot.one
    if one.keyword not in (*REPEATED, *COPIED, "RUN") or one.heredocs or not spot.situation.account.is_root:
        return f"line {one.line} ({one.keyword}) may be meant for both stages"
    if one.keyword == "ENV" and MOVED.search(one.text):
        return f"line {one.line} changes where programs are looked for"
    return ""


def _pip(file: BuildFile, first: Sequence[Spot]) -> str:
    """Why what pip installs cannot move into an environment of its own."""
    for spot in first:
        if reason := _plain(spot):
            return reason
        for install in spot.installs:
            words = [word.text for word in install.command.words]
            local = any(one.startswith((".", "/")) for one in install.packages)
            named = words[0] in ("pip", "pip3", "python", "python3")
            if install.manager is PIP and (install.command.has(*ELSEWHERE) or local or not named):
                return f"line {spot.one.line} installs into a place of its own, or from the source"
        if spot.one.keyword == "RUN" and not tools.only_installs(spot) and _others(spot, (PIP,)):
            return f"line {spot.one.line} does more than install"
    if "/usr/local" in file.source.text or any("/usr/local" in text for _, text in uses.texts(file)):
        return "something names /usr/local, where the packages are now"
    return ""


def _node(first: Sequence[Spot]) -> str:
    """Why the work folder cannot be taken over as a whole."""
    workdirs = [one for one in first if one.one.keyword == "WORKDIR"]
    folder = _folder(first) if len(workdirs) == 1 else ""
    if not folder.startswith("/") or "$" in workdirs[0].one.text or folders.is_system(folder):
        return "there is not one work folder that holds all"
    for spot in first:
        if reason := _plain(spot):
            return reason
        if spot.one.keyword in COPIED and not folders.is_below(copies.target(spot), folder):
            return f"line {spot.one.line} copies to a place outside of {folder}"
        if any(install.is_global for install in spot.installs):
            return f"line {spot.one.line} installs for the whole image"
        if spot.one.keyword == "RUN" and not tools.only_installs(spot) and _others(spot, NODE):
            return f"line {spot.one.line} does more than install and build"
    return ""


def _others(spot: Spot, managers: Sequence[object]) -> bool:
    """Whether a step does something besides installing with these managers, or building."""
    served = [one.command for one in spot.installs if one.manager in managers]
    return any(command not in served and not _is_idle(command) for command in spot.commands)


def _is_idle(command: Command) -> bool:
    """Whether a command builds, or only empties caches: nothing that the last stage would miss."""
    words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
    cleans = command.program == "rm" and all(word.startswith(CACHES) for word in words)
    return (
        cleans
        or command.program in QUIET
        or command.line.startswith(CLEANERS)
        or BUILDS.match(command.line) is not None
    )


def _uses_tools(first: Sequence[Spot], rest: Sequence[Spot]) -> str:
    called = {one for names in tools.PROGRAMS.values() for one in names}
    for spot in rest:
        if spot.one.keyword == "RUN" and (spot.installs or tools.of(spot) or _is_build(spot)):
            return f"line {spot.one.line} installs more behind it"
        if spot.one.keyword == "RUN" and (spot.one.heredocs or any(one.program in called for one in spot.commands)):
            return f"line {spot.one.line} may need the tools"
    tooled = [spot for spot in first if spot.one.keyword == "RUN" and tools.of(spot)]
    return "" if tooled else "the tools come later than what would use them"


def _repeated(first: Sequence[Spot], is_node: bool) -> tuple[list[str], str]:
    """The instructions that both stages need, as the second one has them."""
    lines = []
    for spot in first:
        if spot.one.keyword in REPEATED or (spot.one.keyword in COPIED and not is_node):
            lines.append(spot.one.text)
        elif spot.one.keyword == "RUN" and any(one.manager in (APT, APK) for one in spot.installs):
            text, reason = _kept(spot, is_node)
            if reason:
                return [], reason
            lines += [text] if text else []
    return lines, ""


def _kept(spot: Spot, is_node: bool) -> tuple[str, str]:
    """A step that installs packages of the system, without the tools; "" where nothing is left of it."""
    if len(spot.installs) != 1 or not tools.only_installs(spot):
        return "", f"line {spot.one.line} installs in more than one way"
    (install,) = spot.installs
    names = [name for name in install.packages if tools.is_tool(name)]
    names += [name for name in ("python3", "python-is-python3") if is_node and names and name in install.packages]
    if not names:
        return spot.one.text, ""
    found = tools.removal(spot, install, names)
    if found.declined or found.empties:
        return "", found.declined
    text = spot.one.text
    for edit in sorted(found.edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start - spot.one.start] + edit.new + text[edit.end - spot.one.start :]
    return text, ""

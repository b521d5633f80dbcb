"""`chown -R` in a step of its own copies every file a second time: the layer doubles.

A layer holds whole files: one whose owner changes is stored again, with all its bytes. COPY gives files their owner
when it brings them (`--chown`), at no cost.

The fix is safe: each COPY that brings something below that folder gets the owner, and the step gives the folder itself
to that owner as before, without what lies in it. It is declined where anything else may lie in the folder, where the
step does more than that, and where the number of the user is not to be seen in the Dockerfile.

Bad:

    FROM node:22-slim
    WORKDIR /srv
    COPY package.json server.js ./
    RUN chown -R node:node /srv
    USER node

Good:

    FROM node:22-slim
    WORKDIR /srv
    COPY --chown=node:node package.json server.js ./
    RUN chown node:node /srv
    USER node

Good (nothing lies in the folder yet):

    FROM node:22-slim
    WORKDIR /srv
    COPY server.js ./
    RUN mkdir -p /srv/data && chown -R node:node /srv/data
    VOLUME /srv/data
    USER node
"""

from collections.abc import Iterator

from drydock.audit import copies, folders, images
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Fix, Found, Severity, mend
from drydock.audit.rule import each_instruction, rule
from drydock.audit.shell import Command
from drydock.audit.source import Edit

RECURSIVE = ("-R", "--recursive")


def check(spot: Spot) -> Iterator[Found]:
    for command in spot.commands:
        words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
        if command.program != "chown" or not command.has(*RECURSIVE) or len(words) < 2:
            continue
        for path in words[1:]:
            folder = spot.situation.folder(path)
            brought = [one for one in spot.earlier if _brings(one, folder) and not _is_owned(one, spot, words[0])]
            if brought:
                fix, declined = _fix(spot, command, folder, brought)
                message = f"chown -R stores what was copied to {path} a second time"
                yield spot.found(message, fix, declined=declined)
                break


def _brings(one: Spot, folder: str) -> bool:
    """Whether a COPY brings something into a folder."""
    return one.one.keyword in ("COPY", "ADD") and folders.is_below(copies.target(one), folder)


def _is_owned(one: Spot, spot: Spot, owner: str) -> bool:
    """Whether a COPY has given its files to that owner already."""
    given = one.one.flag("chown")
    return given is not None and (given == owner or given == _number(spot, owner))


def _number(spot: Spot, owner: str) -> str:
    """An owner as uid:gid; "" where a number is not to be seen."""
    name, sign, group = owner.partition(":")
    known = spot.situation.accounts.get(name)
    uid = name if name.isdecimal() else str(known.uid) if known and known.uid is not None else ""
    if not sign:
        return f"{uid}:0" if uid else ""  # chown leaves the group as it is: that of root
    if group and not group.isdecimal():
        named = spot.situation.accounts.get(group)
        group = str(named.gid) if named and named.gid is not None else ""
    elif not group:
        group = str(known.gid) if known and known.gid is not None else ""
    return f"{uid}:{group}" if uid and group else ""


def _fix(spot: Spot, command: Command, folder: str, brought: list[Spot]) -> tuple[Fix | None, str]:
    if declined := _against(spot, command, folder, brought):
        return None, declined
    owner = _number(spot, command.words[2].text)
    edits = [Edit(at := one.one.start + len(one.one.keyword), at, f" --chown={owner}") for one in brought]
    flag = command.words[1]
    edits.append(Edit(flag.start, command.words[2].start, ""))
    return mend(spot.source, *edits), ""


def _against(spot: Spot, command: Command, folder: str, brought: list[Spot]) -> str:
    """Why the owner cannot be given by COPY."""
    if not command.editable or len(command.words) != 4 or command.words[1].text not in RECURSIVE:
        return "it is written in a form that cannot be taken apart"
    if not _number(spot, command.words[2].text):
        return f"the number of {command.words[2].text} is not to be seen in the Dockerfile"
    if folders.is_system(folder) or images.size(spot.situation) is images.Size.UNKNOWN or "$" in folder:
        return "the base may hold files there"
    if any(folders.is_below(folder, odd) for odd in ("/home", "/usr/local", "/etc", "/var", "/usr/lib")):
        return "the base may hold files there"
    if any(one.stage.index != spot.stage.index for one in brought):
        return "what it changes was copied in an earlier stage, which others may use"
    if any(one.one.flag("chown") or one.one.flag("chmod") for one in brought):
        return "some of the copies have an owner or a mode of their own"
    for one in spot.earlier:
        if one.one.keyword == "USER" and not one.situation.account.is_root:
            return "another user is in effect before it"
        if one.one.keyword == "RUN" and one.one.start > brought[-1].one.start:
            return "a step between may read what was copied, or put more there"
        if one.one.keyword == "RUN" and (folder in one.one.text or folders.is_below(one.situation.workdir, folder)):
            return "a step before it may put more there"
        if one.one.keyword == "VOLUME":
            return "there is a volume, which keeps what was there when it was declared"
    return ""


RULE = rule(__name__, __doc__, Severity.NOTE, each_instruction(check, "RUN"))

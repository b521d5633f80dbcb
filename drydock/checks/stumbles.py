"""What a build would stumble over: a Dockerfile, what it copies, a lock file, line ends of Windows. Pure."""

import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence

from drydock.checks import Verdict, fail, ok, warn
from drydock.checks.contexts import Seen
from drydock.checks.lockfiles import LOCKS, NAMES, Lock
from drydock.dockerfile import Stage

MANY = 5  # files that a remedy names
BROUGHT = re.compile(r"\b(git|curl|wget|tar|unzip)\b")  # brings files that no context holds


def dockerfiles(seen: Sequence[Seen]) -> Verdict:
    """Whether each image has a Dockerfile that can be read, and what it copies is there."""
    for one in seen:
        if one.problem:
            return fail("Dockerfiles", one.problem.message, one.problem.remedy or "mend it there")
        for line, source in one.lost:
            if posixpath.basename(source) not in NAMES:
                story = f"{one.file}:{line} copies {source}, which is not in {one.image.context}"
                return fail("Dockerfiles", story, f"put {source} there, or mend that line")
    return ok("Dockerfiles", f"{len(seen)} can be read" if seen else "there is none")


def locks(seen: Sequence[Seen]) -> Verdict:
    """Whether the lock files are there without which an install in a RUN, or a COPY, fails."""
    for one in seen:
        for lock, folder, name in _lacking(one):
            story = f"{one.file} wants {name}, which is not in {one.image.context}"
            if (path := posixpath.join(folder, name)) in one.listing.hidden:
                return fail(
                    "lock files", f"{story} as a build sees it: it is ignored", f"take {path} out of the ignore file"
                )
            place = shlex.quote(str(one.image.context / folder))
            return fail("lock files", story, f"cd {place} && {lock.maker}")
    return ok("lock files", "every install that needs one has it" if seen else "none is needed")


def line_ends(seen: Sequence[Seen]) -> Verdict:
    """Whether a script would be copied that the kernel cannot start: its first line ends as on Windows."""
    found = [(one, path) for one in seen for path in one.listing.scripts]
    if not found:
        return ok("line ends", "no script with those of Windows")
    named = [(one, path) for one, path in found if _is_named(one, posixpath.basename(path))]
    one, path = (named or found)[0]
    every = list(dict.fromkeys(each.image.context / script for each, script in [*named, *found]))
    files = " ".join(shlex.quote(str(place)) for place in every[:MANY])
    more = f" and {len(every) - 1} more" if len(every) > 1 else ""
    remedy = f"sed -i 's/\\r$//' {files}; *.sh text eol=lf in .gitattributes keeps it so"
    story = f"{one.image.context / path}{more}: lines end as on Windows, so"
    if named:
        return fail("line ends", f"{story} {one.image.name} cannot start it", remedy)
    return warn("line ends", f"{story} no container can start it", remedy)


def _lacking(one: Seen) -> Iterator[tuple[Lock, str, str]]:
    """Locks that are missing, with the folder they belong in, and the name the Dockerfile means."""
    for _, source in one.lost:
        for lock in LOCKS:
            if posixpath.basename(source) in lock.names:
                yield lock, posixpath.dirname(source), posixpath.basename(source)
    for stage in one.stages:
        runs = [each for each in stage.instructions if each.keyword == "RUN"]
        if any(each.senders() for each in stage.instructions) or any(BROUGHT.search(each.joined) for each in runs):
            continue  # a lock may come from elsewhere
        for run in runs:
            for lock in LOCKS:
                if lock.command.search(run.joined) and not any(name in run.joined for name in lock.names):
                    yield from ((lock, folder, lock.names[0]) for folder in _unlocked(one, stage, lock))


def _unlocked(one: Seen, stage: Stage, lock: Lock) -> Iterator[str]:
    """Folders of manifests that a stage copies by name, or all, as far as no lock lies there or above."""
    there = {posixpath.dirname(path) for path in one.listing.manifests if posixpath.basename(path) == lock.manifest}
    named = {posixpath.dirname(word.lstrip("./")) for each in stage.instructions for word in each.sources()}
    locked = {posixpath.dirname(path) for path in one.listing.manifests if posixpath.basename(path) in lock.names}
    if not there or not any(each.sources() for each in stage.instructions):
        return  # it installs what the base brought
    for folder in sorted(there & named or there):
        above = {"", *(folder[: at.start()] for at in re.finditer("/", folder)), folder}
        if not above & locked and not (there - named and locked):
            yield folder
            return


def _is_named(one: Seen, name: str) -> bool:
    word = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    starts = ("ENTRYPOINT", "CMD", "RUN")
    return any(
        word.search(each.joined) for stage in one.stages for each in stage.instructions if each.keyword in starts
    )

"""Where the files that a step finds in its work folder come from: which COPY brought them. Pure."""

import posixpath
import re

from drydock.audit.buildfile import Spot
from drydock.audit.context import Context
from drydock.measures import ignore


def is_whole(spot: Spot) -> bool:
    """Whether a COPY takes the whole context; not where a variable that nothing sets says what it takes."""
    sources = zip(spot.one.sources(), spot.context_sources, strict=False)
    return any(one.strip("/") in ("", ".") and spot.filled(raw) != "" for raw, one in sources)


def target(spot: Spot) -> str:
    """The absolute path that a COPY or ADD writes to."""
    now = spot.situation
    return now.folder(spot.filled(spot.one.args[-1])) if spot.one.args else now.workdir


def origin(spot: Spot, name: str) -> str | None:
    """The path in the context from which the nearest COPY brought `name` to a step's work folder; None if none did."""
    wanted = spot.situation.folder(name)
    for earlier in spot.earlier:
        for source in earlier.context_sources:
            found = _lands(spot.file.context, source, target(earlier), earlier.one.args[-1].endswith("/"), wanted)
            if found is not None and spot.file.context.shows(found):
                return found
    return None


def brings(spot: Spot, name: str) -> bool:
    """Whether an earlier COPY may bring a file or folder of that name: by name, or with all that is visible."""
    for earlier in spot.earlier:
        for source in earlier.context_sources:
            if posixpath.basename(source) == name:
                return True
            if source == "." and not spot.file.context.ignore.matches(name):
                return True
    return False


def _lands(context: Context, source: str, destination: str, is_folder: bool, wanted: str) -> str | None:
    """The path of the context that a source puts at the absolute path `wanted`."""
    folder = posixpath.dirname(wanted)
    if source == "." or context.path(source) in context.tree.folders:
        if not (wanted + "/").startswith(destination.rstrip("/") + "/"):
            return None
        return posixpath.normpath(posixpath.join(source, posixpath.relpath(wanted, destination)))
    if destination not in (folder, wanted) or (destination == wanted and is_folder):
        return None
    path = posixpath.join(posixpath.dirname(source), posixpath.basename(wanted))
    if not ignore.WILD.search(source):
        return path if source == path or destination == wanted else None
    try:
        return path if ignore.pattern(source).regex.fullmatch(path) else None
    except (ValueError, re.error):
        return None


def is_hidden(context: Context, word: str) -> bool:
    """Whether the ignore file hides all of a source."""
    found = meant(context, word)
    return bool(found) and all(context.ignore.matches(path) for path in found)


def is_hidden_once_there(context: Context, word: str) -> bool:
    """Whether a name that is not there yet, as tools or other machines make it, is hidden with all it may hold."""
    if context.has(word) or not word.strip("./") or ignore.WILD.search(word):
        return False
    return context.ignore.matches(word) and not context.ignore.takes_back_below(word)


def meant(context: Context, word: str) -> tuple[str, ...]:
    """What a source means, from the context's root, hidden or not; nothing for the context itself."""
    cut = len(context.folder) + 1 if context.folder else 0
    if not word.strip("."):
        return ()
    if not ignore.WILD.search(word):
        below = (path[cut:] for path in context.tree.below(context.path(word)))
        return (word, *below) if context.has(word) else ()
    try:
        wanted = ignore.pattern(word).regex
    except (ValueError, re.error):
        return ()
    return tuple(path[cut:] for path in context.tree.below(context.folder) if wanted.fullmatch(path[cut:]))

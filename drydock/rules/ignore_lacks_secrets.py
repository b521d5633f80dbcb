"""An ignore file leaves secrets visible: `.env` files and private keys can be copied into a layer.

A layer keeps what was copied into it, also when a later step removes it, and whoever pulls the image can read it. What
lies in a context once ends up in a `COPY . .` that somebody writes a year later.

Found are secrets that lie in the context (settings that git keeps only where a variable in them holds one), and `.env`
files that are bound to come: where git ignores them. The fix
adds lines for all that holds secrets. It is safe where git does not keep the files, or no Dockerfile copies them, so
that no image can depend on them; files that a Dockerfile copies by name are left to another rule.

Bad:

    FROM node:22-slim
    COPY . .
    --- .dockerignore
    .git
    --- .gitignore
    .env
    --- .env

Bad (a key):

    FROM node:22-slim
    COPY src ./src
    --- .dockerignore
    .env
    --- certs/server.key

Good:

    FROM node:22-slim
    COPY . .
    --- .dockerignore
    **/.env
    **/.env.*
    **/*.key
    --- .env
    --- certs/server.key
    --- tests/certs/dummy.pem
"""

import posixpath
import re
from collections.abc import Iterator, Sequence

from drydock import secrecy
from drydock.audit import hiding
from drydock.audit.buildfile import BuildFile
from drydock.audit.context import Context
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.ignorefile import IgnoreFile
from drydock.audit.repository import Repository
from drydock.audit.rule import rule

TESTS = re.compile(r"(^|/)(tests?|spec|fixtures?|testdata|examples?|samples?|docs?)(/|$)")
LINES = (".env", ".env.*", "*.pem", "*.key")


def check(repository: Repository) -> Iterator[Found]:
    by_file = hiding.users(repository)
    for file in repository.ignorefiles:
        users = by_file.get(file.path, ())
        sources = tuple(hiding.named(users))
        if users and not sources:
            continue  # nothing of the context is taken
        for context in file.contexts:
            held = [path for path in context.files() if _is_held(repository, context, path, sources)]
            bound = _is_seen(context, ".env") and _is_expected(repository, context)
            if held or (bound and not hiding.is_wanted(".env", sources)):
                yield _found(repository, file, context, users, held)
                break


def _is_held(repository: Repository, context: Context, path: str, sources: Sequence[str]) -> bool:
    name = posixpath.basename(path)
    if TESTS.search(path) or hiding.is_wanted(name, sources):
        return False
    if path.endswith(secrecy.PEM):
        return (text := context.read(path)) is not None and secrecy.holds_key(text.data)
    if not secrecy.is_file(name):
        return False
    return not name.startswith(".env") or hiding.is_unversioned(repository, context.path(path)) or _tells(context, path)


def _tells(context: Context, path: str) -> bool:
    """Whether settings that git keeps hold a secret: a variable of such a name with a value, or an address with one."""
    text = context.read(path)
    pairs = [line.strip().partition("=") for line in text.text.splitlines()] if text else []
    values = [(name.removeprefix("export "), value.strip("\"' ")) for name, _, value in pairs]
    return any(
        (secrecy.is_secret(name) and not secrecy.is_none(value)) or secrecy.IN_ADDRESS.search(value)
        for name, value in values
        if not name.startswith("#") and "$" not in value
    )


def _is_seen(context: Context, name: str) -> bool:
    return not context.ignore.matches(name)


def _is_expected(repository: Repository, context: Context) -> bool:
    """Whether a .env is bound to lie there: git ignores it, though something else may."""
    return hiding.is_unversioned(repository, context.path(".env"))


def _found(
    repository: Repository, file: IgnoreFile, context: Context, users: Sequence[BuildFile], held: list[str]
) -> Found:
    lines = tuple(f"**/{line}" for line in _lines(context, users, held))
    message = f"{', '.join(held)} can be seen by the build" if held else "nothing keeps .env files out of the build"
    if not lines:
        return file.found(1, message, declined="what a line would hide as well is copied by name")
    safe = all(hiding.is_unversioned(repository, context.path(path)) or not _is_copied(path, users) for path in held)
    return file.found(1, message, mend(file.source, hiding.add(file, lines), safe=safe))


def _lines(context: Context, users: Sequence[BuildFile], held: Sequence[str]) -> Iterator[str]:
    """Patterns that are missing, and that hide nothing but secrets."""
    sources, visible = tuple(hiding.named(users)), tuple(context.files())
    names = {posixpath.basename(path) for path in held}
    for line in dict.fromkeys((*LINES, *sorted(names))):
        probe = line.replace("*", "local")
        hides = [path for path in visible if _fits(posixpath.basename(path), line) and path not in held]
        wanted = any(_fits(part, line) for source in sources for part in source.split("/"))
        missing = any(_fits(name, line) for name in names) or (line in LINES and _is_seen(context, probe))
        if missing and not hides and not wanted:
            yield line
            names = {name for name in names if not _fits(name, line)}  # a kind covers its names


def _fits(name: str, line: str) -> bool:
    if line == ".env.*":
        return name.startswith(".env.")
    return name == line or (line[0] == "*" and name.endswith(line[1:]))


def _is_copied(path: str, users: Sequence[BuildFile]) -> bool:
    for user in users:
        for spot in user.spots("COPY", "ADD"):
            for source in spot.context_sources:
                if source == "." or f"{path}/".startswith(f"{source}/"):
                    return True
    return False


RULE = rule(__name__, __doc__, Severity.ERROR, check)

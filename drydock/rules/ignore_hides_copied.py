"""A line of the ignore file hides what a Dockerfile copies: the build fails, or misses files without a word.

The last line that matches decides. A broad pattern such as `*.json` or `*` takes away what somebody copies by name a
folder further on; `!package.json` behind it takes it back in.

There is no fix: either this line or the COPY is wrong, and which one only you know.

Bad:

    FROM node:22-slim
    COPY package.json package-lock.json ./
    --- package.json
    --- package-lock.json
    --- .dockerignore
    .git
    *.json
    !package.json

Good:

    FROM node:22-slim
    COPY package.json ./
    --- package.json
    --- tsconfig.json
    --- .dockerignore
    *.json
    !package.json
"""

from collections.abc import Iterator, Sequence

from drydock.audit import copies, hiding
from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Found, Severity
from drydock.audit.ignorefile import IgnoreFile
from drydock.audit.repository import Repository
from drydock.audit.rule import rule


def check(repository: Repository) -> Iterator[Found]:
    by_file = hiding.users(repository)
    for file in repository.ignorefiles:
        lines = file.source.text.split("\n")
        for number, word, user in dict.fromkeys(_hidden(file, by_file.get(file.path, ()))):
            yield file.found(number, f"{lines[number - 1].strip()} hides {word}, which {user} copies")


def _hidden(file: IgnoreFile, users: Sequence[BuildFile]) -> Iterator[tuple[int, str, str]]:
    """The line that hides, what it hides, and the Dockerfile that wants it."""
    for user in users:
        contexts = [context for context in user.contexts if context.ignored_by == file.path]
        for word in hiding.named([user]):
            for context in contexts:
                if "$" not in word and copies.is_hidden(context, word):
                    number = file.decides(copies.meant(context, word)[0])
                    if number is not None:
                        yield number, word, user.path


RULE = rule(__name__, __doc__, Severity.ERROR, check)

"""A service installs packages whenever it starts: in its command instead of its image.

Each start waits for the network, takes what is newest at that hour, and fails when the registry does. An install in the
Dockerfile happens once for each change of the manifest, and its layer is the same everywhere.

The fix takes the install out of the command. It is not safe by itself, and it is declined unless the Dockerfile
installs with the same manager, no mount lies over the work folder, and the command is written so that the words can be
taken out alone.

Bad:

    --- compose.yml
    services:
      web:
        build: .
        command: sh -c "npm install && node server.js"
    --- Dockerfile
    FROM node:22-slim
    WORKDIR /srv
    COPY package.json package-lock.json ./
    RUN npm ci
    CMD ["node", "server.js"]

Bad (the mount hides the packages):

    --- compose.yml
    services:
      web:
        image: node:22-slim
        working_dir: /srv
        volumes: [".:/srv"]
        command: >-
          sh -c 'npm ci
          && npm start'

Good:

    --- compose.yml
    services:
      web:
        build: .
        command: [npm, run, start]
    --- Dockerfile
    FROM node:22-slim
    RUN npm ci
"""

from collections.abc import Iterator
from itertools import pairwise

from drydock.audit import entries, installs, serving, shell
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.installs import Install
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.serving import Served
from drydock.audit.source import Edit
from drydock.audit.yamltree import Node


def check(repository: Repository) -> Iterator[Found]:
    for one in serving.each(repository):
        for name in ("command", "entrypoint"):
            node, key = one.service.get(name), one.service.node.key(name)
            found = next(installs.of(serving.commands(node)), None)
            if node is None or found is None:
                continue
            edit, declined = _edit(one, node, found)
            fix = mend(one.compose.source, edit, safe=False) if edit else None
            message = f"{one.service.name} runs `{found.command.line}` at every start"
            yield one.compose.found(key or node, message, fix, declined=declined)


def _edit(one: Served, node: Node, install: Install) -> tuple[Edit | None, str]:
    if one.file is None or one.end is None:
        return None, "its image is not built here, so that nothing else would install them"
    own = (spot for spot in one.file.spots("RUN") if any(found.manager is install.manager for found in spot.installs))
    if install.packages or next(own, None) is None:
        return None, "the Dockerfile does not install them"
    work = one.end.workdir
    mounts = [volume for half in (one.service, *one.halves) for volume in entries.volumes(half)]
    if any(f"{work}/".startswith(volume.target.rstrip("/") + "/") for volume in mounts):
        return None, f"a mount lies over {work}, and hides what the image has installed"
    if one.compose.is_shared(node):
        return None, "others share the command through an anchor"
    return _words(one, node, install)


def _words(one: Served, node: Node, install: Install) -> tuple[Edit | None, str]:
    """The install with the `&&` behind it, where it stands in the file as it is."""
    raw = one.compose.source.text[node.start : node.end]
    for text in node.words():
        found = shell.script(text)
        for command, following in pairwise(found):
            words = text[command.start : following.start]
            if command.line == install.command.line and following.before == "&&" and raw.count(words) == 1:
                at = node.start + raw.index(words)
                return Edit(at, at + len(words), ""), ""
    return None, "it is written in a form from which it cannot be taken out alone"


RULE = rule(__name__, __doc__, Severity.WARNING, check)

"""Two services build the same image under two names: the work is done twice, and the two can differ.

A web server and its worker often run one image with two commands. Let one of them build it and name it with `image:`,
and let the other name the same image without `build:`: one export, one set of layers, and never an old worker beside
a new server. Where both say the same `image:`, there is only one image already.

There is no fix: which of them builds, and whether they may be started apart, only you know.

Bad:

    --- compose.yml
    services:
      web:
        build: ./app
      worker:
        build:
          context: app
        command: [python, worker.py]
    --- app/Dockerfile
    FROM python:3.12-slim

Good:

    --- compose.yml
    services:
      web:
        image: shop/app
        build: ./app
      worker:
        image: shop/app
        command: [python, worker.py]
      tests:
        build:
          context: ./app
          target: tests
    --- app/Dockerfile
    FROM python:3.12-slim
"""

from collections.abc import Iterator

from drydock.audit import entries, serving
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.serving import Served
from drydock.audit.yamltree import Shape

COMPARED = ("context", "dockerfile", "target", "args")


def check(repository: Repository) -> Iterator[Found]:
    first = dict[object, Served]()
    for one in serving.each(repository):
        if one.service.get("build") is None or one.file is None or one.stage is None or one.is_half:
            continue
        known = first.setdefault((one.compose.path, _what(one)), one)
        images = {entries.text(served.service.get("image")) for served in (known, one)}
        if known is not one and not (len(images) == 1 and all(images)):
            key = one.service.node.key("build") or one.service.key
            yield one.compose.found(key, f"{one.service.name} builds the image of {known.service.name} once more")


def _what(one: Served) -> object:
    """All that decides what comes out; other keys of the build as they are written."""
    node, build, text = one.service.get("build"), one.build, one.compose.source.text
    pairs = node.entries() if node is not None and node.shape is Shape.MAPPING else ()
    rest = sorted((key.text, text[value.start : value.end]) for key, value in pairs if key.text not in COMPARED)
    stage = one.stage.index if one.stage else 0
    args = sorted((build.args or {}).items()) if build else []
    found = (build.folder, build.dockerfile) if build else ()
    return found, stage, tuple(args), tuple(rest), entries.text(one.service.get("platform"))


RULE = rule(__name__, __doc__, Severity.WARNING, check)

"""A service does not wait until another one is healthy: compose starts it as soon as the other one's process exists.

A database accepts connections seconds after its process began. What depends on it fails meanwhile, or waits and tries
again in a script of its own. `condition: service_healthy` waits for the health check instead. Found are lists, which
have no conditions, and `condition: service_started` for a service that has a health check.

The fix changes when services start, so it is not safe by itself: it waits for health where the other service has a
health check, in the compose file or in the Dockerfile it is built from. Where it has none, write one first.

Bad:

    --- compose.yml
    services:
      web:
        image: web:1
        depends_on:
          - db  # first
          - cache
      db:
        image: postgres:16
        healthcheck:
          test: ["CMD", "pg_isready"]
      cache:
        image: redis:7

Bad (written in brackets):

    --- compose.yml
    services:
      web:
        image: web:1
        depends_on: [db]
      db:
        image: postgres:16
        healthcheck:
          test: ["CMD", "pg_isready"]

Bad (a health check that nobody waits for):

    --- compose.yml
    services:
      web:
        image: web:1
        depends_on:
          db:
            condition: service_started  # at once
      db:
        image: postgres:16
        healthcheck:
          test: ["CMD", "pg_isready"]

Good:

    --- compose.yml
    services:
      web:
        image: web:1
        depends_on:
          db:
            condition: service_healthy
          cache:
            condition: service_started
      db:
        image: postgres:16
        healthcheck:
          test: ["CMD", "pg_isready"]
      cache:
        image: redis:7
"""

from collections.abc import Iterator

from drydock.audit.composefile import ComposeFile, Service
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.source import Edit
from drydock.audit.yamltree import Node, Shape


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.composefiles:
        for service in file.services:
            node, key = service.get("depends_on"), service.node.key("depends_on")
            if node is None or key is None:
                continue
            if node.shape is Shape.MAPPING:
                yield from _started(repository, file, service, node)
            elif node.shape is Shape.SEQUENCE and node.items:
                yield _listed(repository, file, service, key, node)


def _started(repository: Repository, file: ComposeFile, service: Service, node: Node) -> Iterator[Found]:
    """A finding for each service whose start is waited for, and not its health check."""
    for name, _ in node.entries():
        condition = node.get(name.text, "condition")
        if condition is None or condition.text != "service_started":
            continue
        if repository.has_health_check(file, name.text):
            message = f"{service.name} waits until {name.text} is started, not until it is healthy"
            shared = file.is_shared(condition)
            fix = mend(file.source, Edit(condition.start, condition.end, "service_healthy"), safe=False)
            declined = "the condition is shared through an anchor" if shared else ""
            yield file.found(condition, message, None if shared else fix, declined=declined)


def _listed(repository: Repository, file: ComposeFile, service: Service, key: Node, node: Node) -> Found:
    """The finding for a list, which has no conditions."""
    healthy = {name for name in node.words() if repository.has_health_check(file, name)}
    message = f"{service.name} does not wait until {' and '.join(node.words())} can be used"
    edits = _edits(file, key, node, healthy) if healthy else ()
    declined = "" if edits else _reason(healthy)
    return file.found(key, message, mend(file.source, *edits, safe=False) if edits else None, declined=declined)


def _reason(healthy: set[str]) -> str:
    return "the list is written in a form that cannot be rewritten" if healthy else "none of them has a health check"


def _edits(file: ComposeFile, key: Node, node: Node, healthy: set[str]) -> tuple[Edit, ...]:
    """Edits that make a mapping of the list, item by item, so that comments stay where they are."""
    text = file.source.text
    if node.start < key.end or node.anchor or any(one.shape is not Shape.SCALAR or one.anchor for one in node.items):
        return ()
    conditions = [(item, "service_healthy" if item.text in healthy else "service_started") for item in node.items]
    if node.flow:
        words = ", ".join(f"{item.text}: {{condition: {condition}}}" for item, condition in conditions)
        return (Edit(node.start, node.end, f"{{{words}}}"),)
    found = []
    for item, condition in conditions:
        line, column = file.source.place(item.start)
        start = file.source.line_start(line)
        before = text[start : item.start]
        if before.strip() != "-":
            return ()
        indent = max(before.index("-"), file.source.place(key.start)[1] + 1)
        new = f"{' ' * indent}{text[item.start : item.end]}:\n{' ' * (indent + 2)}condition: {condition}"
        found.append(Edit(start, start + column - 1 + item.end - item.start, new))
    return tuple(found)


RULE = rule(__name__, __doc__, Severity.WARNING, check)

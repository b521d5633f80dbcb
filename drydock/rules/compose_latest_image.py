"""A service runs an image without a tag, or `latest`: the next pull may bring another program.

A database that moves to its next major version refuses the data of the last one. Name the version that was tested.
Where a variable gives the tag, whoever sets it decides; an image that a service of the same file builds is only a name.

There is no fix: which version is meant, only you know.

Bad:

    --- compose.yml
    services:
      db:
        image: postgres:latest
      queue:
        image: registry.example.org:5000/rabbitmq

Good:

    --- compose.yml
    services:
      db:
        image: postgres:17.6
      cache:
        image: redis:${REDIS_VERSION:-8.2}
      web:
        image: shop/web
        build: .
      worker:
        image: shop/web
"""

from collections.abc import Iterator

from drydock.audit import entries, serving
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule


def check(repository: Repository) -> Iterator[Found]:
    built = {
        entries.text(service.get("image"))
        for file in repository.composefiles
        for service in file.services
        if service.get("build") is not None
    }
    for one in serving.each(repository):
        node = one.service.get("image")
        image = entries.text(node)
        if node is None or not image or "$" in image or "@" in image or image in built or one.says("build"):
            continue
        if image.rpartition("/")[2].partition(":")[2] in ("", "latest"):
            yield one.compose.found(node, f"{one.service.name} runs whatever {image} is on the day of the pull")


RULE = rule(__name__, __doc__, Severity.WARNING, check)

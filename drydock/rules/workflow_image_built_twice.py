"""A workflow builds the same image more than once: for the tests, for the push, once more by compose.

Each build costs minutes, and what is tested is not what is pushed. Build once, and hand the image on: `load: true` and
its tag within a job, an artifact or the registry between jobs.

Builds count as the same where context, Dockerfile, stage and arguments are; not where a condition chooses between them,
nor where the first loads an image for tests and the second pushes it out of the same cache.

There is no fix: which of the builds should stay, only you know.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - uses: docker/build-push-action@v6
            with:
              context: .
              tags: app:ci
          - run: docker build -t app:test .

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - uses: docker/build-push-action@v6
            with:
              context: .
              load: true
              tags: app:ci
          - run: docker run --rm app:ci python -m unittest
          - run: docker build --target docs -t app:docs .
"""

from collections.abc import Iterator

from drydock.audit import ciimages
from drydock.audit.ciimages import CiImage
from drydock.audit.composefile import Build
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule

Key = tuple[object, ...]


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.workflows:
        first = dict[Key, CiImage]()
        for image in ciimages.of(repository, file):
            if image.step.node.get("if") is not None or image.job.node.get("if") is not None:
                continue
            again = [known for key in _keys(repository, image) if (known := first.setdefault(key, image)) is not image]
            if again and not _hands_on(again[0], image):
                yield file.found(image.node, f"{image.job.name} builds an image that {again[0].job.name} built before")


def _keys(repository: Repository, image: CiImage) -> Iterator[Key]:
    """What identifies the images it builds; nothing where that cannot be told."""
    if image.compose is not None:
        for build in _composed(repository, image.compose):
            yield _key(repository, build.folder, build.dockerfile, build.target, build.args or {})
    elif (
        image.folder is not None
        and "${{" not in image.target + image.dockerfile
        and not image.flags
        & {
            "platforms",
            "--platform",
            "build-contexts",
            "--build-context",
        }
    ):
        yield _key(repository, image.folder, image.dockerfile, image.target, image.args)


def _composed(repository: Repository, path: str) -> tuple[Build, ...]:
    """What compose builds for a file, or in a folder."""
    names = [f"{path}/{name}".lstrip("/") for name in ("compose.yaml", "compose.yml", "docker-compose.yml")]
    files = [one for one in repository.composefiles if one.path == path or one.path in names]
    return files[0].builds if files else ()


def _key(repository: Repository, folder: str | None, dockerfile: str, target: str, args: object) -> Key:
    file = repository.buildfile(dockerfile)
    stage = file.file.goal(target) if file else None
    known = args if isinstance(args, dict) else {}
    return folder, dockerfile, stage.index if stage else target, tuple(sorted(known.items()))


def _hands_on(first: CiImage, second: CiImage) -> bool:
    """Whether one is loaded for tests, and the other pushes the same out of the cache."""
    return "load" in first.flags and bool(second.flags & {"push", "outputs", "platforms"})


RULE = rule(__name__, __doc__, Severity.WARNING, check)

"""What CI builds is not what compose runs: another stage, another Dockerfile, or other arguments of the same folder.

A green build then says nothing about the image that people start. Where CI builds several stages, one of them being the
one that compose runs, all is well; arguments count where both write them down, not where a workflow fills them in.
Files for development containers, or that change others for development, are left alone.

There is no fix: which of the two is right, only you know.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - uses: docker/build-push-action@v6
            with:
              context: web
              target: builder
    --- compose.yml
    services:
      web:
        build: web
    --- web/Dockerfile
    FROM node:22-slim AS builder
    RUN npm run build
    FROM node:22-slim AS runtime

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - run: docker build --target builder web
          - uses: docker/build-push-action@v6
            with:
              context: web
              target: runtime
              build-args: VERSION=${{ github.sha }}
    --- compose.yml
    services:
      web:
        build: web
    --- web/Dockerfile
    FROM node:22-slim AS builder
    RUN npm run build
    FROM node:22-slim AS runtime
    ARG VERSION=local
"""

from collections.abc import Iterator, Mapping

from drydock.audit import ciimages
from drydock.audit.buildfile import BuildFile
from drydock.audit.ciimages import CiImage
from drydock.audit.composefile import Build
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule

NOTHING = ("", "")


def check(repository: Repository) -> Iterator[Found]:
    files = {file.path: file for file in repository.buildfiles}
    composed = [file for file in repository.composefiles if not (file.is_override or ".devcontainer" in file.path)]
    builds = [build for file in composed for build in file.builds if build.dockerfile in files]
    images = [image for file in repository.workflows for image in ciimages.of(repository, file)]
    if any(image.compose is not None for image in images) or any(
        ciimages.BAKE.search(file.source.text) for file in repository.workflows
    ):
        return  # CI builds what compose names, or what another file says
    for folder in dict.fromkeys(build.folder for build in builds):
        wanted = [build for build in builds if build.folder == folder]
        made = [image for image in images if image.folder == folder and "${{" not in image.target + image.dockerfile]
        reasons = [[_difference(image, build, files) for build in wanted] for image in made]
        if all(all(what for what, _ in some) for some in reasons):
            for image, some in zip(made, reasons, strict=True):
                what, where = some[0]
                node = image.step.node.get("with", where) or image.node
                yield image.file.found(node, f"compose builds {folder or 'the root'} otherwise: {what}")


def _difference(image: CiImage, build: Build, files: Mapping[str, BuildFile]) -> tuple[str, str]:
    """What differs, and the input of the action that says so; "" where nothing does or it cannot be told."""
    if image.dockerfile != build.dockerfile:
        return (f"from {build.dockerfile}, not {image.dockerfile}", "file") if image.dockerfile in files else NOTHING
    file = files[build.dockerfile]
    if _stage(file, image.target) != _stage(file, build.target):
        return f"stage {build.target or 'at the end'}, not {image.target or 'the one at the end'}", "target"
    defaults = _defaults(file)
    for name in sorted({*image.args, *(build.args or {})}):
        here, there = (args.get(name, defaults.get(name)) for args in (image.args, build.args or {}))
        if here is not None and there is not None and here != there and "$" not in here + there:
            return f"{name} has another value", "build-args"  # neither value: it may be a secret
    return NOTHING


def _stage(file: BuildFile, target: str) -> int:
    stage = file.file.goal(target)
    return stage.index if stage else -1


def _defaults(file: BuildFile) -> dict[str, str]:
    """The arguments with their defaults, of all stages."""
    pairs = [pair for one in file.file.instructions if one.keyword == "ARG" for pair in one.settings()]
    return {name: value.strip("\"'") for name, value in pairs if value is not None}


RULE = rule(__name__, __doc__, Severity.WARNING, check)

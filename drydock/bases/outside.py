"""What Dockerfiles take from outside: the names of base images, for the targets of images and their arguments."""

import platform
from collections.abc import Iterable

from drydock import ancestry, dockerfile
from drydock.config import Image
from drydock.dockerfile import Dockerfile
from drydock.errors import Misuse


def named(images: Iterable[Image]) -> tuple[str, ...]:
    """Every image that the Dockerfiles take from outside for the targets of `images`, in order, each once."""
    names: dict[str, None] = {}
    for image in images:
        try:
            text = image.dockerfile.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            remedy = f"write it, or mend the build section of {image.name}"
            raise Misuse(f"{image.dockerfile} cannot be read: {error}", remedy=remedy) from error
        names.update(dict.fromkeys(of(image, dockerfile.parse(text, str(image.dockerfile)))))
    return tuple(names)


def of(image: Image, file: Dockerfile) -> tuple[str, ...]:
    """What its Dockerfile takes from outside for the target of an image, in order, each once."""
    _, found = ancestry.reachable(file, image.target, arguments(image), image.contexts)
    return tuple(one.name for one in found)


def arguments(image: Image) -> dict[str, str]:
    """The build arguments of an image, with those that BuildKit itself gives for its platform."""
    return {**_platform(image), **image.args}


def _platform(image: Image) -> dict[str, str]:
    system, _, rest = (image.platforms[0] if image.platforms else "").partition("/")
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    target, _, variant = rest.partition("/")
    own = {"BUILDPLATFORM": f"linux/{machine}", "BUILDOS": "linux", "BUILDARCH": machine}
    chosen = {"TARGETOS": system or "linux", "TARGETARCH": target or machine, "TARGETVARIANT": variant}
    return {**own, **chosen, "TARGETPLATFORM": f"{chosen['TARGETOS']}/{rest or machine}"}

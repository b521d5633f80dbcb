"""The engine that these tests build and run on, and what its own progress says of a build."""

import base64
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config, events
from drydock.bases import bases
from drydock.commands import audit
from drydock.engines import engine
from tests.engine.distribution import Distribution, serving
from tests.engine.own import Own, spacious, started
from tests.repositories import PROJECT

INSTRUCTION = re.compile(r"\[(?:(?P<stage>\S+) )?\d+/\d+] (?P<text>.+)", re.DOTALL)
CA = "if [ -f /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi"
"""What lets an install in a RUN trust the machine's CA, which it is given as the secret `ca`."""
Mend = Callable[..., tuple[str, audit.Report]]


@dataclass(frozen=True)
class Built:
    """What the engine's progress told: the instructions that really ran, those from the cache, and what was printed.

    An instruction is written as `stage: TEXT`, with mounts and runs of blanks as in the Dockerfile.
    """

    ran: tuple[str, ...]
    cached: tuple[str, ...]
    output: str


@dataclass(frozen=True)
class Docker:
    """The docker command on the engine that Drydock finds."""

    settings: config.Config
    found: engine.Engine

    def __call__(self, *words: str) -> str:
        """What `docker words…` prints; it must succeed."""
        result = command.run(["docker", *words], env=self.found.environ, timeout=300)
        assert result.ok, f"docker {' '.join(words)}: {result.err[-4000:]}"
        return result.out

    def build(self, context: Path, *words: str) -> Built:
        """Build a context whose Dockerfile uses named bases and the machine's CA, as Drydock does."""
        argv = ["docker", "buildx", "build", "--progress=rawjson", *self._bases(context), *self._secret()]
        result = command.run([*argv, *words, str(context)], env=self.found.environ, timeout=600)
        assert result.ok, result.err[-4000:]
        return read_progress(result.err)

    def forget(self, image: str) -> None:
        """Remove every tag of an image."""
        for one in self("image", "ls", "--format={{.Repository}}:{{.Tag}}", image).split():
            self("image", "rm", one)

    def base(self, name: str) -> str:
        """The image that stands for a base of this name here."""
        (base,) = bases.resolve(self.settings, self.found, (name,), events.silent)
        return base.reference

    def _bases(self, context: Path) -> Iterator[str]:
        text = (context / "Dockerfile").read_text(encoding="utf-8")
        for name in sorted(set(re.findall(r"(?m)^FROM (\S+:\S+)", text))):
            if (reference := self.base(name)) != name:
                yield f"--build-context={name}=docker-image://{reference}"

    def _secret(self) -> Iterator[str]:
        for name in ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
            if (path := Path(self.settings.environ.get(name, ""))).is_file():
                yield f"--secret=id=ca,src={path}"
                return


def read_progress(text: str) -> Built:
    """Read BuildKit's raw progress: JSON values one behind the other, over any number of lines."""
    decoder, at = json.JSONDecoder(), 0
    cached: dict[str, bool] = {}
    output: list[str] = []
    while (at := text.find("{", at)) >= 0:
        event, at = decoder.raw_decode(text, at)
        for vertex in event.get("vertexes") or ():
            if (found := INSTRUCTION.match(vertex["name"])) and not found["text"].startswith("FROM "):
                step = f"{found['stage'] or 'stage'}: {' '.join(found['text'].split())}"
                # A step is told several times; the engine may learn late that it was in the cache.
                cached[step] = cached.get(step, False) or bool(vertex.get("cached"))
        output += [base64.b64decode(log["data"]).decode("utf-8", "replace") for log in event.get("logs") or ()]
    ran = tuple(step for step, hit in cached.items() if not hit)
    return Built(ran, tuple(step for step, hit in cached.items() if hit), "".join(output))


@pytest.fixture(scope="session")
def docker() -> Docker:
    """The docker command; a missing engine fails the tests, it does not skip them."""
    settings = config.load(PROJECT, os.environ)
    return Docker(settings, engine.find(settings))


@pytest.fixture(scope="session")
def roomy() -> Iterator[Own]:
    """An engine with the containerd store."""
    with spacious() as folder:
        yield from started(folder, "containerd")


@pytest.fixture(scope="session")
def plain() -> Iterator[Own]:
    """An engine with the overlay2 store."""
    with spacious() as folder:
        yield from started(folder, "overlay2")


@pytest.fixture
def distribution(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Distribution]:
    """Debian's registry on loopback; where it is not to be had, the small one of these tests, which is said."""
    with serving(tmp_path / "distribution") as made:
        if not made.is_real:
            request.config.get_terminal_writer().line("docker-registry is not to be had here: a smaller one serves")
        yield made


@pytest.fixture
def scratch(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a context to a folder of its own, to be edited."""

    def copy(context: Path) -> Path:
        ignored = shutil.ignore_patterns("node_modules", ".svelte-kit", "build", "__pycache__", ".*_cache")
        return Path(shutil.copytree(context, tmp_path / context.name, ignore=ignored))

    return copy


@pytest.fixture(scope="session")
def unique() -> Callable[[str], str]:
    """Names that no other run of these tests has."""
    return lambda name: f"{name}-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def mended(docker: Docker, tmp_path: Path, unique: Callable[[str], str]) -> Iterator[Mend]:
    """Builds an image of some files, audits them with all the fixes asked for, and builds it again.

    Gives the image, which is there as `before` and `after` until the test is over, and the report of the audit.
    """
    image = unique("mended")

    def mend(files: Mapping[str, str], **asked: Any) -> tuple[str, audit.Report]:
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        docker.build(tmp_path, "--load", f"--tag={image}:before")
        request = audit.Request(fix=True, force=True, **asked)
        report = audit.run(config.load(tmp_path, os.environ), request, tell=events.silent, today=date(2026, 6, 1))
        docker.build(tmp_path, "--load", f"--tag={image}:after")
        return image, report

    yield mend
    docker.forget(image)


@pytest.fixture(scope="module")
def shipped(docker: Docker, image: str) -> dict[str, object]:
    """The configuration of the image that the module names `image`."""
    (found,) = json.loads(docker("image", "inspect", image))
    return dict(found["Config"])

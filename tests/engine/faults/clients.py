"""Faults of Docker's client and its plugins: missing, old, broken, with BuildKit switched off."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drydock.engines.probe import PLUGIN_FOLDERS
from tests.engine.faults.machine import Fault, Injection, Machine

PLUGIN = """\
#!/bin/sh
case "$1" in
docker-cli-plugin-metadata) echo '{"SchemaVersion": "0.1.0", "Vendor": "x", "Version": "VERSION"}' ;;
*) echo "ANSWER" ;;
esac
"""
ANSWERS = {"buildx": ("v0.9.1", "github.com/docker/buildx v0.9.1 ed00243"), "compose": ("v2.3.3", "2.3.3")}


@contextmanager
def no_client(machine: Machine) -> Iterator[None]:
    programs = machine.folder / "programs"
    programs.mkdir()
    for name in ("git", "node", "sh"):
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    machine.environ["PATH"] = str(programs)
    yield


def without(name: str) -> Injection:
    """Docker's folders of plugins lack one, as this doctor sees them."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        machine.apart = True
        for number, folder in enumerate(one for one in PLUGIN_FOLDERS if Path(one).is_dir()):
            kept = machine.folder / f"plugins-{number}"
            kept.mkdir()
            machine.before += [
                f"mount --bind {folder} {kept}",
                f"mount -t tmpfs tmpfs {folder}",
                f"for one in {kept}/*; do ln -s $one {folder}/; done",
                f"rm -f {folder}/docker-{name}",
            ]
        yield

    return inject


def plugin(name: str, text: str = "") -> Injection:
    """The user's own folder has a plugin, which goes before all others: an old one, or what `text` says."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        path = machine.settings.parent / "cli-plugins" / f"docker-{name}"
        path.parent.mkdir()
        version, answer = ANSWERS[name]
        path.write_text(text or PLUGIN.replace("VERSION", version).replace("ANSWER", answer))
        path.chmod(0o755)
        yield

    return inject


@contextmanager
def switched_off(machine: Machine) -> Iterator[None]:
    machine.environ["DOCKER_BUILDKIT"] = "0"
    yield


def features(value: object) -> Injection:
    """config.json says this of BuildKit."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        machine.settings.write_text(json.dumps({"features": {"buildkit": value}}))
        yield

    return inject


FAULTS = (
    Fault("docker is not installed", no_client, "client", "docker is not installed", "doctor --fix"),
    Fault("buildx is missing", without("buildx"), "buildx", "^not installed", "doctor --fix", root=True),
    Fault("compose is missing", without("compose"), "compose", "^not installed", "doctor --fix", root=True),
    Fault(
        "an old buildx in the user's own folder",
        plugin("buildx"),
        "buildx",
        "0.9.1 is too old",
        "^rm ",
        mended="remedy",
    ),
    Fault(
        "an old compose in the user's own folder",
        plugin("compose"),
        "compose",
        "2.3.3 is too old",
        "^rm ",
        mended="remedy",
    ),
    Fault(
        "a buildx that does not run",
        plugin("buildx", "#!/bin/sh\nexit 1\n"),
        "buildx",
        "is there, but docker cannot run it",
        "^rm ",
        mended="remedy",
    ),
    Fault(
        "BuildKit is switched off in the environment",
        switched_off,
        "DOCKER_BUILDKIT",
        "without BuildKit",
        "^unset DOCKER_BUILDKIT",
        state="warn",
        mended="remedy",
    ),
    Fault(
        "BuildKit is switched off in config.json",
        features("false"),
        "config.json",
        "features.buildkit is false",
        '"buildkit": "true"',
        state="warn",
        mended="fix",
    ),
    Fault(
        "BuildKit is switched on in config.json as no text",
        features(True),
        "config.json",
        "docker ignores the whole file",
        '"buildkit": "true"',
        state="warn",
        mended="fix",
    ),
)

"""Stand-ins for base images: made once per recipe, archived, and loaded into any engine that lacks them."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from drydock import authorities, command, files
from drydock.bases import archives, debian, interpreters, nodejs
from drydock.bases.recipes import LABEL, RECIPE_LABEL, STANDIN, TRUSTING, Recipe, choose
from drydock.config import Config
from drydock.engines import install, packages
from drydock.errors import NotReady
from drydock.events import Phase, Tell

TRUSTING_NAMES = (*authorities.VARIABLES, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
PATIENCE = 10.0  # seconds for an engine to say that it is there
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"

ROOT = f"""\
FROM scratch AS root
ADD root.tar /
ENV PATH={PATH}
CMD ["bash"]
"""
MOVED_PYTHON = """
FROM root
COPY prefix/ /usr/local/
ENV LANG=C.UTF-8 PYTHON_VERSION={version}
RUN ldconfig && python3 -m ensurepip --default-pip \\
 && find /usr/local -depth -name __pycache__ -exec rm -rf {{}} + && rm -rf /root/.cache /tmp/* \\
 && python3 -B -c "import bz2, ctypes, lzma, readline, sqlite3, ssl, uuid, zlib" && python3 -B -m pip --version
CMD ["python3"]
"""
DEBIAN_PYTHON = """
FROM root
ENV LANG=C.UTF-8
RUN for name in python python3; do ln -s /usr/bin/python3 "/usr/local/bin/$name"; done \\
 && for name in pip pip3; do ln -s /usr/bin/pip3 "/usr/local/bin/$name"; done \\
 && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED && python3 -B -m pip --version
CMD ["python3"]
"""
NODE = """
FROM root
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY prefix/ /usr/local/
ENV NODE_VERSION={version}
RUN node --version && npm --version && yarn --version && rm -rf /root/.npm /tmp/*
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
"""
TRUSTED = """\
FROM plain
COPY authorities.pem {bundle}
ENV {names}
"""


def recipe(config: Config, name: str, *, trusting: bool = False) -> Recipe | None:
    """The recipe by which this machine would make a stand-in for an image, or None where it has none."""
    bundle = authorities.bundle(config.environ) if trusting else None
    mark = hashlib.sha256(bundle.read_bytes()).hexdigest()[:16] if bundle else ""
    if trusting and not mark:
        mark = "none"  # a flavour of its own all the same: what rests on it must not be mistaken for plain
    return choose(name, debian.host(), interpreters.found(config.environ), mark)


def recipe_behind(config: Config, reference: str) -> Recipe | None:
    """The recipe by which the stand-in tagged `reference` would be made now."""
    trusting = reference.startswith(TRUSTING)
    return recipe(config, reference.removeprefix(TRUSTING if trusting else STANDIN), trusting=trusting)


def equip(config: Config, recipes: Iterable[Recipe], tell: Tell) -> None:
    """Install, with consent, what making these stand-ins takes; nothing where their archives or roots are there.

    Without consent NotReady is raised, with the commands that install it.
    """
    shelf = archives.shelf(config)
    lacking = [one for one in recipes if not (shelf / f"{one.key}.tar").is_file()]
    roots = [shelf / debian.root_name(one.suite, one.packages) for one in lacking]
    if all(root.is_file() for root in roots) or command.find(debian.TOOL, config.environ):
        return
    here = packages.machine(config.environ)
    packages.add(config, here, install.tools(here, (debian.TOOL,)), debian.LACK, tell)


def provide(config: Config, environ: command.Environ, made: Recipe, tell: Tell) -> None:
    """Have the engine hold the stand-in under its tag: from its archive, else newly made and archived.

    Two that ask at once wait for one another. What fails leaves no half-made archive and no moved tag.
    """
    shelf = archives.shelf(config)
    if command.is_dry():
        tell(Phase("bases", f"would make {made.reference}"))
        return
    _folder(shelf)
    archive = shelf / f"{made.key}.tar"
    with files.locked(shelf / f"{made.key}.lock"):
        began = time.monotonic()
        if archive.is_file():
            loaded = command.run(["docker", "load", "--quiet", "--input", str(archive)], env=environ)
            if loaded.ok:
                tell(Phase("bases", f"{made.name}: loaded", time.monotonic() - began, archive.stat().st_size))
                return
            if loaded.code < 0 or not _answers(environ):
                raise NotReady(f"{made.name} could not be loaded: {loaded.last_words}", remedy="inv doctor")
            archive.unlink(missing_ok=True)  # damaged: make it again
        tell(Phase("bases", f"{made.name}: making a stand-in"))
        if made.authority:
            plain = replace(made, authority="")
            provide(config, environ, plain, tell)
        _make(config, environ, made, shelf, tell)
        archives.write(environ, made.reference, archive)
        tell(Phase("bases", f"{made.name}: stand-in made", time.monotonic() - began, archive.stat().st_size))


def _answers(environ: command.Environ) -> bool:
    """Whether the engine is there: if not, that it takes no archive says nothing of the archive."""
    return command.run(["docker", "version", "--format={{.Server.Version}}"], env=environ, timeout=PATIENCE).ok


def _make(config: Config, environ: command.Environ, made: Recipe, shelf: Path, tell: Tell) -> None:
    with _workshop(shelf / f".making-{made.key}") as folder:
        if made.authority:
            text = _trusting(config, folder)
        else:
            text, what = _plain(config, made, folder)
            text += f'LABEL {LABEL}="{what}"\n'
            _root(config, made, shelf, folder / "root.tar", tell)
        text += f'LABEL {RECIPE_LABEL}="{made.key}"\n'
        (folder / "Dockerfile").write_text(text, encoding="utf-8")
        _open_to_all(folder / "prefix")
        own = environ.get("DOCKER_CONTEXT") or "default"  # the builder of an engine is called like its context
        argv = ["docker", "buildx", "build", "--builder", own, "--progress=plain", "--network=none", "--load"]
        argv += ["--provenance=false", "--tag", made.reference]
        if made.authority:
            argv += ["--build-context", f"plain=docker-image://{replace(made, authority='').reference}"]
        result = command.run([*argv, str(folder)], env=environ)
        if not result.ok:
            raise NotReady(f"the stand-in for {made.name} could not be made: {result.last_words}", remedy="inv doctor")


def _plain(config: Config, made: Recipe, folder: Path) -> tuple[str, str]:
    """The Dockerfile of a plain stand-in with its context below `folder`, and what it is in words."""
    system = f"{debian.host().identity.capitalize()} {made.suite}"
    prefix = folder / "prefix"
    if made.family == "node":
        version = nodejs.stage(made.asked, prefix, config.environ, headers=made.full)
        return ROOT + NODE.format(version=version), f"Node {version} from npm's packages on {system}"
    if made.interpreter:
        interpreters.copy(made.interpreter, prefix, headers=made.full)
        if command.find("strip", config.environ):
            names = [str(path) for path in interpreters.stripped(prefix)]
            command.run(["strip", "--strip-unneeded", *names], env=config.environ)
        what = f"Python {made.interpreter} from an interpreter of this machine on {system}"
        return ROOT + MOVED_PYTHON.format(version=made.interpreter), what
    if made.family == "python":
        return ROOT + DEBIAN_PYTHON, f"the Python of {system}"
    return ROOT, system


def _trusting(config: Config, folder: Path) -> str:
    bundle = authorities.bundle(config.environ)
    if bundle is None:
        return "FROM plain\n"
    shutil.copyfile(bundle, folder / "authorities.pem")
    return TRUSTED.format(bundle=BUNDLE, names=" ".join(f"{name}={BUNDLE}" for name in TRUSTING_NAMES))


def _root(config: Config, made: Recipe, shelf: Path, target: Path, tell: Tell) -> None:
    """Put the recipe's root file system at `target`; recipes that share one share the file."""
    kept = shelf / debian.root_name(made.suite, made.packages)
    with files.locked(kept.with_suffix(".lock")):
        if not kept.is_file():
            tell(Phase("bases", f"Debian packages for {made.name}"))
            began, fresh = time.monotonic(), target.with_name("fresh.tar")
            debian.make_root(fresh, made.suite, made.packages, config.environ)
            fresh.replace(kept)
            tell(Phase("bases", f"Debian {made.suite} put together", time.monotonic() - began, kept.stat().st_size))
        os.link(kept, target)


def _folder(shelf: Path) -> None:
    try:
        shelf.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = "set DRYDOCK_HOME to a folder that can be written"
        raise NotReady(f"{shelf} cannot be made: {error.strerror}", remedy=remedy) from error


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A fresh folder that goes away afterwards; what a killed run left in it goes first. Needs the recipe's lock."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open_to_all(folder: Path) -> None:
    """Let every user of the image read what a strict umask on this machine kept to its owner."""
    for path in [folder, *folder.rglob("*")] if folder.exists() else ():
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if path.is_dir() or mode & 0o100 else 0))

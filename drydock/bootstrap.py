"""What `dev` does: make .venv from the lock once, then hand over to the tasks or nox. Standard library only."""

import hashlib
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from drydock import files, interrupts
from drydock.errors import INTERRUPTED, STARTED_AS, NotReady, Problem

STAMP = "drydock.stamp"  # holds the digest of what .venv was made from; empty while it is being made


def main(root: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Make .venv if need be, then become the tasks or nox; returns only where a process cannot replace itself."""
    try:
        with interrupts.as_ctrl_c():
            ensure(Path(root), environ)
        return hand_over(*command(Path(root), words, {**environ, STARTED_AS: started_as(sys.argv[0])}))
    except Problem as problem:
        _say(f"error: {problem.message}")
        _say(f"remedy: {problem.remedy}")
        return problem.code
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED


def command(root: Path, words: Sequence[str], environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The argv and environment that the words stand for. `--yes` becomes DRYDOCK_YES=1, for whatever runs underneath.

    Programs are given to the interpreter: a script's first line cannot name one in a folder with spaces.
    `-P` keeps the user's folder off the module path.
    """
    own, rest = _split(words)
    env = dict(environ)
    if "--yes" in own:
        env["DRYDOCK_YES"] = "1"
    own = [word for word in own if word != "--yes"]
    start = [str(interpreter(root)), "-P"]
    if own and own[0] in ("test", "nox"):
        return [*start, "-m", "nox", "--noxfile", str(root / "noxfile.py"), *own[1:], *rest], env
    return [*start, str(root / "tasks.py"), *own, *rest], env


def started_as(script: str) -> str:
    """How to start this script again: a bare name was given to an interpreter, and Windows runs no script by itself."""
    if os.name == "nt" or os.sep not in script:
        return f"{Path(sys.executable).stem} {shlex.quote(script)}"
    return shlex.quote(script)


def hand_over(argv: Sequence[str], env: Mapping[str, str]) -> int:
    """Replace this process; Windows has no such call, there the exit code is passed on."""
    if os.name != "nt":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(argv[0], list(argv), dict(env))  # noqa: S606  # argv is a list; no shell is meant
    from drydock.command import interact

    return interact(argv, env=env)


def interpreter(root: Path) -> Path:
    """The Python of the repository's own environment."""
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ensure(root: Path, environ: Mapping[str, str]) -> None:
    """Make .venv unless it already is what the lock says; one start makes it, others wait for that one."""
    wanted = _digest(root)
    if _complete(root, wanted):
        return
    try:
        with _alone(root):
            if not _complete(root, wanted):
                _make(root, wanted, environ)
    except OSError as error:
        raise NotReady(
            f"{root / '.venv'} could not be made: {error.strerror or error}",
            remedy="make the folder writable, or clone the repository to one that is",
        ) from error


def _digest(root: Path) -> str:
    seen = hashlib.sha256((root / "requirements.lock").read_bytes())
    seen.update(f"{sys.version_info[:2]} {root}".encode())  # scripts in .venv name the folder
    return seen.hexdigest()


def _complete(root: Path, wanted: str) -> bool:
    try:
        return (root / ".venv" / STAMP).read_text() == wanted and interpreter(root).exists()
    except OSError:
        return False


def _make(root: Path, wanted: str, environ: Mapping[str, str]) -> None:
    import compileall
    import importlib.util

    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise NotReady(
            f"Python {version} has no venv and ensurepip here (some distributions ship them apart)",
            remedy=f"apt install python{version}-venv",
        )
    started = time.monotonic()
    venv = root / ".venv"
    _clear(venv)
    import venv as maker

    _say("packages  making .venv")
    maker.create(venv, with_pip=True, symlinks=os.name != "nt")
    _install(root, environ)
    _connect(root)
    compileall.compile_dir(root / "drydock", quiet=2)  # Invoke writes no bytecode: a start would compile all it imports
    (venv / STAMP).write_text(wanted)
    size = sum(path.lstat().st_size for path in venv.rglob("*")) / 1e6
    _say(f"packages  done  ({time.monotonic() - started:.1f} s, {size:.0f} MB)")


def _clear(venv: Path) -> None:
    """Start over, but never over an environment that somebody else made."""
    if venv.is_symlink() or (venv.exists() and any(venv.iterdir()) and not (venv / STAMP).exists()):
        raise NotReady(f"{venv} was not made by dev", remedy=f"move {venv} away and start again")
    for left in venv.parent.glob(".venv-old-*"):  # an earlier start was killed while it removed this
        shutil.rmtree(left, ignore_errors=True)
    if venv.exists():
        gone = venv.with_name(f".venv-old-{os.getpid()}")
        venv.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
    venv.mkdir()
    (venv / STAMP).touch()


def _install(root: Path, environ: Mapping[str, str]) -> None:
    """Let pip fetch what the lock names, from wherever this machine's configuration points it."""
    from drydock.command import MERGED, start

    lock = root / "requirements.lock"
    total = sum("==" in line and not line.startswith((" ", "#")) for line in lock.read_text().splitlines())
    argv = [str(interpreter(root)), "-m", "pip", "install", "--require-hashes", "--no-deps", "--requirement", str(lock)]
    env = {**environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    live = sys.stderr.isatty()
    seen, last = 0, ""
    with start(argv, env=env, stderr=MERGED) as pip:
        for line in (raw.decode("utf-8", "replace").strip() for raw in pip.stdout or ()):
            if line.startswith("ERROR"):
                last = line.removeprefix("ERROR: ")
            if line.startswith("Collecting"):
                seen += 1
                if live:
                    sys.stderr.write(f"\r\x1b[Kpackages  {seen} of {total}  {line.split()[1].partition('==')[0]}")
        code = pip.wait()
    if live:
        sys.stderr.write("\r\x1b[K")
    if code:
        raise NotReady(
            f"packages could not be installed: {last or f'pip gave up with exit code {code}'}",
            remedy="check the network and `pip config list`, then start again",
        )


def _connect(root: Path) -> None:
    """Put the repository on the module path of .venv and the `drydock` command beside `inv` and `nox`."""
    import sysconfig

    venv = root / ".venv"
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(venv), "platbase": str(venv)}))
    (site / "drydock.pth").write_text(os.path.relpath(root, site) + "\n")
    if os.name == "nt":
        (venv / "Scripts" / "drydock.cmd").write_text('@"%~dp0python.exe" -P -m drydock %*\n')
        return
    script = venv / "bin" / "drydock"
    script.write_text('#!/bin/sh\nexec "${0%/*}/python" -P -m drydock "$@"\n')
    script.chmod(0o755)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the lock file while .venv is made; the system lets go of it however this process ends."""
    folder = root / ".drydock"
    folder.mkdir(exist_ok=True)
    with (folder / "bootstrap.lock").open("a+b") as file:
        if not files.lock(file.fileno(), wait=False):
            _say("packages  another start is making .venv; waiting for it")
            while not files.lock(file.fileno(), wait=True):
                continue
        yield


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words up to `--`, and the rest, which belongs to somebody else."""
    at = words.index("--") if "--" in words else len(words)
    return list(words[:at]), list(words[at:])


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()

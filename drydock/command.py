"""The only starter of processes: run to the end, or stream the output as it comes."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import IO

from drydock.errors import NotReady
from drydock.values import dataclass

Environ = Mapping[str, str]
Child = subprocess.Popen[bytes]
DEVNULL, PIPE = subprocess.DEVNULL, subprocess.PIPE

_dry: ContextVar[bool] = ContextVar("dry", default=False)
GRACE_SECONDS = 10.0
NO_ANSWER = 124  # the code of a command that took too long
ORPHAN_SECONDS = 0.1  # what a killed child started may hold its pipes open for as long as it likes
MERGED = subprocess.STDOUT  # for `start`: errors in the stream of the output


@dataclass(frozen=True)
class Result:
    """What a finished process left: exit code, output as text, wall-clock seconds."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float

    @property
    def ok(self) -> bool:
        return self.code == 0

    @property
    def last_words(self) -> str:
        """The last line that is not empty, of stderr first: what a tool says when it gives up."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        silent = f"ended by signal {-self.code}" if self.code < 0 else f"exit code {self.code}"
        return lines[-1] if lines else silent


@contextmanager
def dry_run(on: bool) -> Iterator[None]:
    """Within this block, what would change something is shown on stderr instead: commands, and the names of files."""
    token = _dry.set(on)
    try:
        yield
    finally:
        _dry.reset(token)


def is_dry() -> bool:
    """Whether what would change something is only shown."""
    return _dry.get()


def show(argv: Sequence[str]) -> None:
    """Write a command as the shell would take it to stderr."""
    sys.stderr.write(f"$ {shlex.join(argv)}\n")


def withheld(path: Path | str) -> bool:
    """Whether a file must not be written: on a dry run, which names it on stderr as it shows commands."""
    if is_dry():
        sys.stderr.write(f"write {path}\n")
    return is_dry()


def run(
    argv: Sequence[str],
    *,
    env: Environ,
    cwd: Path | None = None,
    stdin: str | bytes | None = None,
    timeout: float | None = None,
    changes: bool = False,
) -> Result:
    """Run a command to its end and capture what it prints.

    `env` is the whole environment of the child. `timeout` is in seconds; past it the child is killed and
    the code is NO_ANSWER. `changes` marks a command with an effect: under `dry_run` it is shown, not run.
    A missing program raises NotReady; any exit code is returned, never raised.
    """
    if changes and is_dry():
        show(argv)
        return Result(tuple(argv), 0, "", "", 0.0)
    data = stdin.encode() if isinstance(stdin, str) else stdin
    started = time.monotonic()
    with start(argv, env=env, cwd=cwd, stdin=subprocess.PIPE if data is not None else subprocess.DEVNULL) as child:
        try:
            out, err = child.communicate(data, timeout=timeout)
            code = child.returncode
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = _left(child)
            code, err = NO_ANSWER, err + f"no answer within {timeout:g} s\n".encode()
    return Result(tuple(argv), code, _text(out), _text(err), time.monotonic() - started)


@contextmanager
def start(
    argv: Sequence[str],
    *,
    env: Environ,
    cwd: Path | None = None,
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = subprocess.PIPE,
    stderr: int | IO[bytes] | None = subprocess.PIPE,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command and hand over the running process; on the way out it is ended, gently first.

    Ctrl-C reaches the child from the terminal as well; it gets GRACE_SECONDS to clean up, then it is killed.
    """
    program = find(argv[0], env)
    if program is None:
        raise NotReady(f"{argv[0]} is not installed", remedy="inv doctor")
    try:
        child = subprocess.Popen(
            [program, *argv[1:]], env=dict(env), cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr
        )
    except OSError as error:
        raise NotReady(f"{argv[0]} could not be started: {error.strerror}", remedy="inv doctor") from error
    try:
        yield child
    finally:
        _end(child)


def feed(child: Child, data: bytes) -> None:
    """Hand everything to the stdin of a started process; one that ended already says why by other ways."""
    if child.stdin is not None:
        with suppress(BrokenPipeError), child.stdin:
            child.stdin.write(data)


def interact(argv: Sequence[str], *, env: Environ, cwd: Path | None = None, changes: bool = False) -> int:
    """Run a command on the user's own terminal and return its exit code."""
    if changes and is_dry():
        show(argv)
        return 0
    with start(argv, env=env, cwd=cwd, stdin=None, stdout=None, stderr=None) as child:
        return child.wait()


@dataclass(frozen=True)
class Detached:
    """A process that outlives us."""

    pid: int

    def ended(self) -> bool:
        """Whether it has ended already."""
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            return True


def detach(argv: Sequence[str], *, env: Environ, log: Path) -> Detached:
    """Start a command that outlives us: a session of its own, no terminal, its output added to the file `log`.

    The working folder is the root of the file system, so that no folder is held.
    """
    program = find(argv[0], env)
    if program is None:
        raise NotReady(f"{argv[0]} is not installed", remedy="inv doctor")
    with log.open("ab") as out:
        child = subprocess.Popen(
            [program, *argv[1:]],
            env=dict(env),
            cwd=log.anchor or None,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    child.returncode = 0  # Popen would warn that it still runs when it is let go, which is what we want
    return Detached(child.pid)


def find(program: str, env: Environ) -> str | None:
    """The path of a program on the PATH of `env`, or None."""
    import shutil

    return shutil.which(program, path=env.get("PATH", os.defpath))


def _left(child: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """What a killed child had printed."""
    try:
        return child.communicate(timeout=ORPHAN_SECONDS)
    except subprocess.TimeoutExpired as late:
        return late.stdout or b"", late.stderr or b""


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")

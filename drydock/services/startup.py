"""Start the services and follow them until they are healthy, done, or beyond hope."""

import re
import time
from collections.abc import Callable, Sequence
from tempfile import TemporaryFile
from typing import IO

from drydock import command
from drydock.config import Config
from drydock.engines.engine import Engine, alive, last_words
from drydock.errors import Failed, NotReady
from drydock.events import Note, Phase, Tell
from drydock.services import compose, containers
from drydock.services.containers import Container, Standing

POLL_SECONDS = 0.3
SETTLE_SECONDS = 1.0  # a service without a health check must still run after this long
LAST_LINES = 15
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # colours of the service, and a stray one of compose's own


def follow(config: Config, engine: Engine, argv: Sequence[str], *, timeout: float, tell: Tell) -> tuple[Container, ...]:
    """Run a compose command that starts services and wait until all of them are ready or done.

    `timeout` is in seconds, from the start of the command. Raises Failed when a service fails, or is not healthy in
    time; its last lines are told first. On Ctrl-C, what is left running is told.
    """
    begun = time.monotonic()
    try:
        with TemporaryFile() as said:
            with command.start(argv, env=engine.environ, cwd=config.root, stdout=said, stderr=said) as up:
                seen = _wait(config, engine, up.poll, deadline=begun + timeout, tell=tell)
                code = up.poll()
            words = _read(said)
    except KeyboardInterrupt:
        tell(Note(f"{_summary(status(config, engine))}; inv down removes what is there", warning=True))
        raise
    _judge(config, engine, seen, code, words, timeout, tell)
    tell(Phase("start", _summary(seen), time.monotonic() - begun))
    return seen


def status(config: Config, engine: Engine) -> tuple[Container, ...]:
    """The containers of this project, those that have ended among them."""
    result = command.run(compose.argv(config, "ps", "--all", "--format", "json"), env=engine.environ, cwd=config.root)
    if not result.ok:
        if not alive(engine):
            raise NotReady(
                f"the engine is gone: {last_words(config) or result.last_words}", remedy="inv engine --start"
            )
        raise Failed(f"docker compose ps: {result.last_words}", remedy="inv doctor")
    return containers.read(result.out)


def _wait(
    config: Config, engine: Engine, ended: Callable[[], int | None], *, deadline: float, tell: Tell
) -> tuple[Container, ...]:
    """Look at the containers until they are settled, or the deadline has passed; tells each change."""
    shown = ""
    settled_at: float | None = None
    while True:
        code = ended()  # before looking: what is seen is then what the command left
        seen = status(config, engine)
        if (summary := _summary(seen)) != shown:
            tell(Phase("start", summary))
            shown = summary
        now = time.monotonic()
        if now >= deadline or code:
            return seen
        if code == 0 and any(one.standing is Standing.FAILED for one in seen):
            return seen
        if code == 0 and all(one.standing is not Standing.WAITING for one in seen):
            settled_at = settled_at or now
            if all(one.health or one.standing is Standing.DONE for one in seen) or now - settled_at >= SETTLE_SECONDS:
                return seen
        else:
            settled_at = None
        time.sleep(POLL_SECONDS)


def _judge(
    config: Config,
    engine: Engine,
    seen: Sequence[Container],
    code: int | None,
    words: str,
    timeout: float,
    tell: Tell,
) -> None:
    """Raise Failed unless the command ended with 0 and every container is ready or done."""
    failed = [one for one in seen if one.standing is Standing.FAILED]
    late = [one for one in seen if one.standing is Standing.WAITING] if code in (None, 0) else []
    for one in failed or late:
        tell(Note(_story(config, engine, one)))
    if failed:
        story = ", ".join(f"{one.service} {_verb(one)}" for one in failed)
        raise Failed(story, remedy=f"inv logs --service {failed[0].service}")
    if late or code is None:
        story = ", ".join(f"{one.service} is {one.words}" for one in late) or "docker compose has not ended"
        raise Failed(
            f"after {timeout:g} s {story}", remedy=f"inv logs, or give it longer: inv up --timeout {timeout * 2:g}"
        )
    if code:
        raise Failed(f"docker compose: {words}", remedy="inv doctor, inv ps")


def _story(config: Config, engine: Engine, one: Container) -> str:
    """The last lines a service printed and the last answer of its health check, under its name."""
    tail = ("--ansi", "never", "logs", "--no-log-prefix", "--tail", str(LAST_LINES), one.service)
    said = command.run(compose.argv(config, *tail), env=engine.environ, cwd=config.root).out
    lines = ESCAPE.sub("", said).splitlines()
    answer = '{{with .State.Health}}{{range .Log}}{{.ExitCode}} {{json .Output}}{{"\\n"}}{{end}}{{end}}'
    checks = command.run(["docker", "inspect", "--format", answer, one.name], env=engine.environ).out.split("\n")
    checks = [check for check in checks if check.strip()]
    told = [
        f"{one.service} {_verb(one)}; its last lines:",
        *(f"  | {line}" for line in lines or ["(it printed nothing)"]),
    ]
    if checks:
        told.append(f"  last health check: exit code {checks[-1]}")
    return "\n".join(told)


def _verb(one: Container) -> str:
    return one.words if one.state == "exited" else f"is {one.words}"


def _summary(seen: Sequence[Container]) -> str:
    return ", ".join(f"{one.service} {one.words}" for one in seen) or "nothing is there yet"


def _read(said: IO[bytes]) -> str:
    said.seek(0)
    lines = [line.strip() for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"

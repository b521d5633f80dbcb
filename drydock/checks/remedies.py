"""Applies the remedies that need no decision: an engine, base images, a line in Docker's settings, a first `.env`."""

from collections.abc import Iterable
from dataclasses import replace

from drydock import command, files
from drydock.bases import bases, outside
from drydock.checks import State, Verdict, client, survey
from drydock.config import Config
from drydock.engines import engine, place
from drydock.events import Note, Tell
from drydock.services import compose

ENGINE_CHECKS = {"client", "engine", "buildx", "compose"}


def apply(config: Config, verdicts: Iterable[Verdict], tell: Tell) -> None:
    """Mend what can be mended of these verdicts.

    Asking root for `--fix` is consent to install; an ordinary user is asked, since it takes sudo.
    """
    wanted = {verdict.check for verdict in verdicts if verdict.can_fix and verdict.state is not State.OK}
    if client.CONFIG in wanted:
        _switch_on(config, tell)
    if ".env" in wanted:
        tell(Note("cp .env.example .env"))
        if not command.is_dry():
            files.replace(config.root / ".env", (config.root / ".env.example").read_text(encoding="utf-8"))
    willing = replace(config, yes=config.yes or place.user() == 0)
    if wanted & ENGINE_CHECKS:
        engine.ensure(willing, tell)
    if "bases" in wanted | ({"bases"} if wanted & ENGINE_CHECKS else set()):
        found = engine.ensure(willing, tell)
        bases.resolve(willing, found, outside.named(compose.images(willing, found.environ)), tell)


def _switch_on(config: Config, tell: Tell) -> None:
    path = survey.client_settings_path(config)
    if (text := survey.text(path)) is not None:
        tell(Note(f"features.buildkit is switched on in {path}"))
        if not command.is_dry():
            files.replace(path, client.with_buildkit(text))

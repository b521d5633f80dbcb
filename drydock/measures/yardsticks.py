"""What builds are held against, as reports in the ledger: the budgets of images, and the builds of main."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from drydock.config import Config
from drydock.errors import Problem
from drydock.events import Note, Tell
from drydock.measures import budgets, earlier, reports
from drydock.measures.reports import Kind


def record(config: Config, images: Sequence[str], standing: Sequence[str], tell: Tell) -> None:
    """Write budgets and the builds of main where they are not what the ledger has; a problem is one warning.

    `standing` are the commit that main stands on and that where this history left it.
    """
    try:
        _keep(config, Kind.BUDGETS, _limits(config), {}, tell)
        builds = {build.image: build.id for build in earlier.of_commits(config, images, standing)}
        none: dict[str, Any] = {"branch": earlier.MAIN, "builds": {}}
        _keep(config, Kind.MAIN, {**none, "builds": builds}, none, tell)
    except Problem as problem:
        tell(Note(f"what builds are held against is not recorded: {problem.message}; {problem.remedy}", warning=True))


def _limits(config: Config) -> dict[str, Any]:
    """The limits of each image that has some."""
    settings = config.settings
    return {name: [asdict(one) for one in budgets.of(settings, name)] for name in budgets.named(settings)}


def _keep(config: Config, kind: Kind, body: Mapping[str, Any], unset: Mapping[str, Any], tell: Tell) -> None:
    kept = reports.get(config, kind)
    if body != (kept.body if kept else unset):
        reports.record(config, kind, body, tell)

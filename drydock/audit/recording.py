"""What an audit of a whole repository found, as the ledger keeps it: with images and diffs, and without secrets."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from drydock import secrecy
from drydock.audit import entries, formats, worktree
from drydock.audit.composefile import filled
from drydock.audit.concern import Concern
from drydock.audit.finding import Finding, Severity
from drydock.audit.repository import Repository
from drydock.causes import reading, veil
from drydock.config import Config
from drydock.events import Tell
from drydock.measures import reports, revision
from drydock.measures.reports import Kind
from drydock.services import model


def record(config: Config, repository: Repository, findings: Sequence[Finding], limit: Severity, tell: Tell) -> None:
    """Keep the findings as the report of the last audit.

    Where they are too much, the diffs of their fixes are left out. What hinders it is one warning.
    """
    state = revision.read(config)
    head = {"commit": state.commit, "dirty": state.dirty, "fails_from": limit.value}
    found = _plain(config, repository, findings)
    body = {**head, "findings": found}
    if not reports.fits(body):
        bare = [{**one, "fix": one["fix"] and {**one["fix"], "diff": None}} for one in found]
        body = {**head, "findings": bare}
    reports.record(config, Kind.AUDIT, body, tell)


def veiled(repository: Repository) -> Callable[[str], str]:
    """Hides in a text the values that look secret in Dockerfiles and compose files, and the logins of addresses."""
    over = veil.over(
        (name, value)
        for name, value in (*_written(repository), *_set(repository))
        if value.strip("\"'").lower() not in secrecy.GUESSED
    )
    return lambda text: veil.without_logins(over.hide(text))


def _plain(config: Config, repository: Repository, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    hide, concern = veiled(repository), _concern(config, repository)
    texts = repository.texts(path for one in findings for path in one.paths)
    found = []
    for one in findings:
        plain = veil.through(formats.plain(one, texts), hide)
        found.append({**plain, "images": list(concern.images(one))})
    return found


def _concern(config: Config, repository: Repository) -> Concern:
    if compose := worktree.compose_path(config):
        return Concern(repository, compose, {})
    found = () if config.compose else model.found(config.root)
    return Concern(
        repository, "", {image.dockerfile.relative_to(config.root).as_posix(): image.name for image in found}
    )


def _written(repository: Repository) -> Iterator[tuple[str, str]]:
    for file in repository.buildfiles:
        yield from reading.written(file.file)


def _set(repository: Repository) -> Iterator[tuple[str, str]]:
    """What services set, as it is where nothing else is set; what a variable gives without a default is not known."""
    for file in repository.composefiles:
        for service in file.services:
            for path in (("environment",), ("build", "args")):
                for setting in entries.settings(service, *path):
                    yield setting.name, filled(setting.value)
                    yield setting.name, setting.value.strip("\"'") if "$" not in setting.value else ""

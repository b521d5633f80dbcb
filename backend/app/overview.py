"""Images as the dashboard shows them: newest builds, limits, trend, what is open, what they are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app import findings, limits, scenarios
from app.findings import Count
from app.ledger import builds, images, reports
from app.ledger.builds import Build, Point
from app.ledger.documents import Budget
from app.ledger.images import Layer, Part
from app.ledger.reading import Ledger
from app.limits import Limit

LAST = "last"  # in a budget: what the image was before it became what it is now


@dataclass(frozen=True)
class Main:
    """The newest ordinary build of the main branch."""

    branch: str
    build: Build


@dataclass(frozen=True)
class Image:
    """One image in the list; `latest` and `failed` are ordinary builds, `findings` None where nobody audited."""

    name: str
    builds: int
    latest: Build | None
    failed: Build | None
    limits: tuple[Limit, ...]
    trend: tuple[Point, ...]
    findings: Count | None
    main: Main | None


@dataclass(frozen=True)
class Detail:
    """One image and what it is made of: None where it was not taken apart. `build` is the one that is shown."""

    name: str
    builds: int
    build: Build | None
    failed: Build | None
    limits: tuple[Limit, ...]
    findings: Count | None
    main: Main | None
    layers: tuple[Layer, ...] | None
    parts: tuple[Part, ...] | None
    wasted_bytes: int | None
    base_bytes: int | None
    own_bytes: int | None
    history: tuple[Point, ...]


def page(ledger: Ledger, *, after: str, limit: int) -> tuple[Image, ...]:
    """At most `limit` images by name, those that follow `after`."""
    found = images.page(ledger, after=after, limit=limit)
    names = [one.name for one in found]
    mains, counts = _mains(ledger, names), findings.counts(ledger, names)
    held = _limits(ledger, {one.name: one.latest for one in found}, mains)
    return tuple(
        Image(
            name=one.name,
            builds=one.builds,
            latest=one.latest,
            failed=one.failed,
            limits=held[one.name],
            trend=images.trend(ledger, one.name),
            findings=counts.get(one.name),
            main=mains.get(one.name),
        )
        for one in found
    )


def detail(ledger: Ledger, name: str, number: int | None) -> Detail | None:
    """An image at one of its builds, the latest that was done where none is named; None if either is not there."""
    one = images.find(ledger, name)
    if one is None:
        return None
    build = builds.find(ledger, [number]).get(number) if number else one.latest
    if number and (build is None or build.image != name):
        return None
    mains = _mains(ledger, [name])
    apart = images.anatomy(ledger, build.digest) if build else None
    return Detail(
        name=name,
        builds=one.builds,
        build=build,
        failed=one.failed,
        limits=_limits(ledger, {name: build}, mains)[name],
        findings=findings.counts(ledger, [name]).get(name),
        main=mains.get(name),
        layers=apart.layers if apart else None,
        parts=apart.parts if apart else None,
        wasted_bytes=apart.wasted_bytes if apart else None,
        base_bytes=sum(layer.disk_bytes for layer in apart.layers if layer.base) if apart else None,
        own_bytes=sum(layer.disk_bytes for layer in apart.layers if not layer.base) if apart else None,
        history=images.history(ledger, name),
    )


def _mains(ledger: Ledger, names: Sequence[str]) -> dict[str, Main]:
    """By image the build that a change is compared with, where one is known and still there."""
    told = reports.main(ledger)
    if told is None:
        return {}
    numbers = {name: told.builds[name] for name in names if name in told.builds}
    found = builds.find(ledger, numbers.values())
    return {
        name: Main(told.branch, found[number])
        for name, number in numbers.items()
        if number in found and found[number].image == name
    }


def _limits(
    ledger: Ledger, shown: Mapping[str, Build | None], mains: Mapping[str, Main]
) -> dict[str, tuple[Limit, ...]]:
    """By image its limits, held against the build that is shown."""
    budgets = reports.budgets(ledger)
    own = images.own(ledger, [build.digest for build in shown.values() if build and build.digest])
    steps = scenarios.reruns(ledger)

    def figures(name: str, build: Build | None, budget: Budget) -> Mapping[str, float | None]:
        disk = build.disk_bytes if build else None
        then = _then(ledger, build, mains.get(name), budget.against) if budget.figure == "growth" else None
        return {
            "pull": build.pull_bytes if build else None,
            "disk": disk,
            "own": own.get(build.digest or "") if build else None,
            "growth": None if disk is None or then is None else disk - then,
            "source-edit-steps": steps.get(name),
        }

    return {
        name: tuple(limits.judged(one, figures(name, build, one)) for one in budgets.get(name, ()))
        for name, build in shown.items()
    }


def _then(ledger: Ledger, build: Build | None, main: Main | None, against: str) -> int | None:
    """What the image took on disk in the state that growth is measured against; None where that is not known."""
    if main and main.branch == against:
        return main.build.disk_bytes
    before = images.before(ledger, build) if build and against == LAST else None
    return before.disk_bytes if before else None

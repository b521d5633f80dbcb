"""What caches outside the engine took and saved in the last builds, in the ledger; those that do not pay left out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from drydock.builds import caches, worth
from drydock.builds.built import Built
from drydock.builds.meanwhile import Found
from drydock.builds.plan import Plan
from drydock.builds.worth import Account, Use, Verdict
from drydock.causes import explaining
from drydock.causes.gathering import Gathered
from drydock.causes.grounds import keys
from drydock.config import Config, Image
from drydock.events import Note, Tell
from drydock.measures import ledger, reports
from drydock.measures.reports import Kind

Accounts = Mapping[str, Account]


def load(config: Config) -> dict[str, Account]:
    """The accounts by image; none where nothing is kept, or another version wrote it."""
    report = reports.get(config, Kind.CACHES)
    try:
        return {} if report is None else {name: worth.read(one) for name, one in report.body["images"].items()}
    except (KeyError, AttributeError, ValueError):
        return {}


def keep(config: Config, accounts: Accounts, tell: Tell) -> None:
    """Write the accounts in place of those that are kept."""
    body = {"images": {name: one.document() for name, one in accounts.items()}}
    reports.record(config, Kind.CACHES, body, tell)


def sparing(config: Config, made: Plan, tell: Tell) -> Plan:
    """The plan without caches that do not pay."""
    if not any(map(shown, made.chosen)):
        return made
    known = load(config)
    spared = {image.name: _spare(image, known.get(image.name), tell) for image in made.chosen}
    images = tuple(spared.get(image.name, image) for image in made.images)
    return replace(made, images=images, chosen=tuple(spared.values()))


def _spare(image: Image, known: Account | None, tell: Tell) -> Image:
    if known is None or known.entries != shown(image) or known.verdict is not Verdict.LOSES:
        return image
    tell(Note(f"{known.words(image.name)}, and is left out; inv cache --retry tries it again"))
    return replace(image, cache_from=(), cache_to=())


def shown(image: Image) -> tuple[str, ...]:
    """The caches of an image as they are written, without their secrets: where one is exported to comes first."""
    return tuple(caches.shown(entry).removesuffix(caches.FORGIVEN) for entry in (*image.cache_to, *image.cache_from))


def spent(
    config: Config, built: Sequence[Built], known: Found, scenario: str, flags: tuple[Sequence[str], Sequence[str]]
) -> list[tuple[Image, Use]]:
    """What caches took and saved for each image of a build that is not recorded yet; nothing where there are none.

    `flags` are the imports and the exports that were ordered. Only ordinary builds count: others have other steps than
    those by which caches are judged.
    """
    done = [(_ordered(one.image, *flags), one) for one in built if one.done]
    if scenario != "build" or not (any(shown(image) for image, _ in done) or load(config)):
        return []
    return [(image, _used(config, one, known.grounds.get(image.name), scenario)) for image, one in done]


def _ordered(image: Image, imports: Sequence[str], exports: Sequence[str]) -> Image:
    """The image with the caches that it was built with: flags count before what it names itself."""
    return replace(image, cache_from=tuple(imports or image.cache_from), cache_to=tuple(exports or image.cache_to))


def _used(config: Config, one: Built, gathered: Gathered | None, scenario: str) -> Use:
    expected = ledger.expected(config, [one.image.name], scenario=scenario)
    before = [expected.get((one.image.name, step.stage, step.instruction)) for step in one.steps]
    took = [past if step.cached else step.seconds for step, past in zip(one.steps, before, strict=True)]
    saved = None
    if one.import_seconds is not None and gathered is not None:
        here = gathered.grounds
        past = explaining.look_back(config, one.image.name, scenario, here)
        had = {key for build in past if build.grounds.engine == here.engine for key in build.held}
        mine = {(step.stage, step.line): key for step, key in zip(here.steps, keys(here), strict=True)}
        came = [step.cached and mine.get((step.stage, step.line)) not in had for step in one.steps]
        saved = _sum([seconds for seconds, is_imported in zip(before, came, strict=True) if is_imported])
    return Use(one.cache_seconds, one.import_seconds, saved, _sum(took))


def settle(config: Config, built: Sequence[tuple[Image, Use]], *, ordered: bool, tell: Tell) -> tuple[str, ...]:
    """Take a build into the accounts; gives a line for the caches of each image that had any.

    `ordered` says that flags asked for them: those are used whatever comes of them. An image whose caches were left
    out is counted as well, so that they are tried again one day.
    """
    accounts, lines = load(config), list[str]()
    for image, use in built:
        name, entries = image.name, shown(image)
        known = accounts.pop(name, Account(entries))
        if entries and known.entries != entries:
            known = Account(entries)
        known = known.after(use)
        if known.exported or known.imported:
            accounts[name] = known
        if entries:
            lines.append(known.words(name) + _outlook(known, ordered))
    keep(config, accounts, tell)
    return tuple(lines)


def _outlook(known: Account, ordered: bool) -> str:
    if known.verdict is not Verdict.LOSES:
        return ""
    return "; --cache-to and --cache-from ask for it all the same" if ordered else "; the next builds leave it out"


def _sum(values: Sequence[float | None]) -> float | None:
    """The sum where all are known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None

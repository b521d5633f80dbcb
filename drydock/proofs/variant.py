"""One variant of a repository: what each of its images is, and what was seen when its services were started. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import field

from drydock.measures.anatomy import Anatomy, Kind
from drydock.proofs import application, behaviour, gains, settings
from drydock.proofs.announcements import REMOVES_ONLY, announcing
from drydock.proofs.application import Context, Digests
from drydock.proofs.behaviour import Seen
from drydock.proofs.gains import Weight
from drydock.proofs.settings import Difference, Settings
from drydock.values import dataclass

BEFORE, AFTER = "before", "after"
MANAGED = (Kind.APT, Kind.PIP, Kind.NPM)
Packages = Mapping[str, str]  # `package pip flask` -> its versions


@dataclass(frozen=True)
class Made:
    """One image: why it does not build ("" where it does), or what it is.

    `settings` are those of each service that runs it, by service. `is_read` is false where not all of its layers could
    be read, so that its packages are not known.
    """

    name: str
    trouble: str = ""
    settings: Mapping[str, Settings] = field(default_factory=dict)
    files: Digests = field(default_factory=dict)
    context: Context = field(default_factory=lambda: Context({}, frozenset()))
    packages: Packages = field(default_factory=dict)
    is_read: bool = False
    weight: Weight = field(default_factory=dict)
    tag: str = ""


@dataclass(frozen=True)
class Variant:
    """The repository before any fix, or with some; `seen` are its services, `notes` what was left out of the start."""

    images: Mapping[str, Made]
    seen: Mapping[str, Seen] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    incomplete: frozenset[str] = frozenset()


def packages(anatomy: Anatomy) -> Packages:
    """The packages of an image, by kind and name, with their versions."""
    found = dict[str, set[str]]()
    for part in anatomy.parts:
        if part.kind in MANAGED:
            found.setdefault(f"package {part.kind.value} {part.name}", set()).add(part.version)
    return {name: ", ".join(sorted(versions)) for name, versions in found.items()}


def differences(before: Made, after: Made, codes: tuple[str, ...], changed: frozenset[str]) -> tuple[Difference, ...]:
    """What is different in an image, named with the rule among `codes` that announces it.

    `changed` are paths below the context that the fixes write.
    """
    found = list(application.compare(before.files, after.files, before.context, after.context, changed))
    for service in before.settings:
        found += settings.differences(before.settings[service], after.settings.get(service, {}))
    if before.is_read and after.is_read:
        found += settings.differences(before.packages, after.packages)
    announced = announcing([one.name for one in found], codes)
    allowed = {one.name: announced[one.name] for one in found if one.name in announced and _fits(one, announced)}
    return tuple(dict.fromkeys(settings.named(found, allowed)))


def objections(
    before: Variant, after: Variant, codes: Mapping[str, tuple[str, ...]], changed: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """Why `after` must not stay; `codes` and `changed` are by image."""
    for name, was in before.images.items():
        now = after.images.get(name)
        if was.trouble:
            continue
        if now is None or now.trouble:
            yield f"{name} does not build: {now.trouble if now else 'it is gone'}"
            continue
        for one in differences(was, now, codes.get(name, ()), changed.get(name, frozenset())):
            if not one.announced:
                yield f"{name}: {one.words}, which no fix announces"
        if reason := gains.grown(was.weight, now.weight):
            yield f"{name}: {reason}"
    for service, seen in before.seen.items():
        now_seen = after.seen.get(service, Seen(service, "not there"))
        yield from behaviour.worse(seen, now_seen)


def unestablished(before: Variant) -> tuple[str, ...]:
    """What this proof cannot show, as sentences, each once."""
    found = [
        f"{one.name} does not build before any fix: {one.trouble}" for one in before.images.values() if one.trouble
    ]
    for one in before.images.values():
        if not one.trouble and not one.is_read:
            found.append(f"{one.name}: its layers could not be read, so packages were not compared")
    found += before.notes
    for name, seen in before.seen.items():
        found += behaviour.unestablished(seen)
        if name in before.incomplete:
            found.append(f"{name}: something that it depends on is left out, so its start shows little")
    return tuple(dict.fromkeys(found))


def _fits(one: Difference, announced: Mapping[str, str]) -> bool:
    """Whether the rule may do this: one that takes packages away adds none, and changes no version."""
    return announced[one.name] not in REMOVES_ONLY or not one.after

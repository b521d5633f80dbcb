"""Until when base images are kept up to date, by image and version: what their makers have said. Pure.

The sources: devguide.python.org/versions, the schedule of the Node.js release working group
(github.com/nodejs/Release), wiki.debian.org/LTS (the end of long-term support), ubuntu.com/about/release-cycle
(standard support), alpinelinux.org/releases. A version that is not in the table counts as long
as the next one that is; one newer than all is not known.
"""

import re
from collections.abc import Mapping
from datetime import date

from drydock.audit import images
from drydock.audit.situation import Situation

Version = tuple[int, ...]

ENDS: Mapping[str, Mapping[Version, date]] = {
    "python": {
        (2, 7): date(2020, 1, 1),
        (3, 4): date(2019, 3, 18),
        (3, 5): date(2020, 9, 30),
        (3, 6): date(2021, 12, 23),
        (3, 7): date(2023, 6, 27),
        (3, 8): date(2024, 10, 7),
        (3, 9): date(2025, 10, 31),
        (3, 10): date(2026, 10, 31),
        (3, 11): date(2027, 10, 31),
        (3, 12): date(2028, 10, 31),
        (3, 13): date(2029, 10, 31),
        (3, 14): date(2030, 10, 31),
    },
    "node": {
        (8,): date(2019, 12, 31),
        (9,): date(2018, 6, 30),
        (10,): date(2021, 4, 30),
        (11,): date(2019, 6, 1),
        (12,): date(2022, 4, 30),
        (13,): date(2020, 6, 1),
        (14,): date(2023, 4, 30),
        (15,): date(2021, 6, 1),
        (16,): date(2023, 9, 11),
        (17,): date(2022, 6, 1),
        (18,): date(2025, 4, 30),
        (19,): date(2023, 6, 1),
        (20,): date(2026, 4, 30),
        (21,): date(2024, 6, 1),
        (22,): date(2027, 4, 30),
        (23,): date(2025, 6, 1),
        (24,): date(2028, 4, 30),
        (25,): date(2026, 6, 1),
        (26,): date(2029, 4, 30),
    },
    "ubuntu": {
        (14, 4): date(2019, 4, 30),
        (16, 4): date(2021, 4, 30),
        (18, 4): date(2023, 5, 31),
        (20, 4): date(2025, 5, 31),
        (22, 4): date(2027, 4, 30),
        (24, 4): date(2029, 4, 30),
    },
    "alpine": {
        (3, 12): date(2022, 5, 1),
        (3, 13): date(2022, 11, 1),
        (3, 14): date(2023, 5, 1),
        (3, 15): date(2023, 11, 1),
        (3, 16): date(2024, 5, 23),
        (3, 17): date(2024, 11, 22),
        (3, 18): date(2025, 5, 9),
        (3, 19): date(2025, 11, 1),
        (3, 20): date(2026, 4, 1),
        (3, 21): date(2026, 11, 1),
        (3, 22): date(2027, 5, 1),
        (3, 23): date(2027, 11, 1),
    },
    "debian": {
        (8,): date(2020, 6, 30),
        (9,): date(2022, 6, 30),
        (10,): date(2024, 6, 30),
        (11,): date(2026, 8, 31),
        (12,): date(2028, 6, 30),
        (13,): date(2030, 6, 30),
    },
}
NAMES: Mapping[str, tuple[str, Version]] = {
    "jessie": ("debian", (8,)),
    "stretch": ("debian", (9,)),
    "buster": ("debian", (10,)),
    "bullseye": ("debian", (11,)),
    "bookworm": ("debian", (12,)),
    "trixie": ("debian", (13,)),
    "trusty": ("ubuntu", (14, 4)),
    "xenial": ("ubuntu", (16, 4)),
    "bionic": ("ubuntu", (18, 4)),
    "focal": ("ubuntu", (20, 4)),
    "jammy": ("ubuntu", (22, 4)),
    "noble": ("ubuntu", (24, 4)),
    "carbon": ("node", (8,)),
    "dubnium": ("node", (10,)),
    "erbium": ("node", (12,)),
    "fermium": ("node", (14,)),
    "gallium": ("node", (16,)),
    "hydrogen": ("node", (18,)),
    "iron": ("node", (20,)),
    "jod": ("node", (22,)),
    "krypton": ("node", (24,)),
}
PART = re.compile(r"(alpine)?(\d+(?:\.\d+)*)")


def ended(now: Situation, today: date) -> tuple[str, date] | None:
    """What of a base is over, such as "Debian 10", and since when; None where nothing is, or nothing is known."""
    if not images.is_official(now.base):
        return None
    over = [(name, end) for name, end in _parts(now) if end < today]
    return min(over, key=lambda one: (one[1], one[0]), default=None)


def _parts(now: Situation) -> list[tuple[str, date]]:
    """What a tag names, with the end of each; an image that is not in the table still may name a distribution."""
    found = list[tuple[str, date]]()
    for place, word in enumerate(now.tag.split("-")):
        image, version = NAMES.get(word, ("", ()))
        if match := PART.fullmatch(word):
            image = "alpine" if match[1] else now.image if place == 0 else ""
            version = tuple(int(number) for number in match[2].split("."))
        end = _end(image, version)
        if end is not None:
            found.append((f"{image.title() if image != 'node' else 'Node'} {match[2] if match else word}", end))
    return found


def _end(image: str, version: Version) -> date | None:
    known = ENDS.get(image)
    if not known or not version:
        return None
    length = len(next(iter(known)))
    if len(version) < length:
        return None
    newer = [one for one in known if one >= version[:length]]
    return known[min(newer)] if newer else None

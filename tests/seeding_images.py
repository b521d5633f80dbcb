"""The images of a seeded ledger: the steps that make them, how they change, and what they are made of. Pure."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from drydock.measures.anatomy import REST, Anatomy, Kind, Part, Share

NAMES = ("backend", "frontend", "worker", "gateway", "scheduler", "mailer", "search", "reports")
BASE_LAYERS = 4

PYTHON = (
    ("builder", "WORKDIR /build", 11, 0.1, 0),
    ("builder", "RUN python3 -m venv --without-pip /opt/venv", 14, 1.9, 1_200_000),
    ("builder", "RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt", 28, 9.5, 31_000_000),
    ("app", "WORKDIR /srv", 72, 0.1, 0),
    ("app", "COPY --from=builder --link /opt /opt", 73, 0.4, 32_200_000),
    ("app", "COPY --link app /srv/app", 75, 0.1, 190_000),
)
NODE = (
    ("deps", "WORKDIR /srv", 10, 0.1, 0),
    ("deps", "COPY package.json package-lock.json ./", 11, 0.1, 240_000),
    ("deps", "RUN --mount=type=cache,target=/root/.npm npm ci", 15, 14.0, 148_000_000),
    ("builder", "COPY . .", 22, 0.2, 410_000),
    ("builder", "RUN npm run build", 25, 6.4, 5_300_000),
    ("runtime", "COPY --link --from=deps /srv/node_modules node_modules", 40, 0.9, 12_400_000),
    ("runtime", "COPY --link --from=builder /srv/build build", 41, 0.2, 5_300_000),
)
PIP = ("flask", "werkzeug", "jinja2", "click", "markupsafe", "itsdangerous", "blinker", "numpy", "pandas", "requests")
NPM = ("svelte", "@sveltejs/kit", "vite", "esbuild", "rollup", "devalue", "cookie", "esm-env", "kleur", "sirv")
APT = ("libc6", "libssl3", "perl-base", "coreutils", "bash", "tar", "dpkg", "libsystemd0", "zlib1g", "ca-certificates")


@dataclass(frozen=True)
class Subject:
    """An image to seed: its name, what it is made of, and how large its base is."""

    name: str
    steps: tuple[tuple[str, str, int, float, int], ...]
    base: str
    base_bytes: int

    @property
    def is_python(self) -> bool:
        return self.steps is PYTHON

    @property
    def shipped(self) -> str:
        """The stage that is the image."""
        return self.steps[-1][0]


@dataclass(frozen=True)
class State:
    """What an image is at one time: how often it changed, and the bytes by which it grew since."""

    version: int = 0
    grown: int = 0
    ran: int = 0  # the first step that ran to make it


def subjects(count: int) -> tuple[Subject, ...]:
    """The images, Python and Node in turns."""
    names = [*NAMES, *(f"service-{number}" for number in range(len(NAMES) + 1, count + 1))][:count]
    node, python = ("node:20-alpine", 196_175_402), ("python:3.12-slim", 114_947_213)
    return tuple(
        Subject(name, NODE if at % 2 else PYTHON, *(node if at % 2 else python)) for at, name in enumerate(names)
    )


def changed(state: State, chance: random.Random, *, is_first: bool) -> State:
    """What a build makes of an image: most change nothing; some a source, few the dependencies."""
    at = chance.random()
    if is_first:
        return State(1, 0, 1)
    if at < 0.7:
        return replace(state, ran=-1)
    if at < 0.95:
        return State(state.version + 1, max(0, state.grown + chance.randrange(-2_000, 6_000)), 3)
    return State(state.version + 1, max(0, state.grown + chance.randrange(-250_000, 600_000)), 1)


def anatomy(subject: Subject, state: State) -> Anatomy:
    """Layers of the base and of the image's own steps, and the parts that these sum to."""
    weights = sizes(subject, state)
    layers = [
        Share(f"sha256:{digest(subject.base, str(at))}", "", "", size, packed(size), base=True)
        for at, size in enumerate(weights[:BASE_LAYERS])
    ]
    parts = [*_parts(Kind.APT, APT, subject.base_bytes, "", base=True)]
    for at, (stage, instruction, line, *_) in enumerate(_shipped(subject)):
        size = weights[BASE_LAYERS + at]
        version = str(state.version) if at else str(state.grown)
        name = f"sha256:{digest(subject.name, instruction, version)}"
        layers.append(Share(name, instruction, stage, size, packed(size), base=False, line=line))
        if at:
            parts.append(Part(Kind.FILE, f"srv/{stage}/bundle", "", size, base=False))
        else:
            kind, names = (Kind.PIP, PIP) if subject.is_python else (Kind.NPM, NPM)
            parts += _parts(kind, names, size, str(state.grown // 100_000), base=False)
    return Anatomy(tuple(layers), tuple(sorted(parts, key=lambda one: -one.disk_bytes)), 0)


def sizes(subject: Subject, state: State) -> list[int]:
    """Bytes of each layer, those of the base first; what an image grew by is in its packages."""
    quarter, rest = divmod(subject.base_bytes, BASE_LAYERS)
    own = [size for *_, size in _shipped(subject)]
    return [quarter + rest, *[quarter] * (BASE_LAYERS - 1), own[0] + state.grown, *own[1:]]


def packed(size: int) -> int:
    """What so many bytes are to pull."""
    return size * 37 // 100


def digest(*words: str) -> str:
    """The same for the same words."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _shipped(subject: Subject) -> Iterator[tuple[str, str, int, float, int]]:
    return (one for one in subject.steps if one[0] == subject.shipped and one[4])


def _parts(kind: Kind, names: Sequence[str], size: int, version: str, *, base: bool) -> Iterator[Part]:
    """Packages, each two thirds as large as the one before it, and what is left of `size` as other files."""
    left = size
    for at, name in enumerate(names):
        share = left // 3
        left -= share
        yield Part(kind, name, f"{at}.{version or 4}.2", share, base)
    yield Part(Kind.REST, REST, "", left, base)

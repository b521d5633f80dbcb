"""Files that look real and are not: no crash, what parsed still parses, and fixing twice is fixing once."""

import os
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drydock import rules
from drydock.audit import auditing, examples, fixing, tree
from drydock.audit.repository import Repository

settings.register_profile(
    "audit", max_examples=int(os.environ.get("DRYDOCK_FUZZ", "30")), deadline=timedelta(seconds=5)
)
PROFILE = settings.get_profile("audit")

SEEDS = [example.files for rule in rules.RULES for example in examples.of(rule)]
LINES = sorted({line for files in SEEDS for text in files.values() for line in text.split("\n")})
PIECES = [
    *("RUN pip install --no-cache-dir -r requirements.txt", "RUN npm ci && npm cache clean --force", "USER node"),
    *("RUN apt-get update && \\", "    apt-get install -y git \\", "    && rm -rf /var/lib/apt/lists/*", "  # comment"),
    *(
        "RUN <<EOF",
        "EOF",
        "COPY . .",
        "COPY --from=b /x /y",
        "FROM python:3.12 AS b",
        "FROM b",
        "ENV PIP_NO_CACHE_DIR=1",
    ),
    *(
        "ARG A=${B:-c}",
        "WORKDIR $A",
        "# escape=`",
        "# syntax=x",
        "ONBUILD RUN npm i",
        'CMD ["a"]',
        "",
        "\\",
        "'",
        '"',
        "\r",
    ),
    *(
        "services:",
        "  a: &a",
        "    depends_on: [b, c]",
        "    <<: *a",
        "    build: .",
        "  - x",
        "jobs:",
        "!x",
        "**",
        "\x00",
    ),
]
mutated = st.lists(st.sampled_from([*LINES, *PIECES]), max_size=14).map("\n".join)
newlines = st.sampled_from(["\n", "\r\n"])
KINDS = ("Dockerfile", "compose.yml", ".dockerignore", ".github/workflows/ci.yml")
NAMES = (*KINDS, "package.json", "requirements.txt")
each_kind = pytest.mark.parametrize("kind", KINDS)


@st.composite
def repositories(draw: st.DrawFn, kind: str) -> dict[str, str]:
    """A rule's example in which the file of that kind is spoilt, and perhaps others."""
    files = dict(draw(st.sampled_from(SEEDS)))
    for name in sorted({kind, *draw(st.sets(st.sampled_from(NAMES), max_size=2))}):
        files[name] = _spoilt(draw, files.get(name, ""))
    newline = draw(newlines)
    return {path: text.replace("\n", newline) for path, text in files.items()}


def _spoilt(draw: st.DrawFn, text: str) -> str:
    """Lines taken out, put in, or all of it made up."""
    lines = text.split("\n")
    at = draw(st.integers(0, len(lines)))
    drop = draw(st.integers(0, 2))
    return "\n".join([*lines[:at], draw(mutated), *lines[at + drop :]])


@each_kind
@settings(PROFILE)
@given(data=st.data(), unsafe=st.booleans())
def test_fixing_twice_is_fixing_once_and_what_parsed_still_parses(kind: str, data: st.DataObject, unsafe: bool) -> None:
    before = Repository(tree.of(data.draw(repositories(kind))))
    broken = {finding.path for finding in auditing.run(before, []) if finding.code == auditing.UNREADABLE}
    once = fixing.fix(before, rules.RULES, unsafe=unsafe)
    after = {finding.path for finding in auditing.run(once.repository, []) if finding.code == auditing.UNREADABLE}
    assert after <= broken
    assert fixing.fix(once.repository, rules.RULES, unsafe=unsafe).changed == ()


@each_kind
@settings(PROFILE)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_finding_or_nothing(kind: str, data: bytes) -> None:
    auditing.run(Repository(tree.of({"Dockerfile": "FROM a:1\nCOPY . .\nRUN npm install\n", kind: data})), rules.RULES)

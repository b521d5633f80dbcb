"""A build argument that changes with each build stands before an install, which then runs in each build.

Every RUN behind an ARG has it in its environment, and so is made again when its value changes, whether it uses it or
not. A version, a revision or an address is needed late: declare it where it is used, behind the installs.

There is no fix: an install may read any variable of its environment without naming it. Only arguments whose names say
that their values change are found (versions of the program itself, revisions, dates, addresses), and only where no step
up to the install names them.

Bad:

    FROM python:3.12-slim
    ARG REVISION
    COPY requirements.txt ./
    RUN pip install -r requirements.txt
    COPY app ./app
    LABEL org.opencontainers.image.revision=$REVISION

Good:

    FROM python:3.12-slim
    COPY requirements.txt ./
    RUN pip install -r requirements.txt
    COPY app ./app
    ARG REVISION
    LABEL org.opencontainers.image.revision=$REVISION

Good (the install uses it):

    FROM python:3.12-slim
    ARG POETRY_VERSION=2.1.1
    RUN pip install poetry==$POETRY_VERSION
"""

import re
from collections.abc import Iterator

from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_instruction, rule

CHANGES = re.compile(
    r"((APP|IMAGE|BUILD|PROJECT|SERVICE|GIT|PACKAGE|RELEASE)_?)?(VERSION|RELEASE|TAG)|(\w+_)?(REVISION|COMMIT|SHA|COMMIT_HASH"
    r"|BUILD_?(DATE|TIME|ID|NUMBER|HASH)|VCS_REF|GIT_(REF|BRANCH|HASH)|BRANCH|TIMESTAMP|CACHE_?BUST(ER)?)|DATE"
    r"|(PUBLIC|VITE|NEXT_PUBLIC|REACT_APP|VUE_APP|NUXT_PUBLIC|EXPO_PUBLIC)_\w+|\w*(API|BASE|BACKEND|SITE|APP)_\w*URL",
    re.IGNORECASE,
)
TOOLS = re.compile(r"(NPM|PIP|UV|YARN|PNPM|POETRY|NODE|PYTHON|APT|PYPI|INDEX|REGISTRY|MIRROR|PROXY)_?", re.IGNORECASE)


def check(spot: Spot) -> Iterator[Found]:
    for name, _ in spot.one.settings():
        if not CHANGES.fullmatch(name) or TOOLS.match(name):
            continue
        if install := _install_without(spot, name):
            yield spot.found(f"{name} makes {install} anew whenever it changes")


def _install_without(spot: Spot, name: str) -> str:
    """The manager of the first install behind it, where nothing up to there uses it; else ""."""
    given = {name}
    for later in spot.later:
        used = any(re.search(rf"\b{re.escape(one)}\b", later.one.text) for one in given)
        if later.one.keyword == "ENV" and used:
            given |= {one for one, _ in later.one.settings()}
        elif later.one.keyword not in ("LABEL", "ARG") and used:
            return ""
        elif later.one.keyword == "RUN" and later.installs:
            return f"the install of {later.installs[0].manager.name}"
    return ""


RULE = rule(__name__, __doc__, Severity.NOTE, each_instruction(check, "ARG"))

"""apt-get is used in a way that fails one day, or installs more than was asked for.

- `install` without `--no-install-recommends` brings packages that only may be of use; often they are the larger part.
- `update` in a step of its own stays in the build cache for months, until its lists name packages that are gone.
- `install` without `-y` waits for an answer that nobody gives, and ends.

`-y` is added safely: where no answer was needed it changes nothing. `--no-install-recommends` is unsafe, since
something may rely on what came along; it is declined for packages that are known for that, and takes `ca-certificates`
and `libc6-dev` along by name, which curl and gcc want. A lone `update` has no fix.

Bad:

    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y libpq5

Bad (a step of its own):

    FROM debian:bookworm-slim
    RUN apt-get update
    RUN apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*

Good:

    FROM debian:bookworm-slim
    RUN apt-get update \
        && apt-get install -y --no-install-recommends libpq5 \
        && rm -rf /var/lib/apt/lists/*
"""

import re
from collections.abc import Iterator

from drydock.audit.buildfile import Spot
from drydock.audit.finding import Fix, Found, Severity, mend
from drydock.audit.installs import APT, Install
from drydock.audit.rule import each_instruction, rule
from drydock.audit.source import Edit

SPARING = "--no-install-recommends"
YES = ("--yes", "--assume-yes", "-qq", "-y")
LETTERS = re.compile(r"-[a-zA-Z]*y[a-zA-Z]*|-q=2|-[a-zA-Z]*qq[a-zA-Z]*")
SELF_RELIANT = re.compile(
    r"(g\+\+|gcc|make|cmake|build-essential|pkg-config|pkgconf|curl|wget|git|ca-certificates|netcat-\w+|tini|gosu|jq|"
    r"unzip|zip|xz-utils|bzip2|procps|gettext|gettext-base|tzdata|libc6-dev|python3-dev|dumb-init|patch|"
    r"lib[\w.+-]+|[\w.+-]+-dev|[\w.+-]+-common)(=\S+)?"
)
FETCHES = re.compile(r"(curl|wget|git)(=\S+)?")


def check(spot: Spot) -> Iterator[Found]:
    asked = [one for one in spot.installs if one.manager is APT and one.verb == "install"]
    for install in asked:
        if not _answers(spot, install):
            fix = _with(spot, install, "-y", safe=True)
            yield spot.found("apt-get install waits for an answer", fix, at=install.command.start)
        if not _is_sparing(spot, install):
            fix, declined = _spare(spot, install)
            message = "apt-get install brings what is only recommended"
            yield spot.found(message, fix, at=install.command.start, declined=declined)
    update = next((one for one in spot.commands if one.program in ("apt-get", "apt") and one.has("update")), None)
    if update is not None and not any(one.manager is APT for one in spot.installs) and _is_plain(spot):
        yield spot.found("apt-get update in a step of its own is kept while its lists grow old", at=update.start)


def _is_plain(spot: Spot) -> bool:
    """Whether a step does nothing else that may need the lists."""
    known = ("apt-get", "apt", "rm", "set", "echo", "apt-key")
    return all(one.program in known and not one.has("source", "build-dep", "download") for one in spot.commands)


def _settings(spot: Spot) -> str:
    """All that earlier steps say of apt's settings."""
    return "\n".join(one.one.text for one in (spot, *spot.earlier) if one.one.keyword in ("RUN", "COPY", "ENV"))


def _answers(spot: Spot, install: Install) -> bool:
    words = [word.text for word in install.command.words[1:]]
    if any(word in YES or LETTERS.fullmatch(word) for word in words) or not install.command.editable:
        return True
    unknown = install.command.before == "|" or not all(word.exact for word in install.command.words)
    return unknown or "Assume-Yes" in _settings(spot)


def _is_sparing(spot: Spot, install: Install) -> bool:
    command = install.command
    if command.has(SPARING) or any("Install-Recommends" in word.text for word in command.words):
        return True
    return "Install-Recommends" in _settings(spot) or command.has("--install-recommends", "--download-only")


def _with(spot: Spot, install: Install, flag: str, *, safe: bool) -> Fix | None:
    verb = install.written_verb
    if verb is None or not install.command.editable:
        return None
    return mend(spot.source, Edit(verb.end, verb.end, f" {flag}"), safe=safe)


def _spare(spot: Spot, install: Install) -> tuple[Fix | None, str]:
    """The unsafe fix; or why something may rely on what comes along."""
    names = [word.text for word in install.command.words if word.text in install.packages]
    verb = install.written_verb
    if any(not word.exact for word in install.command.words) or not install.command.editable or verb is None:
        return None, "what is installed cannot be told"
    if unsure := [name for name in names if not SELF_RELIANT.fullmatch(name)]:
        return None, f"{unsure[0]} may rely on what it recommends"
    added = ""
    if "gcc" in names and not {"g++", "build-essential", "libc6-dev"} & set(names):
        added += " libc6-dev"
    if any(FETCHES.fullmatch(name) for name in names) and "ca-certificates" not in names:
        added += " ca-certificates"
    edits = [Edit(verb.end, verb.end, f" {SPARING}")]
    if added:
        last = install.command.words[-1]
        edits.append(Edit(last.end, last.end, added))
    return mend(spot.source, *edits, safe=False), ""


RULE = rule(__name__, __doc__, Severity.WARNING, each_instruction(check, "RUN"))

"""What is different between an image before and after safe fixes, and what of it a rule announces. Pure."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bench.safe.imagefiles import Files
from drydock.proofs import settings
from drydock.proofs.settings import Difference

MORE = ("Labels", "OnBuild", "Shell")  # of an image's configuration, beside what starts a container
VARIABLES = {"python-env-missing": re.compile(r"environment PYTHON(DONTWRITEBYTECODE|UNBUFFERED)")}
"""The settings that a rule announces: nothing else of the configuration may change."""
NEW_EACH_TIME = re.compile(
    r"(^|/)__pycache__(/|$)|\.pyc$|\.dist-info/(RECORD|uv_cache\.json)$"  # times of sources; RECORD has no order
    r"|^(tmp|run|var/log|var/cache/(ldconfig|debconf))(/|$)|^etc/ld\.so\.cache$"
    r"|(^|/)node_modules/(\.modules\.yaml|\.pnpm-workspace-state[^/]*|\.cache(/|$))"  # pnpm notes when it was
)
CACHES = re.compile(
    r"^(root|home/[^/]+)/\.(cache|npm|local/share/pnpm)(/|$)|^(root|home/[^/]+)/\.local(/share)?$|^usr/local/share/\.cache(/|$)"
    r"|^var/(cache/apt|lib/apt/lists)(/|$)|^etc/apt/apt\.conf\.d/docker-clean$|^etc/apk/cache(/|$)"
)
ANNOUNCED = {
    **dict.fromkeys(("install-without-cache-mount", "cache-mount-defeated", "mount-owner-mismatch"), CACHES),
}
"""The files that go away, or change, with the fix of a rule: a cache that lies in a mount is in no image."""
COMPILED = re.compile(r"(^|/)site-packages/.*\.so$")
"""What pip compiles: it names the folder in which it did so, a new one each time."""
HIDES = "ignore-"  # rules about ignore files announce that files of the context are seen no more


def configuration(image: Mapping[str, Any], service: Mapping[str, Any]) -> dict[str, str]:
    """Everything that an image and a service say of a container, by name."""
    more = {name.lower(): json.dumps(image[name], sort_keys=True) for name in MORE if image.get(name)}
    return {**settings.of(image, service), **more}


def settings_changed(
    before: Mapping[str, str], after: Mapping[str, str], codes: Collection[str]
) -> tuple[Difference, ...]:
    """Settings that differ and are announced by none of these rules."""
    allowed = [pattern for code, pattern in VARIABLES.items() if code in codes]
    found = settings.differences(before, after)
    return tuple(one for one in found if not any(pattern.fullmatch(one.name) for pattern in allowed))


def files_changed(
    before: Files,
    after: Files,
    codes: Collection[str],
    written: Iterable[str],
    hidden: Collection[tuple[str, str]],
    *,
    compiles: bool = False,
) -> Iterator[str]:
    """Files that differ, each as a sentence, but for those that no two builds have alike and those that are announced.

    `written` are the names of files that the fixes write, which may be copied themselves; `hidden` are the files of
    the context, by path and digest ("" of a folder), that only the build before could see. Where the build
    `compiles` packages, only mode and owner of these are compared.
    """
    names = {path.rpartition("/")[2] for path in written}
    announced = [ANNOUNCED[code] for code in codes if code in ANNOUNCED]
    hides = any(code.startswith(HIDES) for code in codes)
    for path in sorted({*before, *after}):
        was, now = before.get(path), after.get(path)
        if was == now or NEW_EACH_TIME.search(path) or path.rpartition("/")[2] in names:
            continue
        if any(pattern.search(path) for pattern in announced):
            continue
        if compiles and COMPILED.search(path) and was and now and _without_digest(was) == _without_digest(now):
            continue
        if hides and now is None and was is not None and _is_hidden(path, was, hidden):
            continue
        yield f"/{path}: {was or 'nothing'} -> {now or 'nothing'}"


def _without_digest(held: str) -> str:
    return held.rpartition(" ")[0]


def _is_hidden(path: str, held: str, hidden: Collection[tuple[str, str]]) -> bool:
    """Whether this file or folder of the context is one that the ignore file hides now."""
    digest = "" if held.startswith("d ") else held.rpartition(" ")[2]
    return any(known == digest and f"/{path}".endswith(f"/{one}") for one, known in hidden)

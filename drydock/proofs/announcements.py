"""Which differences a fix announces: they are expected, and named with the rule. Pure."""

import re
from collections.abc import Iterable, Mapping

CACHING = r"environment \w*CACHE\w*"
PACKAGES = r"package .*"
ANNOUNCED: Mapping[str, str] = {  # by the code of the rule: the names of the differences that it may bring
    "python-env-missing": r"environment PYTHON(DONTWRITEBYTECODE|UNBUFFERED)",
    "cache-mount-defeated": CACHING,
    "install-without-cache-mount": CACHING,
    "package-cache-in-image": CACHING,
    "root-user": r"user|environment HOME",
    "healthcheck-missing": r"health check",
    "compose-healthcheck-missing": r"health check",
    "compose-port-on-all-interfaces": r"published port .*",
    "compose-install-in-command": r"command",
    "apt-discipline": PACKAGES,
    "build-tools-in-image": PACKAGES,
    "dev-dependencies-in-image": PACKAGES,
    "single-stage": PACKAGES,
    "full-base-image": rf"{PACKAGES}|environment \w*(VERSION|SHA256|GPG|DIGEST)\w*",
    "ignore-missing": r"hidden file .*",
    "ignore-incomplete": r"hidden file .*",
    "ignore-lacks-secrets": r"hidden file .*",
    "ignore-root-anchored": r"hidden file .*",
}
REMOVES_ONLY = frozenset({"apt-discipline", "build-tools-in-image", "dev-dependencies-in-image", "single-stage"})


def announcing(names: Iterable[str], codes: Iterable[str]) -> Mapping[str, str]:
    """For each difference that one of these rules announces, by its name: the code of the rule."""
    known = [(code, re.compile(ANNOUNCED[code])) for code in dict.fromkeys(codes) if code in ANNOUNCED]
    found = ((name, code) for name in names for code, pattern in reversed(known) if pattern.fullmatch(name))
    return dict(found)

"""The reports of a seeded ledger: what audit, doctor, budgets, main, bench and proof left, in the forms they have."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drydock.builds.worth import Account, Use
from drydock.config import Config
from drydock.measures import ledger
from drydock.measures.build import Build
from drydock.measures.reports import Kind

Body = Mapping[str, Any]
DATE = "2026-06-01T12:00:00+00:00"
COMMIT = "5eed" * 10
CACHE = Account(("type=gha,scope={image}",), (Use(4.5, None, None, 30.0), Use(4.0, 1.5, 28.0, 30.0)))
HEAD = {
    "schema": 1,
    "date": DATE,
    "machine": "2 cores, 24 GiB, Linux x86_64",
    "versions": {"drydock": "0.1.0", "engine": "26.1.5+dfsg1", "buildx": "0.13.1+ds1", "python": "3.11.7"},
    "store": "overlay2",
    "commit": COMMIT,
    "dirty": False,
    "standin": True,
    "bases": [{"name": "python:3.12-slim", "origin": "standin"}, {"name": "node:20-alpine", "origin": "standin"}],
}
CASES = (  # what one image adds: code, severity, line, message, whether its fix is safe, why there is none
    (
        "healthcheck-missing",
        "warning",
        80,
        "{0}: no HEALTHCHECK says whether the service works",
        None,
        "its port is unknown",
    ),
    ("link-missing", "note", 73, "COPY without --link: a new base copies everything again", True, ""),
    ("root-user", "error", 75, "the program runs as root", False, ""),
    ("full-base-image", "warning", 1, "the base is the full image, of which little is used", False, ""),
)
OTHERS = (
    (
        "workflow-action-unpinned",
        "warning",
        ".github/workflows/ci.yml",
        14,
        "actions/checkout@v4 can be moved to other code",
    ),
    ("version-disagrees", "note", ".python-version", 1, "3.11 here, 3.12 in backend/Dockerfile"),
)
SCENARIOS = {"cold": 1.0, "no-op": 0.03, "source edit": 0.08, "dependency edit": 0.7, "ignore-file edit": 0.03}


def bodies(settings: Config, images: Sequence[str]) -> Iterator[tuple[Kind, str, Body]]:
    """Kind, name and body of each report, for the images whose builds the ledger holds."""
    yield Kind.AUDIT, "", {"commit": COMMIT, "dirty": True, "fails_from": "warning", "findings": _findings(images)}
    yield Kind.DOCTOR, "", {"code": 3, "checks": _checks()}
    latest = [found for name in images if (found := ledger.latest(settings, name))]
    newest = {one.image: one for one in ledger.detailed(settings, latest)}
    yield Kind.BUDGETS, "", {name: _limits(one, at) for at, (name, one) in enumerate(newest.items())}
    yield Kind.MAIN, "", {"branch": "main", "builds": _main(settings, images)}
    yield Kind.SCENARIOS, "before-after", _capture("inv bench --baseline --save before-after", newest, both=True)
    yield Kind.SCENARIOS, "latest", _capture("inv bench", newest, both=False)
    yield Kind.PROOF, "latest", _proof(newest)
    yield Kind.CACHES, "", {"images": {name: CACHE.document() for name in newest}}


def _findings(images: Sequence[str]) -> list[dict[str, Any]]:
    found = [
        {
            "code": code,
            "severity": severity,
            "path": f"{name}/Dockerfile",
            "line": line,
            "column": 1,
            "message": message.format(name),
            "fix": None if safe is None else {"safe": safe, "diff": _diff(f"{name}/Dockerfile", line)},
            "declined": declined or None,
            "images": [name],
        }
        for name in images
        for code, severity, line, message, safe, declined in CASES
    ]
    return found + [
        {
            **{"code": code, "severity": severity, "path": path, "line": line, "column": 1, "message": message},
            **{"fix": None, "declined": None, "images": list[str]()},
        }
        for code, severity, path, line, message in OTHERS
    ]


def _diff(path: str, line: int) -> str:
    lines = (
        f"--- a/{path}",
        f"+++ b/{path}",
        f"@@ -{line} +{line} @@",
        "-COPY app /srv/app",
        "+COPY --link app /srv/app",
    )
    return "\n".join(lines) + "\n"


def _checks() -> list[dict[str, Any]]:
    told = (
        ("docker", "ok", "client 26.1.5", None, False),
        ("engine", "ok", "26.1.5, overlay2, unix:///run/docker.sock", None, False),
        (
            "registry",
            "warn",
            "no registry answers: stand-ins take the place of base images",
            "configure a mirror",
            False,
        ),
        ("ports", "fail", "5001, wanted by backend, is held by another program", "BACKEND_PORT=15001 inv up", True),
    )
    keys = ("check", "state", "seen", "remedy", "can_fix")
    return [dict(zip(keys, one, strict=True)) for one in told]


def _limits(build: Build, at: int) -> list[dict[str, Any]]:
    """Limits that the image is within, above the soft one of, or above: by turns."""
    factors = ((1.1, 1.2), (0.98, 1.1), (0.9, 0.97))[at % 3]
    sizes = {"pull": build.pull_bytes or 0, "disk": build.disk_bytes or 0}
    found = [
        {"figure": figure, "soft": int(size * factors[0]), "hard": int(size * factors[1]), "against": ""}
        for figure, size in sizes.items()
    ]
    found.append({"figure": "growth", "soft": 500_000, "hard": 5_000_000, "against": "main"})
    return [*found, {"figure": "source-edit-steps", "soft": None, "hard": 3, "against": ""}]


def _main(settings: Config, images: Sequence[str]) -> dict[str, int]:
    """The oldest of the last unchanged builds of each image."""
    found = {}
    for name in images:
        clean = [
            one
            for one in ledger.recent(settings, image=name, limit=60)
            if not one.dirty and one.outcome == "done" and one.scenario == "build"
        ]
        if clean:
            found[name] = clean[-1].id
    return found


def _capture(command: str, newest: Mapping[str, Build], *, both: bool) -> dict[str, Any]:
    images = {
        name: {variant: _variant(one, slower) for variant, slower in (("plan", 1), ("baseline", 4))[: 1 + both]}
        for name, one in newest.items()
    }
    together = {"plan": {"seconds": [16.1, 16.4, 15.9]}}
    return {
        **HEAD,
        "kind": "scenarios",
        "command": command,
        "runs": 3,
        "images": images,
        "together": together,
        "notes": [],
    }


def _variant(build: Build, slower: int) -> dict[str, Any]:
    disk, pull = (build.disk_bytes or 0) * slower, (build.pull_bytes or 0) * slower
    base = disk - 12_000_000 * slower
    scenarios = {
        scenario: {
            "seconds": [round(14 * share * (slower if share < 1 else 1) * run, 3) for run in (1.0, 1.04, 0.97)],
            "steps": [_timed(build, _first(scenario, build)) for _ in range(3)],
        }
        for scenario, share in SCENARIOS.items()
    }
    weight = {"disk_bytes": disk, "pull_bytes": pull, "base_bytes": base, "own_bytes": disk - base, "layers": 7}
    edits = {name: "a line is added" for name in SCENARIOS if name.endswith("edit")}
    return {"scenarios": scenarios, "edits": edits, "asks": [], "locks": [], **weight}


def _first(scenario: str, build: Build) -> int:
    """The first step that runs again in a scenario."""
    return {"cold": 0, "dependency edit": 1, "source edit": build.steps - 2}.get(scenario, build.steps)


def _timed(build: Build, first: int) -> list[dict[str, Any]]:
    """The steps of one run as a capture has them, from the first on run again."""
    kept = ("stage", "instruction", "line", "started", "critical")
    return [
        {**{key: getattr(step, key) for key in kept}, "cached": at < first, "seconds": 0.0 if at < first else 1.0}
        for at, step in enumerate(build.detail)
    ]


def _proof(newest: Mapping[str, Build]) -> dict[str, Any]:
    names = list(newest)
    where = {name: {"path": f"{name}/Dockerfile", "line": 73} for name in names}
    kept = [{"code": "link-missing", **where[name], "message": CASES[1][3]} for name in names[:1]]
    back = [
        {"code": "root-user", **where[name], "line": 75, "message": CASES[2][3], "reason": f"{name} does not start"}
        for name in names[:1]
    ]
    later = [
        {"code": "full-base-image", **where[name], "line": 1, "message": CASES[3][3], "reason": "no registry answers"}
        for name in names[1:2]
    ]
    change = {"what": "to pull", "before": "51 MB", "after": "45 MB", "better": True}
    made = {"builds": True, "trouble": "", "disk_bytes": 120_000_000, "pull_bytes": 45_000_000, "own_bytes": 5_000_000}
    images = {
        name: {"before": made, "after": made, "expected": [], "times": {}, "changes": [change] if not at else []}
        for at, name in enumerate(names)
    }
    found = {"kept": kept, "taken_back": back, "not_tried": later, "unestablished": ["no port was asked of worker"]}
    diff = _diff(f"{names[0]}/Dockerfile", 73) if names else ""
    head = {**HEAD, "kind": "proof", "command": "inv prove --level unsafe --runs 3", "level": "unsafe", "runs": 3}
    return {**head, "images": images, "services": {}, **found, "diff": diff}

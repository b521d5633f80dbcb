"""Files that cannot be read, and remarks that silence a finding without a good reason."""

from tests.defects.values import Swap, Whole, defect, found, swap

D = "Dockerfile"
C = "compose.yml"
W = ".github/workflows/ci.yml"
DEEP = "name: deep\nx-deep: " + "[" * 3000 + "]" * 3000 + "\nservices: {}\n"
ROOT = "USER 10001:10001\nEXPOSE 5000\n"
LONG_AGO = "2026-01-31"

DEFECTS = (
    defect(
        "flask/compose-file-that-does-not-parse",
        swap(C, "    ports:\n", "   ports: [\n"),
        found("unreadable-source", C),
        also="compose-healthcheck-missing ignore-dead ci-builds-other-image",
        builds=False,
    ),
    defect(
        "npm/dockerfile-in-no-encoding",
        Swap(D, "FROM node:22-slim AS builder", "FROM node:22-slim AS builder\n# \0\0\0"),
        Whole(D, b"FROM node:22-slim AS builder\n# \xff\xfe\xc3\x28 \x00\n"),
        found("unreadable-source", D),
        also="compose-healthcheck-missing ignore-dead",
        builds=False,
    ),
    defect(
        "uv/dockerfile-without-a-base",
        Whole(D, 'RUN true\nCMD ["true"]\n'),
        found("unreadable-source", D),
        also="compose-healthcheck-missing ignore-dead",
        builds=False,
    ),
    defect(
        "yarn/empty-dockerfile",
        Whole(D, ""),
        found("unreadable-source", D),
        also="compose-healthcheck-missing ignore-dead",
        builds=False,
    ),
    defect(
        "django/workflow-with-an-anchor-in-itself",
        Whole(
            W,
            "name: CI\non: push\njobs: &jobs\n  image:\n    needs: *jobs\n    runs-on: ubuntu-24.04\n    steps:\n      - run: 'true'\n",
        ),
        found("unreadable-source", W),
        also="workflow-wide-permissions",
    ),
    defect(
        "svelte/compose-file-three-thousand-deep",
        Whole("infra/compose.yml", DEEP),
        found("unreadable-source", "infra/compose.yml"),
        also="ci-builds-other-image ignore-dead",
        builds=False,
    ),
    defect(
        "pnpm/workflow-that-does-not-parse",
        Whole(W, "name: CI\non: push\njobs:\n\t- broken\n"),
        found("unreadable-source", W),
    ),
    defect(
        "flask/silenced-without-a-reason",
        swap(D, ROOT, "# drydock: ignore=root-user\nUSER root\nEXPOSE 5000\n"),
        found("suppression-without-reason", D, "# drydock: ignore"),
        also="root-user",
    ),
    defect(
        "fastapi/silenced-without-a-reason",
        swap(C, "postgres:17.6-bookworm", "postgres:latest # drydock: ignore=compose-latest-image"),
        found("suppression-without-reason", C, "# drydock: ignore"),
        also="compose-latest-image",
    ),
    defect(
        "npm/silenced-longer-than-was-meant",
        swap(
            D,
            "USER 1000:1000\n",
            f"# drydock: ignore=root-user the port is 80 until the proxy comes (until {LONG_AGO})\nUSER root\n",
        ),
        found("suppression-expired", D, "# drydock: ignore"),
        found("root-user", D, "USER root", "FROM node:22-slim AS runtime"),
    ),
    defect(
        "uv/silenced-longer-than-was-meant",
        swap(
            W,
            "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
            f"actions/checkout@v6 # drydock: ignore=workflow-action-unpinned we try it out (until {LONG_AGO})",
        ),
        found("suppression-expired", W, "# drydock: ignore"),
        found("workflow-action-unpinned", W, "actions/checkout@v6"),
    ),
)

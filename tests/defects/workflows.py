"""Defects of workflows, and of what CI does beside what compose does."""

from tests.defects.values import Whole, defect, found, swap

W = ".github/workflows/ci.yml"
C = "compose.yml"
D = "Dockerfile"
BUILDKIT = 'env:\n  DOCKER_BUILDKIT: "1"\n\n'
CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2"
BUILDX = "      - uses: docker/setup-buildx-action@37fe631027851001ddb9b187196cc803df7f5f0e # v4.3.0\n"
PUSH = "docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83 # v6.18.0"
KEPT = "        with:\n          persist-credentials: false\n"
CONTENTS = "    permissions:\n      contents: read # to check out\n"


def build(name: str, context: str = ".") -> str:
    """The step that builds an image and keeps its cache, as the clean workflows have it."""
    return (
        f"      - uses: {PUSH}\n        with:\n          context: {context}\n          tags: {name}:ci\n"
        f"          cache-from: type=gha,scope={name}\n          cache-to: type=gha,mode=max,scope={name}\n"
    )


REUSED = """\
name: Build

on:
  workflow_call:

permissions: {}

jobs:
  build:
    runs-on: ubuntu-24.04
    permissions:
      contents: read # to check out
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          persist-credentials: false
      - run: docker build --tag trips-api:ci api
"""

DEFECTS = (
    # -- BuildKit and its cache
    defect(
        "npm/bare-build-without-buildkit",
        swap(W, BUILDKIT, ""),
        swap(W, BUILDX, ""),
        swap(W, build("orders"), "      - run: docker build --tag orders:ci .\n"),
        found("workflow-buildkit-implicit", W, "- run: docker build"),
        found("workflow-no-build-cache", W, "- run: docker build"),
        note="the first has a safe fix",
    ),
    defect(
        "flask/compose-builds-without-buildkit",
        swap(W, BUILDKIT, ""),
        swap(W, BUILDX, ""),
        swap(W, build("ledger-web"), "      - run: docker compose build\n"),
        found("workflow-buildkit-implicit", W, "- run: docker compose build"),
        found("workflow-no-build-cache", W, "- run: docker compose build"),
    ),
    defect(
        "uv/no-cache-between-runs",
        swap(W, "          cache-from: type=gha,scope=stock\n          cache-to: type=gha,mode=max,scope=stock\n", ""),
        found("workflow-no-build-cache", W, f"- uses: {PUSH}"),
    ),
    defect(
        "svelte/cache-read-but-never-written",
        swap(W, "          cache-to: type=gha,mode=max,scope=board-web\n", ""),
        found("workflow-no-build-cache", W, f"- uses: {PUSH}", "cache-from:"),
    ),
    defect(
        "monorepo/one-scope-for-both-images",
        swap(W, "cache-from: type=gha,scope=catalog", "cache-from: type=gha,scope=market"),
        swap(W, "cache-to: type=gha,mode=max,scope=catalog", "cache-to: type=gha,mode=max,scope=market"),
        swap(W, "cache-from: type=gha,scope=front", "cache-from: type=gha,scope=market"),
        swap(W, "cache-to: type=gha,mode=max,scope=front", "cache-to: type=gha,mode=max,scope=market"),
        found(
            "workflow-shared-cache-scope",
            W,
            "name: Build the front",
            "name: Build the catalog",
            "tags: market/front:ci\n          cache-from",
            "tags: market/front:ci\n          cache-from: type=gha,scope=market\n          cache-to",
        ),
        safe=True,
    ),
    defect(
        "monorepo/no-scope-for-either-image",
        swap(W, "cache-from: type=gha,scope=catalog", "cache-from: type=gha"),
        swap(W, "cache-to: type=gha,mode=max,scope=catalog", "cache-to: type=gha,mode=max"),
        swap(W, "cache-from: type=gha,scope=front", "cache-from: type=gha"),
        swap(W, "cache-to: type=gha,mode=max,scope=front", "cache-to: type=gha,mode=max"),
        found("workflow-shared-cache-scope", W, "name: Build the front", "name: Build the catalog"),
        safe=True,
    ),
    defect(
        "django/cache-that-the-engine-cannot-export",
        swap(W, BUILDX, ""),
        found("workflow-cache-driver", W, f"- uses: {PUSH}", "cache-to:", "cache-from:"),
        note="the builder inside the engine exports no cache to a workflow",
    ),
    defect(
        "pnpm/cache-that-the-chosen-driver-cannot-export",
        swap(W, BUILDX, f"{BUILDX}        with:\n          driver: docker\n"),
        found(
            "workflow-cache-driver", W, "driver: docker", f"- uses: {PUSH}", "cache-to:", "- uses: docker/setup-buildx"
        ),
    ),
    # -- built more than once
    defect(
        "flask/image-built-again-for-the-tests",
        swap(W, build("ledger-web"), build("ledger-web") + "      - run: docker build --tag ledger-web:test .\n"),
        found("workflow-image-built-twice", W, "- run: docker build", f"- uses: {PUSH}"),
        also="workflow-no-build-cache",
    ),
    defect(
        "yarn/image-built-again-by-compose",
        swap(W, build("notes"), build("notes") + "      - run: docker compose up --build --detach\n"),
        found("workflow-image-built-twice", W, "- run: docker compose up", f"- uses: {PUSH}"),
        also="workflow-no-build-cache",
    ),
    # -- compose v1
    defect(
        "fastapi/compose-of-old",
        swap(W, build("trips-api", "api"), build("trips-api", "api") + "      - run: docker-compose config --quiet\n"),
        found("workflow-compose-v1", W, "- run: docker-compose"),
        safe=True,
    ),
    defect(
        "npm/compose-of-old-among-several-lines",
        swap(
            W,
            "      - run: npm run lint\n",
            "      - run: |\n          npm run lint\n          docker-compose -f compose.yml config > /dev/null\n",
        ),
        found("workflow-compose-v1", W, "docker-compose -f", "- run: |"),
        safe=True,
    ),
    # -- trust
    defect(
        "uv/action-by-its-tag",
        swap(W, CHECKOUT, "actions/checkout@v6"),
        found("workflow-action-unpinned", W, "actions/checkout@v6"),
    ),
    defect(
        "svelte/action-by-its-branch",
        swap(W, PUSH, "docker/build-push-action@master"),
        found("workflow-action-unpinned", W, "@master"),
    ),
    defect(
        "django/every-permission",
        swap(W, "permissions: {}", "permissions: write-all"),
        found("workflow-wide-permissions", W, "permissions: write-all"),
    ),
    defect(
        "pnpm/permissions-left-to-the-default",
        swap(W, "permissions: {}\n\n", ""),
        swap(W, CONTENTS, ""),
        found("workflow-wide-permissions", W),
    ),
    defect(
        "yarn/contents-may-be-written",
        swap(W, "      contents: read # to check out\n", "      contents: write\n      packages: write\n"),
        found("workflow-wide-permissions", W, "      contents: write", "    permissions:", "      packages: write"),
        note="nothing is pushed",
    ),
    defect("uv/credentials-kept", swap(W, KEPT, ""), found("workflow-credentials-kept", W, f"- uses: {CHECKOUT}")),
    defect(
        "django/credentials-kept-on-purpose-it-seems",
        swap(W, "persist-credentials: false", "persist-credentials: true"),
        found("workflow-credentials-kept", W, f"- uses: {CHECKOUT}", "persist-credentials: true"),
    ),
    # -- sessions
    defect(
        "flask/tests-beside-the-sessions",
        swap(
            W,
            "      - run: pip install nox==2026.1.1\n      - run: nox -s tests\n",
            "      - run: pip install -r requirements-dev.txt\n      - run: python -m unittest discover -s tests -t .\n",
        ),
        found("workflow-bypasses-sessions", W, "- run: python -m unittest", "- run: pip install -r"),
    ),
    defect(
        "flask/one-more-step-beside-the-sessions",
        swap(
            W,
            "      - run: nox -s tests\n",
            "      - run: nox -s tests\n      - run: pip install pyflakes && pyflakes app\n",
        ),
        found("workflow-bypasses-sessions", W, "pyflakes app"),
    ),
    # -- across
    defect(
        "monorepo/ci-builds-another-stage",
        swap(
            W,
            "          context: services/front\n          target: runtime\n",
            "          context: services/front\n          target: builder\n",
        ),
        found("ci-builds-other-image", W, "target: builder", "name: Build the front"),
    ),
    defect(
        "flask/ci-builds-another-dockerfile",
        swap(W, "          context: .\n", "          context: .\n          file: Dockerfile.ci\n"),
        Whole(
            "Dockerfile.ci",
            "FROM python:3.12-slim AS builder\nWORKDIR /build\nRUN python -m venv /opt/venv\nCOPY requirements.txt ./\nRUN --mount=type=cache,target=/root/.cache/pip \\\n    /opt/venv/bin/pip install -r requirements.txt\nCOPY app ./app\nRUN /opt/venv/bin/python -m compileall -q app\n",
        ),
        found("ci-builds-other-image", W, "file: Dockerfile.ci", f"- uses: {PUSH}"),
        also="root-user healthcheck-missing python-env-missing single-stage",
    ),
    defect(
        "svelte/ci-builds-with-other-arguments",
        swap(
            W,
            "          context: web\n",
            "          context: web\n          build-args: |\n            PUBLIC_API_BASE_URL=https://api.example.org\n            MODE=staging\n",
        ),
        found(
            "ci-builds-other-image",
            W,
            "build-args:",
            "            MODE=staging",
            "            PUBLIC_API",
            f"- uses: {PUSH}",
        ),
        note="the Dockerfile knows no MODE, and compose builds with another address",
    ),
    defect(
        "flask/compose-runs-it-on-another-port",
        swap(
            C,
            "    ports:\n",
            '    command: [python, -m, flask, --app, app, run, --host, "0.0.0.0", --port, "8000"]\n    ports:\n',
        ),
        found("runtime-disagrees", C, "    command:"),
        also="compose-disagrees-with-dockerfile",
        note="EXPOSE, the health check and the published port all say 5000",
    ),
    defect(
        "svelte/compose-runs-it-on-another-port",
        swap(
            "infra/compose.yml",
            "    ports:\n",
            "    command: npm run preview -- --host 0.0.0.0 --port 4173\n    ports:\n",
        ),
        found("runtime-disagrees", "infra/compose.yml", "    command:"),
        also="compose-disagrees-with-dockerfile",
    ),
    defect(
        "npm/compose-runs-it-for-development",
        swap(C, "    ports:\n", "    environment:\n      NODE_ENV: development\n    ports:\n"),
        found("runtime-disagrees", C, "NODE_ENV: development", "    environment:"),
    ),
    defect(
        "flask/workflow-tests-another-python",
        swap(W, 'python-version: "3.12"', 'python-version: "3.10"'),
        found("version-disagrees", W, "python-version:"),
    ),
    defect(
        "npm/file-of-versions-names-another-node",
        Whole(".nvmrc", "20\n"),
        found("version-disagrees", ".nvmrc", "20"),
    ),
    defect(
        "uv/file-of-versions-names-another-python",
        Whole(".python-version", "3.13\n"),
        found("version-disagrees", ".python-version", "3.13"),
    ),
    defect(
        "pnpm/manifest-wants-a-newer-node",
        swap("package.json", '"node": ">=22"', '"node": ">=24"'),
        found("version-disagrees", "Dockerfile", "FROM node:22-slim AS builder", "FROM node:22-slim AS runtime"),
        note="a range says what the code can run on: what ships something else is the Dockerfile, as for monorepo",
    ),
    # -- through another workflow
    defect(
        "fastapi/built-through-a-reusable-workflow",
        Whole(".github/workflows/build.yml", REUSED),
        Whole(
            W,
            "name: CI\n\non:\n  push:\n\npermissions: {}\n\njobs:\n  image:\n    permissions:\n      contents: read # to check out\n    uses: ./.github/workflows/build.yml\n",
        ),
        found("workflow-buildkit-implicit", ".github/workflows/build.yml", "- run: docker build"),
        found("workflow-no-build-cache", ".github/workflows/build.yml", "- run: docker build"),
    ),
)

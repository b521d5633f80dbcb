"""The same defects where they are hard to read: heredocs, continuations, directives, encodings, anchors, several files."""

from tests.defects.dockerfile_node import NPM_CI
from tests.defects.dockerfile_python import BUILDER, FLASK_CMD, FLASK_PIP, RUNTIME
from tests.defects.values import Recode, Whole, defect, found, swap

D = "Dockerfile"
C = "compose.yml"
API = "api/Dockerfile"
W = ".github/workflows/ci.yml"
BARE_PIP = "RUN /opt/venv/bin/pip install -r requirements.txt"
NO_MOUNT = swap(D, FLASK_PIP, BARE_PIP)
WITHOUT = found("install-without-cache-mount", D, BARE_PIP)
NPM_WITHOUT = found("install-without-cache-mount", D, "RUN npm ci")
NPM_NO_MOUNT = swap(D, NPM_CI, "RUN npm ci --omit=dev")

DEFECTS = (
    defect(
        "flask/install-in-a-heredoc",
        swap(
            D,
            FLASK_PIP,
            "RUN <<EOF\nset -e\n# RUN pip install nothing\n/opt/venv/bin/pip install -r requirements.txt\nEOF",
        ),
        found("install-without-cache-mount", D, "RUN <<EOF", "/opt/venv/bin/pip install"),
        safe=True,
    ),
    defect(
        "npm/install-in-one-heredoc-of-two",
        swap(D, NPM_CI, "RUN sh <<one && sh <<two\nnpm ci --omit=dev\none\necho done\ntwo"),
        found("install-without-cache-mount", D, "RUN sh <<one", "npm ci --omit=dev\none"),
        safe=True,
    ),
    defect(
        "flask/heredoc-that-looks-like-a-stage",
        swap(
            D,
            FLASK_PIP,
            f"COPY <<'END' /build/note\nFROM nothing AS builder\nUSER root\nRUN npm install\nEND\n{BARE_PIP}",
        ),
        WITHOUT,
        safe=True,
    ),
    defect(
        "flask/comments-between-continuations",
        swap(
            D,
            FLASK_PIP,
            "RUN set -e; \\\n    # what the service needs\n\n    /opt/venv/bin/pip install \\\n    # and nothing else\n        --requirement requirements.txt",
        ),
        found("install-without-cache-mount", D, "RUN set -e", "/opt/venv/bin/pip install"),
        safe=True,
    ),
    defect(
        "flask/nothing-behind-the-instruction",
        swap(D, FLASK_PIP, "RUN  \\\n    /opt/venv/bin/pip install -r requirements.txt"),
        found("install-without-cache-mount", D, "RUN  \\", "/opt/venv/bin/pip install"),
        safe=True,
    ),
    defect(
        "flask/another-escape",
        swap(D, "# The packages are installed", "# escape=`\n# The packages are installed"),
        swap(D, FLASK_PIP, "RUN cd /build && `\n    /opt/venv/bin/pip install -r requirements.txt"),
        swap(D, "$PATH \\\n    PYTHONDONTWRITEBYTECODE=1 \\\n", "$PATH `\n    PYTHONDONTWRITEBYTECODE=1 `\n"),
        found("install-without-cache-mount", D, "RUN cd /build", "/opt/venv/bin/pip install"),
        safe=True,
    ),
    defect(
        "flask/syntax-line-first",
        swap(D, "# The packages are installed", "# syntax = docker/dockerfile:1\n# The packages are installed"),
        NO_MOUNT,
        WITHOUT,
        safe=True,
        note="it must stay the first line",
    ),
    defect(
        "flask/all-in-lower-case",
        swap(D, BUILDER, "from python:3.12-slim as builder"),
        swap(D, FLASK_PIP, "run /opt/venv/bin/pip install -r requirements.txt"),
        found("install-without-cache-mount", D, "run /opt/venv"),
        safe=True,
    ),
    defect(
        "flask/version-in-an-argument",
        swap(
            D,
            f"# The packages are installed in a stage of their own.\n{BUILDER}",
            "ARG PYTHON=3.12\nARG FLAVOUR=\nFROM python:${PYTHON}-slim${FLAVOUR} AS builder",
        ),
        swap(D, RUNTIME, "FROM python:${PYTHON}-slim AS runtime"),
        NO_MOUNT,
        WITHOUT,
        safe=True,
    ),
    defect(
        "monorepo/end-of-life-in-an-argument",
        swap("services/catalog/Dockerfile", BUILDER, "ARG VERSION=3.8\nFROM python:${VERSION}-slim AS builder"),
        swap("services/catalog/Dockerfile", RUNTIME, "FROM python:${VERSION}-slim AS runtime"),
        found(
            "base-past-end-of-life",
            "services/catalog/Dockerfile",
            "FROM python:${VERSION}-slim AS runtime",
            "FROM python:${VERSION}-slim AS builder",
            "ARG VERSION=3.8",
        ),
        found(
            "version-disagrees",
            "services/catalog/Dockerfile",
            "FROM python:${VERSION}-slim AS runtime",
            "FROM python:${VERSION}-slim AS builder",
            "ARG VERSION=3.8",
        ),
    ),
    defect(
        "npm/stage-chosen-by-an-argument",
        swap(D, "FROM node:22-slim AS builder", "ARG MODE=release\nFROM node:22-slim AS packages_release"),
        NPM_NO_MOUNT,
        swap(D, "FROM node:22-slim AS runtime", "FROM packages_${MODE} AS packages\n\nFROM node:22-slim AS runtime"),
        swap(D, "--from=builder", "--from=packages"),
        NPM_WITHOUT,
        safe=True,
    ),
    defect(
        "npm/platform-of-the-builder",
        swap(D, "FROM node:22-slim AS builder", "FROM --platform=$BUILDPLATFORM node:22-slim AS builder"),
        NPM_NO_MOUNT,
        NPM_WITHOUT,
        safe=True,
    ),
    defect(
        "flask/stage-that-compose-names-is-not-the-last",
        swap(D, "# Late, so that", "ENV PYTHONUNBUFFERED=\n# Late, so that"),
        swap(D, " \\\n    PYTHONDONTWRITEBYTECODE=1 \\\n    PYTHONUNBUFFERED=1", ""),
        swap(D, "ENV PYTHONUNBUFFERED=\n", ""),
        swap(
            D,
            "LABEL org.opencontainers.image.version=$VERSION\n",
            "LABEL org.opencontainers.image.version=$VERSION\n\nFROM runtime AS debug\nENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1\n",
        ),
        swap(C, "      context: .\n", "      context: .\n      target: runtime\n"),
        swap(W, "          context: .\n", "          context: .\n          target: runtime\n"),
        found("python-env-missing", D, RUNTIME, "ENV PATH"),
        safe=True,
    ),
    defect("flask/windows-newlines", NO_MOUNT, Recode(D, newline="\r\n"), WITHOUT, safe=True, note="they must stay"),
    defect(
        "npm/windows-newlines", NPM_NO_MOUNT, Recode(D, newline="\r\n"), NPM_WITHOUT, safe=True, note="they must stay"
    ),
    defect(
        "flask/mark-of-byte-order", NO_MOUNT, Recode(D, encoding="utf-8-sig"), WITHOUT, safe=True, note="it must stay"
    ),
    defect("flask/no-last-newline", NO_MOUNT, Recode(D, final=False), WITHOUT, safe=True, note="none may appear"),
    defect(
        "flask/comment-beyond-ascii",
        swap(
            D,
            "# The packages are installed in a stage of their own.",
            "# Die Pakete — für den Dienst — kommen in eine eigene Stufe. 部署",
        ),
        NO_MOUNT,
        WITHOUT,
        safe=True,
    ),
    defect(
        "flask/requirements-of-another-encoding",
        Recode("requirements.txt", newline="\r\n", encoding="utf-16"),
        NO_MOUNT,
        WITHOUT,
        safe=True,
    ),
    defect(
        "flask/windows-newlines-in-compose",
        swap(C, '"127.0.0.1:5000:5000"', '"5000:5000"'),
        Recode(C, newline="\r\n"),
        found("compose-port-on-all-interfaces", C, '"5000:5000"', "    ports:"),
    ),
    defect(
        "npm/windows-newlines-in-the-workflow",
        swap(W, "permissions: {}", "permissions: write-all"),
        Recode(W, newline="\r\n"),
        found("workflow-wide-permissions", W, "permissions: write-all"),
    ),
    defect(
        "npm/windows-newlines-in-the-ignore-file",
        swap(".dockerignore", "**/node_modules\n", ""),
        Recode(".dockerignore", newline="\r\n"),
        found("ignore-incomplete", ".dockerignore"),
        safe=True,
    ),
    defect(
        "yarn/json-form-with-spaces",
        swap(
            D,
            "RUN --mount=type=cache,target=/usr/local/share/.cache/yarn \\\n    yarn install --frozen-lockfile --production",
            'RUN [ "yarn" , "install", "--frozen-lockfile", "--production" ]',
        ),
        found("install-without-cache-mount", D, "RUN [ "),
        safe=True,
    ),
    defect(
        "npm/shell-within-a-shell",
        swap(D, NPM_CI, "RUN sh -c 'npm ci --omit=dev'"),
        found("install-without-cache-mount", D, "RUN sh -c"),
        safe=True,
    ),
    defect(
        "flask/command-before-the-entrypoint",
        swap(D, FLASK_CMD, 'CMD ["run", "--host", "0.0.0.0", "--port", "5000"]\nENTRYPOINT flask --app app'),
        found("shell-form-command", D, "ENTRYPOINT flask"),
    ),
    defect(
        "flask/command-over-several-lines",
        swap(
            D,
            FLASK_CMD,
            "CMD python -m flask --app app run \\\n    --host 0.0.0.0 \\\n    # as it is exposed\n    --port 5000",
        ),
        found("shell-form-command", D, "CMD python -m flask"),
    ),
    # -- names and places
    defect(
        "flask/file-of-another-name",
        swap(C, "      context: .\n", "      context: .\n      dockerfile: docker/flask.dockerfile\n"),
        swap(W, "          context: .\n", "          context: .\n          file: docker/flask.dockerfile\n"),
        Whole(
            "docker/flask.dockerfile",
            f'FROM python:3.12-slim AS builder\nWORKDIR /build\nRUN python -m venv /opt/venv\nCOPY requirements.txt ./\n{BARE_PIP}\n\nFROM python:3.12-slim AS runtime\nENV PATH=/opt/venv/bin:$PATH \\\n    PYTHONDONTWRITEBYTECODE=1 \\\n    PYTHONUNBUFFERED=1\nWORKDIR /srv\nCOPY --from=builder --link /opt/venv /opt/venv\nCOPY --link app ./app\nUSER 10001:10001\nEXPOSE 5000\nHEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen(\'http://127.0.0.1:5000/health\', timeout=2)"]\n{FLASK_CMD}\n',
        ),
        Whole(D, None),
        found("install-without-cache-mount", "docker/flask.dockerfile", BARE_PIP),
        safe=True,
    ),
    defect(
        "npm/second-file-for-production",
        Whole(
            "Dockerfile.prod",
            'FROM node:22-slim AS builder\nWORKDIR /srv\nCOPY package.json package-lock.json ./\nRUN npm ci --omit=dev\n\nFROM node:22-slim\nENV NODE_ENV=production\nWORKDIR /srv\nCOPY --from=builder --link /srv/node_modules ./node_modules\nCOPY --link package.json server.js ./\nUSER node\nEXPOSE 3000\nHEALTHCHECK CMD ["node", "-e", "fetch(\'http://127.0.0.1:3000/health\').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]\nCMD ["node", "server.js"]\n',
        ),
        found("install-without-cache-mount", "Dockerfile.prod", "RUN npm ci"),
        safe=True,
    ),
    defect(
        "fastapi/defect-in-the-override-file",
        swap(
            "compose.override.yml",
            "      LOG_LEVEL: debug\n",
            "      LOG_LEVEL: debug\n    ports:\n      - 8000:8000\n",
        ),
        found("compose-port-on-all-interfaces", "compose.override.yml", "- 8000:8000"),
    ),
    defect(
        "fastapi/defect-in-a-file-for-production",
        Whole("compose.prod.yml", "services:\n  db:\n    image: postgres:latest\n"),
        found("compose-latest-image", "compose.prod.yml", "image: postgres:latest"),
    ),
    defect(
        "fastapi/defect-behind-an-anchor",
        swap(
            C,
            "x-restart: &restart\n  restart: unless-stopped\n",
            "x-restart: &restart\n  restart: unless-stopped\n  environment: &password\n    POSTGRES_PASSWORD: correct-horse-battery\n",
        ),
        found("compose-secret-in-file", C, "POSTGRES_PASSWORD: correct"),
    ),
    defect(
        "monorepo/profile-and-long-form",
        swap(
            C,
            "  front:\n    image: market/front:local\n",
            "  queue:\n    image: rabbitmq:latest\n    profiles: [full]\n    healthcheck:\n      test: [CMD, rabbitmq-diagnostics, ping]\n    ports:\n      - {target: 5672, published: 5672, protocol: tcp}\n\n  front:\n    image: market/front:local\n",
        ),
        found("compose-latest-image", C, "image: rabbitmq:latest"),
        found("compose-port-on-all-interfaces", C, "- {target: 5672"),
    ),
    defect(
        "npm/optional-lock-files-in-a-glob",
        swap(D, "COPY package.json package-lock.json ./", "COPY package*.json yarn.lock* pnpm-lock.yaml* ./"),
        swap(D, "npm ci --omit=dev", "npm install --omit=dev"),
        found("npm-install-over-ci", D, "RUN --mount=type=cache", "npm install"),
        safe=True,
    ),
    defect(
        "fastapi/bind-mounts-and-secrets-beside-it",
        swap(
            API,
            "--mount=type=cache,target=/root/.cache/pip \\\n    --mount=type=bind",
            "--mount=type=secret,id=ca \\\n    --mount=type=tmpfs,target=/tmp \\\n    --mount=type=bind",
        ),
        found("install-without-cache-mount", API, "RUN --mount=type=secret", "pip install"),
        safe=True,
    ),
    defect(
        "npm/another-shell",
        swap(D, NPM_CI, 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN npm ci --omit=dev | cat'),
        found("install-without-cache-mount", D, "RUN npm ci"),
        safe=True,
    ),
    defect(
        "uv/jobs-that-are-commented-out",
        swap(W, "jobs:\n", "jobs:\n  # old:\n  #   steps:\n  #     - uses: actions/checkout@v2\n"),
        swap(W, "persist-credentials: false", "persist-credentials: true"),
        found("workflow-credentials-kept", W, "persist-credentials: true", "- uses: actions/checkout@de0fac"),
        note="what is commented out is not found",
    ),
)

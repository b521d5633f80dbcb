"""Dockerfiles that a naive fix breaks."""

from tests.defects.dockerfile_node import NPM_CI, PREVIEW
from tests.defects.dockerfile_python import BUILDER, FLASK_CMD, FLASK_PIP, RUNTIME
from tests.defects.syntax import BARE_PIP, NO_MOUNT
from tests.defects.values import Declined, Kept, Recode, Whole, swap, trap

D = "Dockerfile"
C = "compose.yml"
WEB = "web/Dockerfile"
FULL = swap(D, RUNTIME, "FROM python:3.12 AS runtime")
RUN_PACKAGES = "RUN apt-get update && apt-get install -y {words} && rm -rf /var/lib/apt/lists/*\n"
ENTRY = 'COPY --link --chmod=755 entrypoint.sh /\nENTRYPOINT ["/entrypoint.sh"]\n'


def packages(words: str, anchor: str = "WORKDIR /srv\nCOPY --from=builder") -> tuple[str, str, str]:
    """The swap that installs Debian packages in the last stage."""
    return D, anchor, RUN_PACKAGES.format(words=words) + anchor


SINGLE_PYTHON = f"""\
FROM python:3.12-slim
WORKDIR /srv
COPY requirements.txt ./
RUN pip install -r requirements.txt
COPY app ./app
EXPOSE 5000
{FLASK_CMD}
"""

TRAPS = (
    # -- slim base
    trap(
        "native/source-build-wants-a-compiler",
        Whole(
            D,
            'FROM python:3.12\nWORKDIR /srv\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY reports ./reports\nEXPOSE 8090\nCMD ["python", "-m", "reports"]\n',
        ),
        Kept(D, "FROM python:3.12\n"),
        Declined("full-base-image"),
        reason="psycopg2 has no wheel: on a slim base there is no gcc and no header of libpq",
        level="unsafe",
    ),
    trap(
        "flask/health-check-wants-the-curl-of-the-full-base",
        FULL,
        swap(
            D,
            'HEALTHCHECK --interval=5s --timeout=3s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen(\'http://127.0.0.1:5000/health\', timeout=2)"]',
            "HEALTHCHECK CMD curl --fail http://127.0.0.1:5000/health",
        ),
        Kept(D, "FROM python:3.12 AS runtime"),
        Declined("full-base-image"),
        reason="curl is there because the base is full",
        level="unsafe",
    ),
    trap(
        "flask/compose-checks-with-the-curl-of-the-full-base",
        FULL,
        swap(
            C,
            "    ports:\n",
            '    healthcheck:\n      test: [CMD, curl, --fail, "http://127.0.0.1:5000/health"]\n    ports:\n',
        ),
        Kept(D, "FROM python:3.12 AS runtime"),
        Declined("full-base-image"),
        reason="the health check that needs curl stands in another file",
        level="unsafe",
    ),
    trap(
        "svelte/alpine-words-mean-nothing-to-debian",
        swap(
            WEB,
            "FROM node:22-alpine AS runtime\n",
            "FROM node:22-alpine AS runtime\nRUN apk add --no-cache tini && addgroup -S board && adduser -S -G board board\n",
        ),
        Kept(WEB, "FROM node:22-alpine AS runtime"),
        Kept(WEB, "apk add"),
        Kept(WEB, "adduser -S -G board board"),
        reason="apk, addgroup -S and adduser -S are errors on a slim base",
        level="unsafe",
    ),
    trap(
        "npm/native-addon-wants-the-full-base",
        swap("package.json", '"polka": "0.5.2"', '"polka": "0.5.2",\n    "better-sqlite3": "12.4.1"'),
        swap(D, "FROM node:22-slim AS builder", "FROM node:22 AS builder"),
        Kept(D, "FROM node:22 AS builder"),
        reason="node-gyp needs python3, make and g++, which the full base has",
        level="unsafe",
    ),
    # -- packages that somebody calls
    trap(
        "flask/entrypoint-calls-nc",
        swap(*packages("netcat-openbsd")),
        Whole("entrypoint.sh", '#!/bin/sh\nuntil nc -z db 5432; do sleep 1; done\nexec "$@"\n'),
        swap(D, "EXPOSE 5000\n", f"{ENTRY}EXPOSE 5000\n"),
        Kept(D, "netcat-openbsd"),
        reason="the script that starts the service waits with nc",
        level="unsafe",
    ),
    trap(
        "flask/health-check-calls-curl",
        swap(*packages("curl git")),
        swap(C, "    ports:\n", "    healthcheck:\n      test: curl -f http://127.0.0.1:5000/health\n    ports:\n"),
        Kept(D, "curl"),
        reason="the compose file calls curl, as a string without a list",
        level="unsafe",
    ),
    trap(
        "flask/program-loads-libgomp",
        swap(*packages("gcc libgomp1")),
        swap("requirements.txt", "werkzeug==3.1.9\n", "werkzeug==3.1.9\nlightgbm==4.6.0\n"),
        Kept(D, "libgomp1"),
        reason="the wheel loads it at run time; no file of the repository says so",
        level="unsafe",
    ),
    trap(
        "native/program-loads-libpq",
        Kept(D, "apt-get install --no-install-recommends -y libpq5"),
        reason="psycopg2 loads libpq.so.5; that it is installed apart from libpq-dev is the point",
        level="unsafe",
    ),
    trap(
        "native/headers-bring-what-runs",
        swap(D, "-y libpq5", "-y libpq-dev"),
        Kept(D, "libpq"),
        reason="libpq-dev brings libpq5: taken away without putting that in its place, the import fails",
        level="unsafe",
    ),
    trap(
        "npm/workflow-calls-git-in-the-image",
        swap(
            D,
            "FROM node:22-slim AS runtime\n",
            "FROM node:22-slim AS runtime\nRUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*\n",
        ),
        swap(
            ".github/workflows/ci.yml",
            "      - run: npm run lint\n",
            "      - run: npm run lint\n      - run: docker run --rm orders:ci git --version\n",
        ),
        Kept(D, "git"),
        reason="a workflow runs git inside of the image",
        level="unsafe",
    ),
    # -- ordinary user
    trap(
        "flask/packages-in-the-home-of-root",
        Whole(
            D,
            f"FROM python:3.12-slim\nWORKDIR /srv\nCOPY requirements.txt ./\nRUN pip install --user -r requirements.txt\nENV PATH=/root/.local/bin:$PATH\nCOPY app ./app\nEXPOSE 5000\n{FLASK_CMD}\n",
        ),
        Declined("root-user"),
        Kept(D, "/root/.local/bin"),
        reason="another user cannot read /root",
        level="unsafe",
    ),
    trap(
        "flask/port-below-1024",
        swap(D, "USER 10001:10001\n", ""),
        swap(D, FLASK_CMD, FLASK_CMD.replace("5000", "80")),
        swap(D, "EXPOSE 5000", "EXPOSE 80"),
        swap(C, "127.0.0.1:5000:5000", "127.0.0.1:5000:80"),
        Declined("root-user"),
        reason="outside of newer engines an ordinary user may not listen on port 80",
        level="unsafe",
    ),
    trap(
        "django/database-in-the-work-directory",
        swap(D, "USER 10001:10001\n", ""),
        swap(
            "shop/settings.py",
            "DEBUG = False\n",
            'DEBUG = False\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/db.sqlite3"}}\nMEDIA_ROOT = "/srv/media"\n',
        ),
        Declined("root-user"),
        reason="SQLite and uploads are written into /srv, which belongs to root",
        level="unsafe",
    ),
    trap(
        "flask/bind-mount-of-somebody-else",
        swap(D, "USER 10001:10001\n", ""),
        swap(C, "    ports:\n", "    volumes:\n      - ./data:/srv/data\n    ports:\n"),
        Declined("root-user"),
        reason="the folder on the host belongs to whoever checked it out",
        level="unsafe",
    ),
    trap(
        "npm/later-step-wants-root",
        swap(D, "USER 1000:1000\n", "USER 1000:1000\nUSER root\nRUN ln -s /srv/server.js /usr/local/bin/orders\n"),
        Kept(D, "USER root\nRUN ln -s"),
        reason="a USER above that step lets it fail",
        level="unsafe",
    ),
    trap(
        "svelte/preview-writes-beside-its-packages",
        swap("web/package.json", "vite preview --configLoader native", "vite preview"),
        swap(WEB, "USER 1000:1000\n", ""),
        Declined("root-user"),
        reason="vite bundles its configuration into a file under node_modules, which belongs to root: it does not start",
        level="unsafe",
    ),
    # -- manifest first
    trap(
        "svelte/prepare-wants-the-source",
        swap("web/package.json", '"build": "vite build"', '"prepare": "svelte-kit sync",\n    "build": "vite build"'),
        swap(WEB, "COPY package.json package-lock.json ./\n", "COPY . .\n"),
        Declined("manifest-after-source"),
        Kept(WEB, "COPY . .\nRUN"),
        reason="npm ci runs prepare, which reads the configuration and the source",
        level="unsafe",
    ),
    trap(
        "npm/postinstall-wants-the-source",
        swap("package.json", '"start"', '"postinstall": "node scripts/setup.js",\n    "start"'),
        Whole("scripts/setup.js", 'import "../server.js";\n'),
        swap(
            D,
            "COPY package.json package-lock.json ./\n",
            "COPY scripts ./scripts\nCOPY server.js package.json package-lock.json ./\n",
        ),
        Declined("manifest-after-source"),
        Declined("install-triggered-by-more"),
        Kept(D, "COPY scripts ./scripts\n"),
        reason="npm ci runs postinstall, whose script is part of the source",
        level="unsafe",
    ),
    trap(
        "flask/editable-install-wants-the-source",
        Whole(
            "pyproject.toml",
            '[project]\nname = "ledger"\nversion = "1"\n\n[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n[tool.setuptools]\npackages = ["app"]\n',
        ),
        swap(D, "COPY requirements.txt ./\n", "COPY . .\n"),
        swap(D, "install -r requirements.txt", "install -e ."),
        Declined("manifest-after-source"),
        Kept(D, "COPY . .\nRUN"),
        reason="an editable install reads the package itself",
        level="unsafe",
    ),
    trap(
        "flask/requirements-name-other-requirements",
        Whole("requirements/base.txt", "flask==3.1.2\n"),
        swap("requirements.txt", "flask==3.1.2\n", "-r requirements/base.txt\n"),
        swap(D, "COPY requirements.txt ./\n", "COPY . .\n"),
        Declined("manifest-after-source"),
        reason="copied alone, requirements.txt names a file that is not there; safe only where both are copied",
    ),
    trap(
        "flask/requirements-name-a-folder",
        swap("requirements.txt", "blinker==1.9.0\n", "./libs/money\nblinker==1.9.0\n"),
        Whole("libs/money/pyproject.toml", '[project]\nname = "money"\nversion = "1"\n'),
        swap(D, "COPY requirements.txt ./\n", "COPY libs ./libs\nCOPY requirements.txt ./\n"),
        Kept(D, "COPY libs ./libs\nCOPY requirements.txt ./\nRUN"),
        reason="the packages come from the source tree",
        level="unsafe",
    ),
    trap(
        "flask/constraints-beside-the-requirements",
        Whole("constraints.txt", "flask<4\n"),
        swap(D, "COPY requirements.txt ./\n", "COPY . .\n"),
        swap(D, "install -r requirements.txt", "install -r requirements.txt -c constraints.txt"),
        Declined("manifest-after-source"),
        reason="the install reads two files; safe only where both are copied first",
    ),
    trap(
        "npm/settings-of-npm-beside-the-manifest",
        Whole(".npmrc", "legacy-peer-deps=true\n"),
        swap(".dockerignore", "**/.npmrc\n", ""),
        swap(D, "COPY package.json package-lock.json ./\n", "COPY . .\n"),
        Declined("manifest-after-source"),
        reason=".npmrc decides how npm installs; safe only where it is copied with the manifest",
    ),
    trap(
        "npm/workspaces-below-the-manifest",
        swap("package.json", '"type": "module"', '"type": "module",\n  "workspaces": ["packages/*"]'),
        Whole("packages/money/package.json", '{ "name": "money", "version": "1.0.0" }\n'),
        swap(D, "COPY package.json package-lock.json ./\n", "COPY . .\n"),
        Declined("manifest-after-source"),
        Kept(D, "COPY . .\nRUN"),
        reason="npm ci reads the manifest of every workspace",
    ),
    trap(
        "npm/patches-applied-after-the-install",
        swap("package.json", '"start"', '"postinstall": "patch-package",\n    "start"'),
        Whole("patches/polka+0.5.2.patch", "--- a\n+++ b\n"),
        swap(D, "COPY package.json package-lock.json ./\n", "COPY . .\n"),
        Declined("manifest-after-source"),
        reason="without the patches in place they are silently not applied",
    ),
    # -- npm ci
    trap(
        "npm/no-lock-file",
        Whole("package-lock.json", None),
        swap(D, "COPY package.json package-lock.json ./", "COPY package.json ./"),
        swap(D, "npm ci --omit=dev", "npm install --omit=dev"),
        Declined("npm-install-over-ci"),
        Kept(D, "npm install --omit=dev"),
        reason="npm ci refuses to work without a lock file",
        level="unsafe",
    ),
    trap(
        "npm/lock-file-that-the-ignore-file-drops",
        swap(".dockerignore", "tests\n", "tests\npackage-lock.json\n"),
        swap(D, "COPY package.json package-lock.json ./", "COPY package*.json ./"),
        swap(D, "npm ci --omit=dev", "npm install --omit=dev"),
        Declined("npm-install-over-ci"),
        Kept(D, "npm install --omit=dev"),
        reason="the build never sees the lock file",
        level="unsafe",
    ),
    trap(
        "npm/lock-file-that-is-not-copied",
        swap(D, "COPY package.json package-lock.json ./", "COPY package.json ./"),
        swap(D, "npm ci --omit=dev", "npm install --omit=dev"),
        Declined("npm-install-over-ci"),
        Kept(D, "npm install --omit=dev"),
        reason="the lock file is left behind",
    ),
    trap(
        "npm/lock-files-of-two-managers",
        Whole("yarn.lock", "# yarn lockfile v1\n"),
        swap(D, "npm ci --omit=dev", "npm install --omit=dev"),
        Declined("npm-install-over-ci"),
        Kept(D, "npm install --omit=dev"),
        reason="nobody knows which of the two is kept up to date",
    ),
    trap(
        "npm/lock-file-behind-its-manifest",
        swap("package.json", '"polka": "0.5.2"', '"polka": "0.5.2",\n    "sirv": "3.0.2"'),
        swap(D, "npm ci --omit=dev", "npm install --omit=dev"),
        Declined("npm-install-over-ci"),
        Kept(D, "npm install --omit=dev"),
        reason="npm ci fails where the lock does not hold what the manifest wants",
        level="unsafe",
    ),
    trap(
        "npm/one-package-by-name",
        swap(D, "npm ci --omit=dev", "npm ci --omit=dev && npm install --no-save sirv@3.0.2"),
        Declined("npm-install-over-ci"),
        Kept(D, "npm install --no-save sirv@3.0.2"),
        reason="an install of a named package has no counterpart in npm ci",
        level="unsafe",
    ),
    trap(
        "svelte/preview-needs-development-packages",
        Kept(WEB, "    npm ci\n"),
        Declined("dev-dependencies-in-image"),
        reason="vite is a development dependency, and vite preview is what runs",
        level="unsafe",
    ),
    trap(
        "svelte/production-before-the-build",
        swap(
            WEB,
            "WORKDIR /srv\nCOPY package.json package-lock.json ./",
            "ENV NODE_ENV=production\nWORKDIR /srv\nCOPY package.json package-lock.json ./",
        ),
        swap(WEB, "    npm ci\n", "    npm install --include=dev\n"),
        Kept(WEB, "--include=dev"),
        reason="under NODE_ENV=production npm ci alone would leave vite out",
        level="unsafe",
    ),
    # -- cache mounts
    trap(
        "flask/cache-of-an-ordinary-user",
        swap(
            D,
            "RUN python -m venv /opt/venv\n",
            "RUN useradd --create-home --uid 10001 maker && install -d -o 10001 /opt/venv /build\nUSER 10001\nRUN python -m venv /opt/venv\n",
        ),
        swap(
            D,
            "--mount=type=cache,target=/root/.cache/pip",
            "--mount=type=cache,target=/home/maker/.cache/pip,uid=10001",
        ),
        Kept(D, "target=/home/maker/.cache/pip,uid=10001"),
        reason="a mount at /root would be one that this user cannot use",
        level="unsafe",
    ),
    trap(
        "npm/cache-in-a-folder-of-its-own",
        swap(D, NPM_CI, "ENV npm_config_cache=/var/cache/npm\nRUN npm ci --omit=dev"),
        Kept(D, "ENV npm_config_cache=/var/cache/npm"),
        reason="a mount at /root/.npm would stay empty: the target is what the variable says",
    ),
    trap(
        "flask/image-copied-from-the-cache",
        swap(
            D,
            "RUN --mount=type=cache,target=/root/.cache/pip \\\n    /opt/venv/bin/pip install -r requirements.txt",
            "RUN /opt/venv/bin/pip install -r requirements.txt",
        ),
        swap(
            D,
            "COPY --from=builder --link /opt/venv /opt/venv",
            "COPY --from=builder --link /opt/venv /opt/venv\nCOPY --from=builder --link /root/.cache/pip /opt/wheels",
        ),
        Declined("install-without-cache-mount"),
        reason="what lies in a mount is in no layer, and so cannot be copied out of it",
        level="unsafe",
    ),
    trap(
        "uv/packages-hard-linked-from-the-cache",
        swap(D, "    UV_LINK_MODE=copy \\\n", ""),
        Kept(D, "uv sync --locked --no-dev --no-editable"),
        reason="without UV_LINK_MODE=copy uv warns and copies anyway: nothing may be dropped for that",
    ),
    trap(
        "flask/no-cache-dir-where-there-is-no-mount",
        swap(
            D,
            FLASK_PIP,
            "RUN --mount=type=secret,id=pip,target=/etc/pip.conf /opt/venv/bin/pip install --no-cache-dir -r requirements.txt",
        ),
        Kept(D, "--mount=type=secret,id=pip,target=/etc/pip.conf"),
        reason="the flag may go only together with the mount that comes; the secret stays",
    ),
    # -- multi-stage
    trap(
        "flask/one-stage-that-a-target-names",
        Whole(D, SINGLE_PYTHON.replace("FROM python:3.12-slim\n", "FROM python:3.12-slim AS web\n")),
        swap(C, "      context: .\n", "      context: .\n      target: web\n"),
        Kept(D, " AS web"),
        Kept(C, "target: web"),
        reason="the stage that compose names must stay the one that runs",
        level="unsafe",
    ),
    trap(
        "flask/console-scripts-of-the-packages",
        Whole(
            D,
            SINGLE_PYTHON.replace(
                FLASK_CMD, 'CMD ["flask", "--app", "app", "run", "--host", "0.0.0.0", "--port", "5000"]'
            ),
        ),
        Kept(D, 'CMD ["flask"'),
        reason="copied without /usr/local/bin, the packages come without the program that is started",
        level="unsafe",
    ),
    trap(
        "svelte/development-server-runs",
        swap(WEB, PREVIEW, 'CMD ["npx", "vite", "--host", "0.0.0.0", "--port", "5173"]'),
        swap(
            WEB, "COPY --from=builder --link /srv/dist ./dist\n", "COPY --link index.html ./\nCOPY --link src ./src\n"
        ),
        Kept(WEB, "COPY --link src ./src"),
        Kept(WEB, "COPY --from=packages --link /srv/node_modules ./node_modules"),
        Declined("dev-dependencies-in-image"),
        reason="a development server needs the source and every package",
        level="unsafe",
    ),
    trap(
        "flask/environment-made-where-it-stays",
        Kept(D, "COPY --from=builder --link /opt/venv /opt/venv"),
        reason="the first line of its programs names /opt/venv: elsewhere they do not start",
        level="unsafe",
    ),
    # -- commands
    trap(
        "flask/port-from-the-environment",
        swap(D, FLASK_CMD, "ENV PORT=5000\nCMD flask --app app run --host 0.0.0.0 --port $PORT"),
        Declined("shell-form-command"),
        Kept(D, "CMD flask --app app run --host 0.0.0.0 --port $PORT"),
        reason="in JSON form nothing replaces $PORT",
        level="unsafe",
    ),
    trap(
        "npm/two-commands-in-one",
        swap(D, 'CMD ["node", "server.js"]', "CMD node --check server.js && exec node server.js"),
        Declined("shell-form-command"),
        Kept(D, "CMD node --check server.js && exec node server.js"),
        reason="&& is the shell's",
        level="unsafe",
    ),
    trap(
        "yarn/command-that-needs-no-shell",
        swap(D, 'CMD ["node", "src/server.js"]', "CMD node src/server.js"),
        Declined("shell-form-command"),
        Kept(D, "CMD node src/server.js"),
        reason="the first process changes from sh to node: that is for the owner to decide",
    ),
    trap(
        "flask/no-command-since-compose-has-it",
        swap(D, f"{FLASK_CMD}\n", ""),
        swap(
            C,
            "    ports:\n",
            '    command: [python, -m, flask, --app, app, run, --host, "0.0.0.0", --port, "5000"]\n    ports:\n',
        ),
        Kept(C, "command: [python, -m, flask"),
        reason="the command is the compose file's",
        level="unsafe",
    ),
    trap(
        "flask/command-before-its-entrypoint",
        swap(D, FLASK_CMD, 'CMD ["run", "--host", "0.0.0.0"]\nENTRYPOINT ["python", "-m", "flask", "--app", "app"]'),
        Kept(D, 'CMD ["run", "--host", "0.0.0.0"]\nENTRYPOINT'),
        reason="their order says nothing, and what both say must stay",
        level="unsafe",
    ),
    # -- variables
    trap(
        "uv/bytecode-is-compiled-already",
        swap(D, "    PYTHONDONTWRITEBYTECODE=1 \\\n", ""),
        Kept(D, "ENV UV_COMPILE_BYTECODE=1"),
        reason="UV_COMPILE_BYTECODE=1 has done what PYTHONDONTWRITEBYTECODE is for",
    ),
    trap(
        "flask/zero-means-on",
        swap(D, "PYTHONUNBUFFERED=1", "PYTHONUNBUFFERED=0"),
        Kept(D, "PYTHONUNBUFFERED=0"),
        reason="any word but an empty one switches it on: it is set already",
    ),
    trap(
        "flask/variables-of-an-earlier-stage",
        swap(D, " \\\n    PYTHONDONTWRITEBYTECODE=1 \\\n    PYTHONUNBUFFERED=1", ""),
        swap(
            D,
            RUNTIME,
            "FROM python:3.12-slim AS common\nENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1\n\nFROM common AS runtime",
        ),
        Declined("python-env-missing"),
        reason="the stage inherits them",
    ),
    # -- syntax that a fix must leave as it is
    trap(
        "flask/syntax-line-stays-on-top",
        swap(D, "# The packages", "# syntax = docker/dockerfile:1\n# escape=\\\n# The packages"),
        NO_MOUNT,
        Kept(D, "# syntax = docker/dockerfile:1\n# escape=\\\n"),
        reason="directives count only before anything else",
        level="unsafe",
    ),
    trap(
        "flask/windows-newlines-stay",
        NO_MOUNT,
        Recode(D, newline="\r\n"),
        Kept(D, "COPY requirements.txt ./\r\n"),
        reason="bytes outside of the fix are not ours",
        level="unsafe",
    ),
    trap(
        "flask/mark-of-byte-order-stays",
        NO_MOUNT,
        Recode(D, encoding="utf-8-sig"),
        Kept(D, "# The packages are installed"),
        reason="the file began with it",
        level="unsafe",
    ),
    trap(
        "flask/no-newline-appears-at-the-end",
        NO_MOUNT,
        Recode(D, final=False),
        Kept(D, "image.version=$VERSION"),
        reason="the file ended without one",
        level="unsafe",
    ),
    trap(
        "flask/body-of-a-heredoc-is-no-instruction",
        swap(D, FLASK_PIP, f"{BARE_PIP}\nCOPY <<'END' /build/note\nRUN pip install nothing\nUSER root\nEND"),
        Kept(D, "\nRUN pip install nothing\nUSER root\nEND"),
        reason="it is the content of a file",
        level="unsafe",
    ),
    trap(
        "npm/trigger-for-whoever-builds-on-it",
        swap(D, NPM_CI, f"ONBUILD RUN npm install\n{NPM_CI}"),
        Kept(D, "ONBUILD RUN npm install\n"),
        reason="it runs in another build, about whose lock file nothing is known",
        level="unsafe",
    ),
    trap(
        "flask/archive-that-add-unpacks",
        swap(D, "COPY --link app ./app", "ADD --link vendor.tar.gz ./\nCOPY --link app ./app"),
        Whole("vendor.tar.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
        Declined("add-over-copy"),
        Kept(D, "ADD --link vendor.tar.gz ./"),
        reason="COPY does not unpack",
        level="unsafe",
    ),
    trap(
        "flask/file-that-add-fetches",
        swap(D, "COPY requirements.txt ./", "ADD https://example.org/ca.pem /build/ca.pem\nCOPY requirements.txt ./"),
        Declined("add-over-copy"),
        Kept(D, "ADD https://example.org/ca.pem"),
        reason="COPY does not fetch",
        level="unsafe",
    ),
    trap(
        "flask/stage-from-an-outside-image",
        swap(
            D,
            "COPY --link app ./app",
            "COPY --from=registry.example.org/tool:1.2 /tool /usr/local/bin/tool\nCOPY --link app ./app",
        ),
        Kept(D, "COPY --from=registry.example.org/tool:1.2"),
        reason="it is no stage of this file",
        level="unsafe",
    ),
    trap(
        "flask/link-into-a-folder-that-is-a-link",
        swap(
            D,
            "WORKDIR /srv\nCOPY --from=builder --link",
            "RUN mkdir -p /data/srv && rm -rf /opt && ln -s /data/srv /opt\nWORKDIR /srv\nCOPY --from=builder",
        ),
        Declined("link-missing"),
        reason="with --link the copy replaces the link by a folder instead of following it",
    ),
    trap(
        "npm/owner-of-a-volume",
        swap(
            D,
            "USER 1000:1000",
            "RUN mkdir -p /srv/data && chown -R node:node /srv/data\nVOLUME /srv/data\nUSER 1000:1000",
        ),
        Kept(D, "chown -R node:node /srv/data\nVOLUME /srv/data"),
        reason="this chown is of an empty folder, before the volume: no layer is doubled, and the volume takes its owner",
        level="unsafe",
    ),
    trap(
        "flask/base-chosen-by-whoever-builds",
        swap(
            D, f"# The packages are installed in a stage of their own.\n{BUILDER}", f"ARG BASE=python:3.12\n{BUILDER}"
        ),
        swap(D, RUNTIME, "FROM ${BASE} AS runtime"),
        Kept(D, "FROM ${BASE} AS runtime"),
        reason="what the argument is outside of this repository is not known",
        level="unsafe",
    ),
)

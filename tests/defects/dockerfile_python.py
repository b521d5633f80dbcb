"""Defects of Dockerfiles of Python services."""

from tests.defects.values import Whole, defect, found, swap

D = "Dockerfile"
API = "api/Dockerfile"
CATALOG = "services/catalog/Dockerfile"
PIP_MOUNT = "--mount=type=cache,target=/root/.cache/pip \\\n    "
FLASK_PIP = "RUN --mount=type=cache,target=/root/.cache/pip \\\n    /opt/venv/bin/pip install -r requirements.txt"
FLASK_CMD = 'CMD ["python", "-m", "flask", "--app", "app", "run", "--host", "0.0.0.0", "--port", "5000"]'
BUILDER = "FROM python:3.12-slim AS builder"
RUNTIME = "FROM python:3.12-slim AS runtime"
PYTHON_ENV = " \\\n    PYTHONDONTWRITEBYTECODE=1 \\\n    PYTHONUNBUFFERED=1"
HEALTH = (
    'HEALTHCHECK --interval=5s --timeout=3s CMD ["python", "-c", "import urllib.request; '
    "urllib.request.urlopen('http://127.0.0.1:{port}/health', timeout=2)\"]\n"
)
APT_MOUNTS = (
    "--mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
    "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
    "    rm -f /etc/apt/apt.conf.d/docker-clean \\\n    && "
)
APT_BUILD = "apt-get update \\\n    && apt-get install --no-install-recommends -y gcc libc6-dev libpq-dev"
APT_RUN = "apt-get update \\\n    && apt-get install --no-install-recommends -y libpq5"

SINGLE = """\
FROM python:3.12-slim
RUN apt-get update && apt-get install -y gcc libc6-dev libpq-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /srv
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY reports ./reports
EXPOSE 8090
CMD ["python", "-m", "reports"]
"""
NAIVE = """\
FROM python:3.12
WORKDIR /srv
COPY . .
RUN pip install -r requirements.txt
EXPOSE 5000
CMD flask --app app run --host 0.0.0.0 --port 5000
"""

DEFECTS = (
    # -- install-without-cache-mount
    defect(
        "flask/pip-without-a-mount",
        swap(D, FLASK_PIP, "RUN /opt/venv/bin/pip install -r requirements.txt"),
        found("install-without-cache-mount", D, "RUN /opt/venv/bin/pip"),
        safe=True,
    ),
    defect(
        "flask/pip-as-a-module-without-a-mount",
        swap(D, FLASK_PIP, "RUN /opt/venv/bin/python -m pip install -r requirements.txt"),
        found("install-without-cache-mount", D, "-m pip install"),
        safe=True,
    ),
    defect(
        "flask/pip-behind-other-commands-without-a-mount",
        swap(D, "RUN python -m venv /opt/venv\n", ""),
        swap(
            D,
            FLASK_PIP,
            "RUN python -m venv /opt/venv && \\\n    . /opt/venv/bin/activate && \\\n    pip3 install -r requirements.txt",
        ),
        found("install-without-cache-mount", D, "RUN python -m venv", "pip3 install"),
        safe=True,
    ),
    defect(
        "fastapi/pip-with-a-bind-mount-alone",
        swap(API, PIP_MOUNT, ""),
        found("install-without-cache-mount", API, "--mount=type=bind", "pip install"),
        safe=True,
    ),
    defect(
        "uv/sync-without-a-mount",
        swap(D, "--mount=type=cache,target=/root/.cache/uv \\\n    ", ""),
        found("install-without-cache-mount", D, "RUN uv sync"),
        safe=True,
    ),
    defect(
        "uv/pip-that-brings-uv-without-a-mount",
        swap(D, PIP_MOUNT, ""),
        found("install-without-cache-mount", D, "RUN pip install uv"),
        safe=True,
    ),
    defect(
        "django/poetry-without-a-mount",
        swap(D, "--mount=type=cache,target=/root/.cache/pypoetry \\\n    ", ""),
        found("install-without-cache-mount", D, "RUN poetry install"),
        safe=True,
    ),
    defect(
        "native/apt-without-mounts",
        swap(D, f"RUN {APT_MOUNTS}{APT_BUILD}", f"RUN {APT_BUILD} \\\n    && rm -rf /var/lib/apt/lists/*"),
        found("install-without-cache-mount", D, f"RUN {APT_BUILD}"),
        safe=True,
        also="cache-mount-defeated",
        note="what cleans up has to go when the mounts come",
    ),
    # -- cache-mount-defeated
    defect(
        "flask/no-cache-dir-beside-the-mount",
        swap(D, "pip install -r", "pip install --no-cache-dir -r"),
        found("cache-mount-defeated", D, "RUN --mount=type=cache", "--no-cache-dir"),
        safe=True,
    ),
    defect(
        "flask/pip-cache-switched-off-by-the-environment",
        swap(
            D, "ENV PIP_DISABLE_PIP_VERSION_CHECK=1", "ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \\\n    PIP_NO_CACHE_DIR=1"
        ),
        found("cache-mount-defeated", D, "ENV PIP_DISABLE", "PIP_NO_CACHE_DIR", "RUN --mount=type=cache"),
        safe=True,
    ),
    defect(
        "uv/no-cache-beside-the-mount",
        swap(D, "uv sync --locked", "uv sync --no-cache --locked"),
        found("cache-mount-defeated", D, "target=/root/.cache/uv", "uv sync --no-cache"),
        safe=True,
    ),
    defect(
        "uv/uv-cache-switched-off-by-the-environment",
        swap(D, "UV_LINK_MODE=copy \\\n", "UV_LINK_MODE=copy \\\n    UV_NO_CACHE=1 \\\n"),
        found("cache-mount-defeated", D, "ENV UV_COMPILE", "UV_NO_CACHE", "target=/root/.cache/uv"),
        safe=True,
    ),
    defect(
        "django/poetry-no-cache-beside-the-mount",
        swap(D, "poetry install --only", "poetry install --no-cache --only"),
        found("cache-mount-defeated", D, "target=/root/.cache/pypoetry", "poetry install --no-cache"),
        safe=True,
    ),
    defect(
        "native/lists-removed-out-of-the-mount",
        swap(D, "gcc libc6-dev libpq-dev", "gcc libc6-dev libpq-dev \\\n    && rm -rf /var/lib/apt/lists/*"),
        found(
            "cache-mount-defeated",
            D,
            "# psycopg2 is compiled: it wants a compiler and the headers of libpq.\nRUN",
            "rm -rf /var/lib",
        ),
        safe=True,
    ),
    defect(
        "native/docker-clean-left-in-place",
        swap(
            D,
            APT_MOUNTS + APT_RUN,
            APT_MOUNTS.replace("rm -f /etc/apt/apt.conf.d/docker-clean \\\n    && ", "") + APT_RUN,
        ),
        found("cache-mount-defeated", D, "# What the compiled module loads at run time.\nRUN", APT_RUN),
        safe=True,
        note="Debian images delete what apt has fetched as soon as it is installed",
    ),
    # -- order
    defect(
        "flask/source-copied-before-the-install",
        swap(D, "COPY requirements.txt ./", "COPY . ."),
        found("manifest-after-source", D, "COPY . .", FLASK_PIP),
        safe=True,
        also="install-triggered-by-more copy-too-wide",
    ),
    defect(
        "django/package-copied-before-the-install",
        swap(
            D,
            "COPY pyproject.toml poetry.lock ./",
            "COPY manage.py ./\nCOPY shop ./shop\nCOPY pyproject.toml poetry.lock ./",
        ),
        found(
            "manifest-after-source",
            D,
            "COPY shop ./shop\nCOPY pyproject",
            "COPY manage.py ./\nCOPY shop ./shop\nCOPY pyp",
            "poetry install",
            "COPY pyproject",
        ),
        safe=True,
        also="install-triggered-by-more",
    ),
    defect(
        "flask/install-triggered-by-the-session-file",
        swap(D, "COPY requirements.txt ./", "COPY requirements.txt noxfile.py ./"),
        found("install-triggered-by-more", D, "COPY requirements.txt noxfile.py", FLASK_PIP),
        also="manifest-after-source",
    ),
    defect(
        "fastapi/install-triggered-by-the-whole-context",
        swap(
            API, "--mount=type=bind,source=requirements.txt,target=requirements.txt", "--mount=type=bind,target=/build"
        ),
        found("install-triggered-by-more", API, "RUN --mount=type=cache", "--mount=type=bind,target=/build"),
    ),
    defect(
        "flask/version-declared-before-the-install",
        swap(D, "WORKDIR /build\n", "WORKDIR /build\nARG VERSION=local\n"),
        found("argument-too-early", D, "ARG VERSION=local\nRUN python"),
    ),
    defect(
        "native/revision-declared-before-the-packages",
        swap(D, f"{RUNTIME}\n", f"{RUNTIME}\nARG REVISION=none\nENV REVISION=$REVISION\n"),
        found("argument-too-early", D, "ARG REVISION", "ENV REVISION"),
    ),
    # -- what stays in the image
    defect(
        "native/one-stage-with-its-compiler",
        Whole(D, SINGLE),
        found("single-stage", D, "FROM python"),
        found("build-tools-in-image", D, "RUN apt-get"),
        also="install-without-cache-mount cache-mount-defeated apt-discipline python-env-missing root-user "
        "healthcheck-missing link-missing compose-healthcheck-missing",
    ),
    defect(
        "flask/as-it-is-found-everywhere",
        Whole(D, NAIVE),
        found("full-base-image", D, "FROM python"),
        found("manifest-after-source", D, "COPY . .", "RUN pip"),
        found("install-without-cache-mount", D, "RUN pip"),
        found("python-env-missing", D, "FROM python"),
        found("root-user", D, "FROM python"),
        found("shell-form-command", D, "CMD flask"),
        found("healthcheck-missing", D, "FROM python"),
        also="single-stage copy-too-wide install-triggered-by-more package-cache-in-image build-tools-in-image "
        "compose-healthcheck-missing link-missing",
    ),
    defect(
        "native/compiler-in-the-last-stage",
        swap(D, "-y libpq5", "-y gcc libpq-dev libpq5"),
        found(
            "build-tools-in-image", D, "# What the compiled module loads at run time.\nRUN", "-y gcc libpq-dev libpq5"
        ),
    ),
    defect(
        "flask/git-in-the-last-stage",
        swap(
            D,
            f"{RUNTIME}\n",
            f"{RUNTIME}\nRUN {APT_MOUNTS}apt-get update \\\n    && apt-get install --no-install-recommends -y git\n",
        ),
        found("build-tools-in-image", D, "RUN --mount=type=cache,target=/var/cache/apt", "-y git"),
    ),
    defect(
        "flask/pip-leaves-its-cache",
        swap(D, "COPY --link app ./app", "RUN pip install gunicorn==25.3.0\nCOPY --link app ./app"),
        found("package-cache-in-image", D, "RUN pip install gunicorn"),
        found("install-without-cache-mount", D, "RUN pip install gunicorn"),
        safe=True,
    ),
    defect(
        "native/apt-leaves-its-lists",
        swap(D, APT_MOUNTS + APT_RUN, APT_RUN),
        found("package-cache-in-image", D, f"RUN {APT_RUN}"),
        found("install-without-cache-mount", D, f"RUN {APT_RUN}"),
        safe=True,
    ),
    defect(
        "django/development-packages-shipped",
        swap(D, "poetry install --only main --no-root", "poetry install --no-root"),
        found("dev-dependencies-in-image", D, "target=/root/.cache/pypoetry", "poetry install --no-root"),
    ),
    defect(
        "flask/development-requirements-shipped",
        swap(D, "COPY requirements.txt ./", "COPY requirements.txt requirements-dev.txt ./"),
        swap(D, "install -r requirements.txt", "install -r requirements-dev.txt"),
        found(
            "dev-dependencies-in-image",
            D,
            FLASK_PIP.replace("requirements", "requirements-dev"),
            "install -r requirements-dev",
        ),
    ),
    # -- bases
    defect(
        "flask/full-base-at-run-time",
        swap(D, RUNTIME, "FROM python:3.12 AS runtime"),
        found("full-base-image", D, "FROM python:3.12 AS"),
        also="build-tools-in-image",
    ),
    defect(
        "fastapi/full-base-of-a-named-release",
        swap(API, RUNTIME, "FROM python:3.12-bookworm AS runtime"),
        found("full-base-image", API, "FROM python:3.12-bookworm"),
        also="build-tools-in-image",
    ),
    defect(
        "monorepo/python-past-its-end",
        swap(CATALOG, BUILDER, "FROM python:3.8-slim AS builder"),
        swap(CATALOG, RUNTIME, "FROM python:3.8-slim AS runtime"),
        found("base-past-end-of-life", CATALOG, "FROM python:3.8-slim AS runtime", "FROM python:3.8-slim AS builder"),
        found("version-disagrees", CATALOG, "FROM python:3.8-slim AS runtime", "FROM python:3.8-slim AS builder"),
        note="pyproject.toml wants 3.12 or later",
    ),
    defect(
        "native/debian-past-its-end",
        swap(D, BUILDER, "FROM python:3.12-slim-buster AS builder"),
        swap(D, RUNTIME, "FROM python:3.12-slim-buster AS runtime"),
        found("base-past-end-of-life", D, "buster AS runtime", "buster AS builder"),
    ),
    defect(
        "flask/base-without-a-tag",
        swap(D, BUILDER, "FROM python AS builder"),
        found("base-not-pinned", D, "FROM python AS"),
        also="full-base-image version-disagrees",
    ),
    defect(
        "uv/base-of-the-latest",
        swap(D, BUILDER, "FROM python:latest AS builder"),
        found("base-not-pinned", D, "FROM python:latest"),
        also="full-base-image version-disagrees",
    ),
    defect(
        "django/base-without-a-version",
        swap(D, RUNTIME, "FROM python:slim AS runtime"),
        found("base-not-pinned", D, "FROM python:slim"),
        also="version-disagrees",
    ),
    # -- the running container
    defect(
        "flask/no-python-variables",
        swap(D, PYTHON_ENV, ""),
        found("python-env-missing", D, RUNTIME, "ENV PATH"),
        safe=True,
    ),
    defect(
        "monorepo/output-kept-back",
        swap(CATALOG, " \\\n    PYTHONUNBUFFERED=1", ""),
        found("python-env-missing", CATALOG, RUNTIME, "ENV PYTHONDONT"),
        safe=True,
    ),
    defect(
        "uv/bytecode-written-at-run-time",
        swap(D, "    PYTHONDONTWRITEBYTECODE=1 \\\n", ""),
        swap(D, "ENV UV_COMPILE_BYTECODE=1 \\\n    UV_LINK_MODE", "ENV UV_LINK_MODE"),
        found("python-env-missing", D, RUNTIME, "ENV PATH"),
        safe=True,
    ),
    defect(
        "flask/root",
        swap(D, "USER 10001:10001\n", ""),
        found("root-user", D, RUNTIME, FLASK_CMD),
    ),
    defect(
        "django/root-by-name",
        swap(D, "USER 10001:10001", "USER root"),
        found("root-user", D, "USER root", RUNTIME),
    ),
    defect(
        "uv/root-again-at-the-end",
        swap(D, "EXPOSE 8080\n", "EXPOSE 8080\nUSER 0:0\n"),
        found("root-user", D, "USER 0:0", RUNTIME),
    ),
    defect(
        "flask/no-health-check",
        swap(D, HEALTH.format(port=5000), ""),
        found("healthcheck-missing", D, RUNTIME),
        also="compose-healthcheck-missing",
    ),
    defect(
        "uv/health-check-switched-off",
        swap(D, HEALTH.format(port=8080), "HEALTHCHECK NONE\n"),
        found("healthcheck-missing", D, RUNTIME, "HEALTHCHECK NONE"),
        also="compose-healthcheck-missing",
    ),
    defect(
        "flask/health-check-with-a-curl-that-is-not-there",
        swap(D, HEALTH.format(port=5000), "HEALTHCHECK CMD curl --fail http://127.0.0.1:5000/health || exit 1\n"),
        found("healthcheck-tool-missing", D, "HEALTHCHECK CMD curl"),
    ),
    defect(
        "fastapi/compose-checks-with-a-wget-that-is-not-there",
        swap(
            "compose.yml",
            '    ports:\n      - "127.0.0.1:8000:8000"\n',
            '    ports:\n      - "127.0.0.1:8000:8000"\n    healthcheck:\n      test: [CMD, wget, --spider, "http://127.0.0.1:8000/health"]\n',
        ),
        found(
            "healthcheck-tool-missing", "compose.yml", "    healthcheck:\n      test: [CMD, wget", "test: [CMD, wget"
        ),
    ),
    defect(
        "flask/command-in-shell-form",
        swap(D, FLASK_CMD, "CMD python -m flask --app app run --host 0.0.0.0 --port 5000"),
        found("shell-form-command", D, "CMD python"),
    ),
    defect(
        "django/entrypoint-in-quotes",
        swap(
            D,
            'CMD ["gunicorn", "shop.wsgi:application", "--bind", "0.0.0.0:8000"]',
            'ENTRYPOINT "gunicorn shop.wsgi:application --bind 0.0.0.0:8000"',
        ),
        found("shell-form-command", D, "ENTRYPOINT"),
    ),
    # -- secrets
    defect(
        "flask/password-among-the-variables",
        swap(D, "EXPOSE 5000\n", "EXPOSE 5000\nENV DATABASE_PASSWORD=correct-horse-battery\n"),
        found("secret-in-build", D, "ENV DATABASE_PASSWORD"),
    ),
    defect(
        "django/token-as-an-argument",
        swap(D, "COPY pyproject.toml", "ARG INDEX_TOKEN\nCOPY pyproject.toml"),
        found("secret-in-build", D, "ARG INDEX_TOKEN"),
        also="argument-too-early",
    ),
    defect(
        "fastapi/environment-file-copied",
        Whole("api/.env", "SECRET=correct-horse-battery\n"),
        swap("api/.dockerignore", "**/.env\n**/.env.*\n", ""),
        swap(API, "COPY --link trips ./trips", "COPY --link trips ./trips\nCOPY --link .env ./"),
        found("secret-in-build", API, "COPY --link .env"),
        also="ignore-lacks-secrets",
    ),
    # -- copies
    defect(
        "flask/add-of-a-file",
        swap(D, "COPY requirements.txt", "ADD requirements.txt"),
        found("add-over-copy", D, "ADD requirements.txt"),
        safe=True,
    ),
    defect(
        "native/add-of-a-folder",
        swap(D, "COPY --link reports ./reports", "ADD --link reports ./reports"),
        found("add-over-copy", D, "ADD --link"),
        safe=True,
    ),
    defect(
        "flask/owner-changed-in-a-layer-of-its-own",
        swap(D, "USER 10001:10001", "RUN chown -R 10001:10001 /srv\nUSER 10001:10001"),
        found("chown-doubles-layer", D, "RUN chown"),
        safe=True,
    ),
    defect(
        "flask/everything-into-the-image",
        swap(D, "COPY --link app ./app", "COPY --link . ."),
        found("copy-too-wide", D, "COPY --link . ."),
    ),
    defect(
        "monorepo/everything-into-the-builder",
        swap(
            CATALOG,
            "COPY --from=builder --link /srv/catalog ./catalog",
            "COPY --from=builder --link /srv /srv\nCOPY --link . ./",
        ),
        found("copy-too-wide", CATALOG, "COPY --link . ./"),
    ),
    defect(
        "flask/tests-copied-though-ignored",
        swap(D, "COPY --link app ./app", "COPY --link app ./app\nCOPY --link tests ./tests"),
        found("copy-of-ignored", D, "COPY --link tests"),
        also="ignore-hides-copied",
        builds=False,
    ),
    defect(
        "flask/readme-copied-though-ignored",
        swap(D, "COPY --link app ./app", "COPY --link README.md app/ ./app/"),
        found("copy-of-ignored", D, "COPY --link README.md"),
        also="ignore-hides-copied",
        builds=False,
    ),
    defect(
        "flask/packages-copied-without-link",
        swap(D, "COPY --from=builder --link /opt/venv", "COPY --from=builder /opt/venv"),
        found("link-missing", D, "COPY --from=builder"),
        safe=True,
    ),
    defect(
        "django/packages-copied-without-link",
        swap(D, "COPY --from=builder --link /srv/.venv", "COPY --from=builder /srv/.venv"),
        found("link-missing", D, "COPY --from=builder"),
        safe=True,
    ),
    defect(
        "flask/cache-of-another-user",
        swap(
            D,
            "RUN python -m venv /opt/venv\n",
            "RUN useradd --create-home --uid 10001 maker && python -m venv /opt/venv && chown -R maker /opt/venv\nUSER maker\n",
        ),
        swap(D, "target=/root/.cache/pip", "target=/home/maker/.cache/pip"),
        found("mount-owner-mismatch", D, "RUN --mount=type=cache", "target=/home/maker"),
        safe=True,
        also="chown-doubles-layer",
        note="the mount belongs to root unless uid says otherwise, and pip then does without it",
    ),
    # -- apt
    defect(
        "native/recommended-packages-too",
        swap(D, "--no-install-recommends -y libpq5", "-y libpq5"),
        found("apt-discipline", D, "# What the compiled module loads at run time.\nRUN", "apt-get install -y libpq5"),
    ),
    defect(
        "native/update-in-a-step-of-its-own",
        swap(D, f"RUN {APT_MOUNTS}{APT_BUILD}", f"RUN apt-get update\nRUN {APT_MOUNTS}{APT_BUILD.partition('&& ')[2]}"),
        found("apt-discipline", D, "RUN apt-get update", "gcc libc6-dev"),
        also="package-cache-in-image install-without-cache-mount",
    ),
    defect(
        "native/install-that-waits-for-an-answer",
        swap(D, "--no-install-recommends -y libpq5", "--no-install-recommends libpq5"),
        found("apt-discipline", D, "# What the compiled module loads at run time.\nRUN", "recommends libpq5"),
    ),
)

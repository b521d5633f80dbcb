"""Made-up repositories of many services, the same every time: one with ordinary flaws, one that can be built. Pure."""

PYTHON = """\
FROM python:3.12-slim AS builder
WORKDIR /srv
COPY requirements.txt ./
RUN pip install --no-cache-dir --prefix=/install -r requirements.txt

FROM python:3.12-slim
WORKDIR /srv
RUN apt-get update && apt-get install -y curl
COPY --from=builder /install /usr/local
COPY app ./app
EXPOSE 8000
CMD gunicorn --bind 0.0.0.0:8000 app:app
"""
NODE = """\
FROM node:22-slim AS builder
WORKDIR /srv
COPY . .
RUN npm ci
RUN npm run build

FROM node:22-slim
WORKDIR /srv
ENV NODE_ENV=production
COPY --from=builder /srv/build ./build
COPY package.json ./
USER node
EXPOSE 3000
CMD ["node", "build/index.js"]
"""
IGNORE = """\
.git
**/node_modules
**/__pycache__
.env
"""
SERVICE = """\
  {name}:
    build: services/{name}
    environment:
      LOG_LEVEL: info
    ports:
      - "{port}:{inner}"
    depends_on: [database]
"""
COMPOSE = """\
services:
  database:
    image: postgres:16.4
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/database
{services}"""
STEP = """\
      - uses: docker/build-push-action@v6
        with:
          context: services/{name}
          tags: shop/{name}:ci
"""
WORKFLOW = """\
name: CI
on: [push]
jobs:
  images:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: docker/setup-buildx-action@v3
{steps}"""
APP = "def app(environ, start):\n    start('200 OK', [])\n    return [b'{name}']\n"
PACKAGE = '{{"name": "{name}", "private": true, "scripts": {{"build": "node build.js"}}}}\n'
LOCK = '{{"name": "{name}", "lockfileVersion": 3, "packages": {{}}}}\n'
BUILT = """\
FROM python:3.12-slim
ARG RELEASE
WORKDIR /srv
COPY requirements.txt ./
RUN python3 -c "import hashlib; hashlib.pbkdf2_hmac('sha256', b'{name}', b'salt', {rounds})"
COPY --from=shared . shared
COPY app app
CMD ["python3", "-m", "app"]
"""
COPIED = """\
FROM scratch
COPY --from=shared . /shared
COPY app /app
"""
BUILDABLE = """\
  {name}:
    image: shop/{name}:local
    build:
      context: services/{name}
      args:
        RELEASE: "1"
      additional_contexts:
        shared: shared
"""
ROUNDS = 1_500_000  # some tenths of a second of one core


def of(count: int) -> dict[str, str]:
    """The files of so many services, path by path: a folder for each, one compose file, one workflow."""
    names = [f"service-{number:03}" for number in range(count)]
    files: dict[str, str] = {}
    services = []
    for number, name in enumerate(names):
        is_python = number % 2 == 0
        kind = _python(name) if is_python else _node(name)
        files |= {f"services/{name}/{path}": text for path, text in kind.items()}
        services.append(SERVICE.format(name=name, port=10_000 + number, inner=8000 if is_python else 3000))
    steps = "".join(STEP.format(name=name) for name in names)
    files["compose.yml"] = COMPOSE.format(services="".join(services))
    files[".github/workflows/ci.yml"] = WORKFLOW.format(steps=steps)
    return files


def buildable(count: int, *, salt: str = "") -> dict[str, str]:
    """The files of so many services that can be built without a network: half run a step on a base, half only copy.

    Every one of them copies a folder that all share, and has a few files of its own. With another salt, no step was
    built before.
    """
    names = [f"service-{number:03}" for number in range(count)]
    files = {f"shared/{name}.py": f"{name.upper()} = '{salt}'\n" for name in ("clock", "log", "money")}
    for number, name in enumerate(names):
        text = COPIED if number % 2 else BUILT.format(name=name, rounds=ROUNDS)
        own = {f"app/part_{part}.py": f"# part {part} of {name}\n" * 20 for part in range(5)}
        kind = {"Dockerfile": text, ".dockerignore": IGNORE, "requirements.txt": f"gunicorn==23.0.0\n# {salt}\n", **own}
        files |= {f"services/{name}/{path}": text for path, text in kind.items()}
    files["compose.yml"] = "name: shop\nservices:\n" + "".join(BUILDABLE.format(name=name) for name in names)
    return files


def _python(name: str) -> dict[str, str]:
    return {
        "Dockerfile": PYTHON,
        ".dockerignore": IGNORE,
        "requirements.txt": "gunicorn==23.0.0\n",
        "app/__init__.py": APP.format(name=name),
    }


def _node(name: str) -> dict[str, str]:
    return {
        "Dockerfile": NODE,
        ".dockerignore": IGNORE,
        "package.json": PACKAGE.format(name=name),
        "package-lock.json": LOCK.format(name=name),
        "build.js": f"// builds {name}\n",
    }

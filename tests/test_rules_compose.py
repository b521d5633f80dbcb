"""What the rules for compose files leave alone, and the forms in which their fixes find the words."""

import pytest

from drydock import rules
from drydock.audit import auditing, fixing, tree
from drydock.audit.repository import Repository

NODE = 'FROM node:22-slim\nWORKDIR /srv\nCOPY package.json package-lock.json ./\nRUN npm ci\nCMD ["node", "a.js"]\n'
PYTHON = 'FROM python:3.12-slim\nEXPOSE 5000\nCMD ["python", "app.py"]\n'
DB = "  db:\n    image: postgres:16\n    healthcheck: {test: [CMD, pg_isready]}\n"


def repository(files: dict[str, str]) -> Repository:
    return Repository(tree.of(files))


def said(code: str, files: dict[str, str]) -> list[str]:
    some = [rule for rule in rules.RULES if rule.code == code]
    assert some
    return [finding.message for finding in auditing.run(repository(files), some)]


def mended(code: str, files: dict[str, str], *, unsafe: bool = True) -> dict[str, str]:
    some = [rule for rule in rules.RULES if rule.code == code]
    fixed = fixing.fix(repository(files), some, unsafe=unsafe)
    return {path: fixed.repository.tree.read(path).decode() for path in fixed.changed}


def web(*lines: str) -> str:
    return "services:\n  web:\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("code", "files"),
    [
        pytest.param("compose-latest-image", {"compose.yml": web("image: ${IMAGE:-redis}")}, id="a variable names it"),
        pytest.param(
            "compose-latest-image", {"compose.yml": web("image: redis:${TAG:-latest}")}, id="a variable tags it"
        ),
        pytest.param("compose-latest-image", {"compose.yml": web("image: redis@sha256:0")}, id="a digest"),
        pytest.param(
            "compose-depends-on-without-condition",
            {"compose.yml": web("depends_on: {db: {condition: service_started}}") + "  db:\n    image: postgres:16\n"},
            id="no health check to wait for",
        ),
        pytest.param(
            "compose-depends-on-without-condition",
            {"compose.yml": web("depends_on: {db: {condition: service_completed_successfully}}") + DB},
            id="its end is waited for",
        ),
        pytest.param("compose-latest-image", {"compose.yml": web("image: own", "build: .")}, id="only a name"),
        pytest.param(
            "compose-latest-image",
            {"compose.yml": web("build: ."), "compose.prod.yml": web("image: example.org/own")},
            id="the other half builds it",
        ),
        pytest.param(
            "compose-port-on-all-interfaces", {"compose.yml": web('ports: ["80:8080"]')}, id="made to be reached"
        ),
        pytest.param(
            "compose-port-on-all-interfaces",
            {"compose.yml": web('ports: ["${BIND}:5000:5000"]')},
            id="address by variable",
        ),
        pytest.param(
            "compose-port-on-all-interfaces", {"compose.yml": web('ports: ["0.0.0.0:5000:5000"]')}, id="decided"
        ),
        pytest.param(
            "compose-port-on-all-interfaces", {"compose.yml": web('ports: ["[::1]:5000:5000/udp"]')}, id="IPv6"
        ),
        pytest.param("compose-port-on-all-interfaces", {"compose.yml": web("expose: [5000]")}, id="exposed alone"),
        pytest.param(
            "compose-port-on-all-interfaces",
            {"compose.yml": web('ports: ["${FORWARD:-127.0.0.1:8000}:${PORT:-8000}"]')},
            id="a default with an address",
        ),
        pytest.param(
            "compose-secret-in-file",
            {"compose.yml": web("environment:", "  APP_SECRET: replace-me-with-a-random-string")},
            id="a word that asks to be replaced",
        ),
        pytest.param(
            "compose-secret-in-file",
            {"compose.yml": web("environment:", "  DATABASE_URL: postgres://app:changeme@db/app")},
            id="such a word in an address",
        ),
        pytest.param(
            "healthcheck-tool-missing",
            {
                "compose.yml": web("build: .", "healthcheck: {test: curl localhost}"),
                "Dockerfile": "FROM nginx:1.19.7-alpine\n",
            },
            id="an image of another program may bring tools",
        ),
        pytest.param(
            "compose-port-on-all-interfaces",
            {"compose.yml": web("ports:", "  - {target: 5000, published: 5000, host_ip: 127.0.0.1}")},
            id="long form with an address",
        ),
        pytest.param(
            "compose-secret-in-file", {"compose.yml": web("environment:", "  PASSWORD: ${P:?set it}")}, id="required"
        ),
        pytest.param(
            "compose-secret-in-file", {"compose.yml": web("environment:", "  PASSWORD: ${P:-x1y2}")}, id="a default"
        ),
        pytest.param("compose-secret-in-file", {"compose.yml": web("environment: [PASSWORD]")}, id="handed through"),
        pytest.param("compose-secret-in-file", {"compose.yml": web("environment:", "  PASSWORD:")}, id="nothing"),
        pytest.param(
            "compose-secret-in-file",
            {"compose.yml": web("environment:", "  PASSWORD_FILE: /run/secrets/p")},
            id="a file",
        ),
        pytest.param(
            "compose-secret-in-file", {"compose.yml": web("environment:", "  TOKEN_TTL: 3600")}, id="a number"
        ),
        pytest.param(
            "compose-secret-in-file",
            {"compose.yml": web("environment:", "  DB_USER: shop", "  DB_PASSWORD: shop")},
            id="the name of the user",
        ),
        pytest.param(
            "compose-secret-in-file",
            {"compose.yml": web("environment:", "  URL: postgresql://a:${PASSWORD}@db/a")},
            id="an address with a variable",
        ),
        pytest.param("compose-obsolete-key", {"compose.yml": "x-version: 3\n" + web("image: a:1")}, id="an extension"),
        pytest.param(
            "compose-image-built-twice",
            {"compose.yml": "x: &app {build: ., image: app}\nservices:\n  a: *app\n  b: *app\n", "Dockerfile": PYTHON},
            id="one image, one name",
        ),
        pytest.param(
            "compose-image-built-twice",
            {
                "compose.yml": web("build: .") + "  other:\n    build: {context: ., args: {A: b}}\n",
                "Dockerfile": PYTHON,
            },
            id="other arguments",
        ),
        pytest.param(
            "compose-image-built-twice",
            {"compose.yml": web("build: ."), "compose.override.yml": web("build: ."), "Dockerfile": PYTHON},
            id="two halves",
        ),
        pytest.param(
            "compose-healthcheck-missing", {"compose.yml": web("image: example/own:1")}, id="who knows this image"
        ),
        pytest.param(
            "compose-healthcheck-missing", {"compose.yml": web("image: ${IMAGE}")}, id="a variable is the image"
        ),
        pytest.param(
            "compose-healthcheck-missing",
            {"compose.yml": web("image: redis:8", "profiles: [tools]")},
            id="only when asked for",
        ),
        pytest.param(
            "compose-healthcheck-missing",
            {"compose.yml": web("image: postgres:17", 'restart: "no"', "command: psql -c 'select 1'")},
            id="a job",
        ),
        pytest.param(
            "compose-healthcheck-missing",
            {"compose.yml": web("image: redis:8", "extends: {file: base.yml, service: base}")},
            id="extends another",
        ),
        pytest.param(
            "compose-healthcheck-missing", {"compose.override.yml": web("image: redis:8")}, id="half a service"
        ),
        pytest.param(
            "compose-healthcheck-missing",
            {
                "compose.yml": web("image: redis:8"),
                "compose.prod.yml": web("healthcheck:", "  test: redis-cli ping"),
            },
            id="the other half checks it",
        ),
        pytest.param(
            "compose-healthcheck-missing",
            {"compose.yml": web("build: ."), "Dockerfile": "FROM example/base:1\nCMD a\n"},
            id="who knows the base",
        ),
        pytest.param(
            "compose-install-in-command",
            {"compose.yml": web("image: node:22", "command: npm run install-fixtures")},
            id="a script of that name",
        ),
        pytest.param(
            "compose-install-in-command",
            {"compose.yml": web("image: a:1", "command: [pip, --version]")},
            id="no install",
        ),
        pytest.param(
            "compose-node-modules-volume",
            {
                "compose.yml": web("build: .", 'volumes: [".:/srv"]'),
                "compose.override.yml": web("volumes: [packages:/srv/node_modules]"),
                "Dockerfile": NODE,
            },
            id="the other half gives them back",
        ),
        pytest.param(
            "compose-node-modules-volume",
            {"compose.yml": web("build: .", 'volumes: [".:/work"]'), "Dockerfile": NODE},
            id="another folder",
        ),
        pytest.param(
            "compose-node-modules-volume",
            {
                "compose.yml": web("build: .", 'volumes: [".:/srv"]'),
                "Dockerfile": NODE.replace("npm ci", "npm ci && mv node_modules /node_modules"),
            },
            id="moved out of the way",
        ),
        pytest.param(
            "compose-node-modules-volume",
            {
                "compose.yml": web("build: .", 'volumes: [".:/srv"]'),
                "Dockerfile": NODE.replace("npm ci", "yarn install"),
                ".yarnrc": "--modules-folder /node_modules\n",
            },
            id="a setting of Yarn",
        ),
        pytest.param(
            "compose-mount-hides-build",
            {
                "compose.yml": web("build: .", 'volumes: ["./app:/srv/app"]'),
                "Dockerfile": "FROM a AS one\nCOPY app /srv/app\nFROM b\nCOPY --from=one /srv/app /srv/app\n",
                "app/main.py": "",
            },
            id="the mount brings the same",
        ),
        pytest.param(
            "compose-mount-hides-build",
            {
                "compose.yml": web("build: .", "command: npm run dev", 'volumes: [".:/srv"]'),
                "Dockerfile": NODE + "RUN npm run build\n",
            },
            id="another command",
        ),
        pytest.param(
            "compose-mount-hides-build",
            {"compose.yml": web("build: .", "volumes: [data:/srv]"), "Dockerfile": NODE + "RUN npm run build\n"},
            id="a named volume is filled from the image",
        ),
        pytest.param(
            "compose-disagrees-with-dockerfile",
            {"compose.yml": web("build: {context: ., target: $STAGE}"), "Dockerfile": PYTHON},
            id="a stage by variable",
        ),
        pytest.param(
            "compose-disagrees-with-dockerfile",
            {"compose.yml": web("build: {context: ., target: '0'}"), "Dockerfile": PYTHON},
            id="a stage by number",
        ),
        pytest.param(
            "compose-disagrees-with-dockerfile",
            {"compose.yml": web("build: .", "environment: {PORT: 8080}", 'ports: ["1:8080"]'), "Dockerfile": PYTHON},
            id="a variable moves the port",
        ),
        pytest.param(
            "compose-disagrees-with-dockerfile",
            {"compose.yml": web("build: .", 'ports: ["1:5000", "9229:9229"]'), "Dockerfile": PYTHON},
            id="one more port",
        ),
        pytest.param(
            "compose-disagrees-with-dockerfile",
            {"compose.yml": web("build: .", 'ports: ["8000:8000"]'), "Dockerfile": "FROM python:3.12\n"},
            id="nothing declared",
        ),
        pytest.param(
            "compose-disagrees-with-dockerfile",
            {"compose.yml": web("build: .", 'ports: ["1:8001"]'), "Dockerfile": "FROM a\nEXPOSE 8000-8010/tcp\n"},
            id="a range of ports",
        ),
        pytest.param(
            "compose-disagrees-with-dockerfile",
            {"compose.yml": web("build: {target: deps}"), "compose.prod.yml": web("build: ./app")},
            id="a half without a context",
        ),
        pytest.param(
            "compose-disagrees-with-dockerfile",
            {"compose.yml": web("build: ./submodule")},
            id="a folder that is not there",
        ),
        pytest.param(
            "runtime-disagrees",
            {"compose.yml": web("build: .", "command: python app.py -p verbose"), "Dockerfile": PYTHON},
            id="a flag of that name without a number",
        ),
        pytest.param(
            "runtime-disagrees",
            {"compose.dev.yml": web("build: .", "command: flask run --port 8000"), "Dockerfile": PYTHON},
            id="for development",
        ),
        pytest.param(
            "runtime-disagrees",
            {
                "compose.yml": web("build: .", "environment: {NODE_ENV: '${NODE_ENV:-development}'}"),
                "Dockerfile": "FROM node:22\nENV NODE_ENV=production\n",
            },
            id="a variable decides the mode",
        ),
    ],
)
def test_what_may_be_meant_is_left_alone(code: str, files: dict[str, str]) -> None:
    assert said(code, files) == []


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        pytest.param(
            "compose-obsolete-key",
            '# format\r\nversion: "3"\r\n\r\nservices:\r\n  a:\r\n    image: a:1\r\n',
            "# format\r\n\r\nservices:\r\n  a:\r\n    image: a:1\r\n",
            id="windows newlines",
        ),
        pytest.param(
            "compose-obsolete-key",
            "version: '3' # ours\nservices:\n  a:\n    image: a:1\n",
            "# ours\nservices:\n  a:\n    image: a:1\n",
            id="the comment behind it stays",
        ),
        pytest.param(
            "compose-obsolete-key",
            "services:\n  a:\n    image: a:1\nversion: '3'",
            "services:\n  a:\n    image: a:1\n",
            id="last, without a newline",
        ),
        pytest.param(
            "compose-port-on-all-interfaces",
            web("ports: ['5000:5000', 6000:6000, '7000']  # three"),
            web("ports: ['127.0.0.1:5000:5000', 127.0.0.1:6000:6000, '127.0.0.1::7000']  # three"),
            id="in brackets",
        ),
        pytest.param(
            "compose-port-on-all-interfaces",
            web("ports:", "  - published: 5000  # outside", "    target: 80"),
            web("ports:", "  - host_ip: 127.0.0.1", "    published: 5000  # outside", "    target: 80"),
            id="long form",
        ),
    ],
)
def test_a_fix_changes_its_own_words_alone(code: str, before: str, after: str) -> None:
    assert mended(code, {"compose.yml": before}) == {"compose.yml": after}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("depends_on: {db: {condition: service_started}}", "depends_on: {db: {condition: service_healthy}}"),
        ('depends_on: {db: {condition: "service_started"}}', "depends_on: {db: {condition: service_healthy}}"),
        ("depends_on: {db: &once {condition: service_started}}", ""),
    ],
    ids=["in braces", "in quotes", "shared with others"],
)
def test_what_is_started_is_waited_for_until_it_is_healthy(before: str, after: str) -> None:
    files = {"compose.yml": web(before), "compose.override.yml": f"services:\n{DB}"}
    assert said("compose-depends-on-without-condition", files) == [
        "web waits until db is started, not until it is healthy"
    ]
    assert mended("compose-depends-on-without-condition", files, unsafe=False) == {}
    expected = {"compose.yml": web(after)} if after else {}
    assert mended("compose-depends-on-without-condition", files) == expected


@pytest.mark.parametrize(
    ("code", "files"),
    [
        pytest.param(
            "compose-obsolete-key",
            {
                "compose.yml": "version: '3'\n" + web("image: a:1"),
                "deploy.sh": "docker stack deploy -c compose.yml a\n",
            },
            id="a stack reads the version",
        ),
        pytest.param(
            "compose-obsolete-key",
            {"compose.yml": "version: '3'\n" + web("image: a:1"), "Makefile": "up:\n\tdocker-compose up\n"},
            id="the first compose reads the version",
        ),
        pytest.param(
            "compose-port-on-all-interfaces",
            {"compose.yml": "x: &p\n  - 5000:5000\n" + web("image: a:1", "ports: *p")},
            id="shared through an anchor",
        ),
        pytest.param(
            "compose-port-on-all-interfaces", {"compose.yml": web('ports: ["$PORT:5000"]')}, id="may hold an address"
        ),
        pytest.param(
            "compose-port-on-all-interfaces",
            {"compose.yml": web("ports:", "  - {target: 5000, published: 5000}")},
            id="long form in brackets",
        ),
        pytest.param(
            "compose-install-in-command",
            {
                "compose.yml": web("build: .", 'command: sh -c "npm ci && node a.js"', 'volumes: [".:/srv"]'),
                "Dockerfile": NODE,
            },
            id="a mount hides the packages",
        ),
        pytest.param(
            "compose-install-in-command",
            {"compose.yml": web("build: .", 'command: sh -c "npm i x && node a.js"'), "Dockerfile": NODE},
            id="another package",
        ),
        pytest.param(
            "compose-install-in-command",
            {"compose.yml": web("build: .", 'command: sh -c "npm ci; node a.js"'), "Dockerfile": NODE},
            id="joined otherwise",
        ),
        pytest.param(
            "compose-install-in-command",
            {"compose.yml": web("image: node:22", 'command: sh -c "npm ci && node a.js"')},
            id="no image of its own",
        ),
    ],
)
def test_a_fix_is_declined_with_its_reason(code: str, files: dict[str, str]) -> None:
    some = [rule for rule in rules.RULES if rule.code == code]
    fixed = fixing.fix(repository(files), some, unsafe=True)
    assert fixed.changed == ()
    assert [finding.declined for finding in fixed.left if finding.declined]

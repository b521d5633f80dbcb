"""The frontend's image on the real engine: what a change rebuilds, what ships, and that it serves."""

import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
TESTS = f"--build-context=tests={FRONTEND / 'tests'}"
BASE = "node:20-alpine"
INSTALL, BUILD = "npm ci", "npm run build"
COPY_OUTPUT = "app: COPY --link --from=builder /output /srv"
MEGABYTE = 1_000_000
TMP = "/tmp"  # noqa: S108 -- the only folder in the container that may be written

# Prints every file of an image with its size, and whether it holds a certificate.
LIST = """
const fs = require('fs'), path = require('path'), files = {};
function walk(folder) {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        const name = path.join(folder, entry.name);
        if (entry.isDirectory() && !['/proc', '/sys', '/dev'].includes(name)) walk(name);
        if (!entry.isFile()) continue;
        const bytes = fs.readFileSync(name);
        files[name] = [bytes.length, bytes.includes('BEGIN ' + 'CERTIFICATE')];
    }
}
walk('/');
fs.writeSync(1, JSON.stringify(files));
"""


@dataclass(frozen=True)
class File:
    """A file that the image adds to its base."""

    size: int
    certificate: bool


@pytest.fixture(scope="module")
def image(docker: Any, unique: Callable[[str], str]) -> Iterator[str]:
    """The image that ships, under a tag of its own."""
    tag = unique("drydock-test/frontend:t")
    docker.build(FRONTEND, "--tag", tag)
    yield tag
    docker("image", "rm", "--force", tag)


@pytest.fixture(scope="module")
def test_image(docker: Any, unique: Callable[[str], str]) -> Iterator[str]:
    """The image that tests: the builder with the tests."""
    tag = unique("drydock-test/frontend-test:t")
    docker.build(FRONTEND, "--target=test", TESTS, "--tag", tag)
    yield tag
    docker("image", "rm", "--force", tag)


@pytest.fixture(scope="module")
def added(docker: Any, image: str) -> dict[str, File]:
    """Every file that the image has and its base has not, by path."""

    def files(name: str) -> dict[str, list[Any]]:
        argv = ("run", "--rm", "--user=0", "--network=none", "--entrypoint=node", name, "-e", LIST)
        return dict(json.loads(docker(*argv)))

    base = files(docker.base(BASE))
    return {path: File(*facts) for path, facts in files(image).items() if base.get(path) != facts}


def forget(package: str, context: Path) -> None:
    """Take a package that needs no other, and that no other needs, out of package.json and the lock."""
    for name in ("package.json", "package-lock.json"):
        path = context / name
        document = json.loads(path.read_text(encoding="utf-8"))
        root = document["packages"][""] if "packages" in document else document
        del root["devDependencies"][package]
        document.get("packages", {}).pop(f"node_modules/{package}", None)
        path.write_text(json.dumps(document, indent="\t"), encoding="utf-8")


def replace(path: Path, old: str, new: str) -> None:
    """Change a file at a place that must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.usefixtures("image")
def test_a_source_edit_copies_builds_and_copies_the_output(docker: Any, scratch: Any, unique: Any) -> None:
    copy = scratch(FRONTEND)
    replace(copy / "src" / "app.html", "<head>", f"<head><!-- {unique('an edit')} -->")
    steps = docker.build(copy).ran
    (build,) = set(steps) - {"builder: COPY . .", COPY_OUTPUT}
    assert len(steps) == 3
    assert build.startswith("builder: RUN")
    assert BUILD in build
    assert INSTALL not in build


@pytest.mark.usefixtures("image")
def test_an_edit_that_changes_no_output_copies_none(docker: Any, scratch: Any, unique: Any) -> None:
    copy = scratch(FRONTEND)
    replace(copy / "src" / "hooks.server.ts", "const HEADERS", f"// {unique('an edit')}\nconst HEADERS")
    built = docker.build(copy)
    assert any(BUILD in step for step in built.ran)
    assert COPY_OUTPUT in built.cached


@pytest.mark.usefixtures("image")
def test_a_dependency_edit_installs_again_and_downloads_nothing(docker: Any, scratch: Any, unique: Any) -> None:
    copy = scratch(FRONTEND)
    replace(copy / "package.json", '"license"', f'"homepage": "{unique("edit")}",\n"license"')
    docker.build(copy, "--target=deps")  # fills the mount, should somebody have emptied it
    forget("eslint-config-prettier", copy)
    built = docker.build(copy, "--network=none")
    assert any(INSTALL in step for step in built.ran)
    assert "added " in built.output


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize(
    "name", ["README.md", "tests/unit/samples.ts", "Dockerfile", "eslint.config.js", ".prettierrc.json"]
)
def test_what_does_not_ship_rebuilds_nothing(docker: Any, scratch: Any, unique: Any, name: str) -> None:
    copy = scratch(FRONTEND)
    with (copy / name).open("a", encoding="utf-8") as file:
        file.write(f"# {unique('an edit')}\n")
    assert docker.build(copy).ran == ()


@pytest.mark.usefixtures("image")
def test_a_new_version_and_another_api_change_metadata_alone(docker: Any, unique: Callable[[str], str]) -> None:
    arguments = (f"--build-arg=VERSION={unique('v')}", f"--build-arg=PUBLIC_API_BASE_URL=http://{unique('api')}.test")
    assert docker.build(FRONTEND, *arguments).ran == ()


def test_the_preview_server_is_the_command_of_an_ordinary_user(shipped: dict[str, Any]) -> None:
    assert shipped["Cmd"] == shlex.split("npm run preview -- --host 0.0.0.0 --port 5173")
    assert list(shipped["ExposedPorts"]) == ["5173/tcp"]
    assert shipped["User"] == "1000:1000"
    assert {"NODE_ENV=production", "PUBLIC_API_BASE_URL=http://localhost:5001"} <= set(shipped["Env"])
    assert not [variable for variable in shipped["Env"] if variable.startswith(("NODE_EXTRA", "SSL_"))]
    assert shipped["Healthcheck"]["Test"][:2] == ["CMD", "node"]
    labels = {name.removeprefix("org.opencontainers.image.") for name in shipped["Labels"]}
    assert {"title", "description", "licenses", "version"} <= labels


def test_only_the_build_its_settings_and_packages_ship(added: dict[str, File]) -> None:
    allowed = ("/srv/node_modules/", "/srv/.svelte-kit/output/")
    strange = {path for path in added if not path.startswith(allowed)}
    settings = {"/srv/package.json", "/srv/svelte.config.js", "/srv/vite.config.js"}
    # The engine writes these three into every container.
    assert settings <= strange <= {*settings, "/etc/hostname", "/etc/hosts", "/etc/resolv.conf"}


def test_it_adds_at_most_forty_megabytes_to_its_base(added: dict[str, File]) -> None:
    assert MEGABYTE < sum(file.size for file in added.values()) <= 40 * MEGABYTE


PARTS = [
    "/typescript/",
    "eslint",
    "prettier",
    "vitest",
    "/jsdom/",
    "/@testing-library/",
    "/svelte-check/",
    "/@esbuild/",
]
PARTS += [".test.", "/tests/", "/.npm/", "/_cacache/", ".d.ts", ".map", "/src/routes/", ".crt", ".pem", "/secrets/"]


@pytest.mark.parametrize("part", PARTS)
def test_nothing_of_the_build_ships(added: dict[str, File], part: str) -> None:
    assert [path for path in added if part in path] == []


def test_no_certificate_ships(added: dict[str, File], docker: Any, image: str) -> None:
    assert [path for path, file in added.items() if file.certificate] == []
    assert "CERTIFICATE" not in docker("image", "history", "--no-trunc", image)


def test_the_unit_tests_pass_on_the_nodejs_of_the_image(docker: Any, test_image: str) -> None:
    said = docker("run", "--rm", "--network=none", test_image)
    assert " passed" in said
    assert docker("run", "--rm", "--network=none", test_image, "node", "--version").startswith("v20.")


HARDENED = ("--init", "--read-only", f"--tmpfs={TMP}", "--cap-drop=ALL", "--security-opt=no-new-privileges")


@contextmanager
def running(docker: Any, image: str, name: str, *words: str) -> Iterator[str]:
    """A container of the image, as compose starts it, that answers its own health check."""
    (found,) = json.loads(docker("image", "inspect", image))
    _, *probe = found["Config"]["Healthcheck"]["Test"]
    docker("run", "--detach", "--name", name, *HARDENED, *words, image)
    try:
        wait = 'for _ in $(seq 300); do "$@" && exit; sleep 0.1; done; exit 1'
        docker("exec", name, "sh", "-c", wait, "sh", *probe)
        yield name
    finally:
        docker("rm", "--force", name)


@pytest.mark.parametrize("api", ["http://localhost:5001", "http://api.test:8080"], ids=["default", "set at run time"])
def test_what_ships_passes_the_http_tests(docker: Any, image: str, test_image: str, unique: Any, api: str) -> None:
    chosen = () if api.endswith(":5001") else (f"--env=PUBLIC_API_BASE_URL={api}",)
    with running(docker, image, unique("drydock-test-frontend"), "--network=none", *chosen) as name:
        beside = (f"--network=container:{name}", "--env=FRONTEND_URL=http://127.0.0.1:5173", f"--env=API_URL={api}")
        said = docker("run", "--rm", *beside, test_image, "npm", "run", "test:http")
    assert "fail 0" in said
    assert "pass 0" not in said


def test_a_build_argument_sets_the_default_of_the_api(docker: Any, unique: Callable[[str], str]) -> None:
    tag = unique("drydock-test/frontend-other:t")
    docker.build(FRONTEND, "--build-arg=PUBLIC_API_BASE_URL=http://other.test", "--tag", tag)
    try:
        with running(docker, tag, unique("drydock-test-frontend"), "--network=none") as name:
            ask = "fetch('http://127.0.0.1:5173').then((a) => a.text()).then(console.log)"
            assert '"PUBLIC_API_BASE_URL":"http://other.test"' in docker("exec", name, "node", "-e", ask)
    finally:
        docker("image", "rm", "--force", tag)


def test_it_ends_by_itself_when_it_is_told_to(docker: Any, image: str, unique: Callable[[str], str]) -> None:
    with running(docker, image, unique("drydock-test-frontend"), "--network=none") as name:
        docker("stop", "--time=60", name)
        code = docker("inspect", "--format={{.State.ExitCode}}", name).strip()
    assert code == "143", "ended by the signal, not killed (137)"


def test_it_writes_nothing_outside_tmp(docker: Any, image: str, unique: Callable[[str], str]) -> None:
    name = unique("drydock-test-frontend")
    with running(docker, image, name, "--network=none", "--read-only=false"):
        changed = {line.split(" ", 1)[1] for line in docker("diff", name).splitlines()}
    engines_own = {"/sbin", "/sbin/docker-init", "/usr", "/usr/sbin", "/usr/sbin/docker-init"}
    assert changed <= {TMP} | engines_own

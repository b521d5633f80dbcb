"""The clean repositories, held to linters that others wrote; they are installed in the `lint` session alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.defects import loader

TOOLS = Path(sys.executable).parent
# What a linter holds against a clean repository though we do not: each with the reason.
AGREED = {
    "native": ["--ignore=DL3008"],  # versions of Debian packages vanish from the archive with the next update
}


@pytest.fixture
def clean(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return loader.write(loader.clean(request.param), tmp_path, git=False)


def passes(folder: Path, tool: str, *words: str | Path) -> None:
    result = subprocess.run([TOOLS / tool, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("clean", loader.names(), indirect=True)
def test_linters_have_nothing_to_say_of_a_clean_repository(clean: Path, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["clean"]
    workflows = sorted(clean.glob(".github/workflows/*.yml"))
    compose = sorted(clean.rglob("compose*.yml"))
    passes(clean, "hadolint", *AGREED.get(name, []), *sorted(clean.rglob("Dockerfile")))
    passes(clean, "zizmor", "--offline", "--quiet", *workflows)
    passes(clean, "check-jsonschema", "--builtin-schema=vendor.github-workflows", *workflows)
    passes(clean, "check-jsonschema", "--builtin-schema=vendor.compose-spec", *compose)

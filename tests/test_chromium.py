"""Where the tests of the pages find a browser, and what becomes of a machine that has none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drydock import config, events
from drydock.engines.install import Machine
from drydock.errors import NotReady
from tests.browser import chromium

DEBIAN = Machine("Linux", "ID=debian\n", {}, frozenset(), root=True, user="ann", services=False)
NOWHERE = Path("/nonexistent")


def ensure(path: Path, here: Machine, **environ: str) -> str:
    settings = config.load(path, {"PATH": str(path), "DRYDOCK_HOME": str(path / "home"), **environ})
    return chromium.ensure(settings, here, events.silent)


@pytest.mark.parametrize("name", chromium.NAMES)
def test_a_browser_on_path_is_found_by_any_of_its_names(fake: Any, name: str) -> None:
    browser = fake(name)
    environ: Mapping[str, str] = {"PATH": str(browser.folder)}
    assert chromium.find(environ, NOWHERE) == str(browser.folder / name)


def test_on_a_mac_it_is_found_among_the_applications(tmp_path: Path) -> None:
    there = tmp_path / chromium.APPLICATIONS[0]
    there.parent.mkdir(parents=True)
    there.touch()
    assert chromium.find({"PATH": ""}, tmp_path) == str(there)


def test_without_consent_nothing_is_installed_and_the_remedy_is_the_command(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="neither is installed") as raised:
        ensure(tmp_path, DEBIAN, CI="1")
    assert raised.value.code == 3
    assert raised.value.remedy.endswith("apt-get install -y -q --no-install-recommends --no-remove chromium")


def test_with_consent_debians_package_is_installed(fake: Any) -> None:
    apt = fake("apt-get")
    apt.says("update")
    apt.says("install")
    with pytest.raises(NotReady, match="there is no chromium on PATH"):  # this one installs nothing
        ensure(apt.folder, DEBIAN, DRYDOCK_YES="1")
    assert [words[0] for words in apt.calls] == ["update", "install", "install"]
    assert apt.calls[-1][-1] == "chromium"


@pytest.mark.parametrize(
    ("system", "release", "remedy"),
    [
        pytest.param("Linux", "ID=ubuntu\nID_LIKE=debian\n", "snap install chromium", id="Ubuntu's package is a snap"),
        pytest.param("Linux", "ID=arch\n", "found on PATH", id="another distribution"),
        pytest.param("Darwin", "", "brew install", id="a Mac"),
    ],
)
def test_elsewhere_the_remedy_says_what_to_do(tmp_path: Path, system: str, release: str, remedy: str) -> None:
    here = Machine(system, release, {}, frozenset(), root=False, user="ann", services=False)
    with pytest.raises(NotReady) as raised:
        ensure(tmp_path, here, DRYDOCK_YES="1")
    assert remedy in raised.value.remedy

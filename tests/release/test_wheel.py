"""What is in the wheel and in the source distribution, and what is not."""

import email.message
import re
import shutil
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.release.conftest import ROOT, Dist, build


def members(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_the_wheel_holds_the_package_its_licence_and_its_metadata_and_nothing_else(dist: Dist) -> None:
    held = members(dist.wheel)
    package = {name for name in held if name.startswith("drydock/")}
    own = {path.relative_to(ROOT).as_posix() for path in (ROOT / "drydock").rglob("*.py")}
    assert package == own
    info = f"{'-'.join(dist.wheel.name.split('-')[:2])}.dist-info/"
    names = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    assert set(held) - package == {f"{info}{name}" for name in names}


def test_the_source_distribution_holds_what_the_wheel_is_made_from(dist: Dist) -> None:
    with tarfile.open(dist.sdist) as packed:
        names = {name.split("/", 1)[1] for name in packed.getnames()}
    beside = {name for name in names if not name.startswith("drydock/")}
    assert beside == {".gitignore", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}


def test_built_twice_in_two_folders_it_is_the_same_to_the_byte(
    dist: Dist, source: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    elsewhere = shutil.copytree(source, tmp_path / "elsewhere", ignore=shutil.ignore_patterns(".git", "dist"))
    again = build(elsewhere)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in dist]
    record_property("wheel [bytes]", dist.wheel.stat().st_size)
    record_property("source distribution [bytes]", dist.sdist.stat().st_size)


def test_nothing_in_it_names_the_folders_that_it_was_made_in(dist: Dist, source: Path) -> None:
    places = [str(place).encode() for place in (ROOT, source)]
    assert [name for name, data in members(dist.wheel).items() if any(place in data for place in places)] == []


def metadata(wheel: Path) -> email.message.Message:
    return email.message_from_bytes(next(data for name, data in members(wheel).items() if name.endswith("/METADATA")))


def test_the_metadata_says_what_pyproject_says(dist: Dist) -> None:
    about = metadata(dist.wheel)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (about["Name"], about["Requires-Python"]) == (project["name"], project["requires-python"])
    wanted = {re.sub(r"[-_.]+", "-", one.lower()) for one in project["dependencies"]}
    assert {re.sub(r"[-_.]+", "-", one.lower()) for one in about.get_all("Requires-Dist", [])} == wanted
    assert str(about.get_payload()).startswith("# Drydock")
    assert dist.wheel.name == f"drydock_toolkit-{about['Version']}-py3-none-any.whl"


def unwritten(changelog: str, version: str) -> str:
    """The section that a version needs in a changelog and that is missing or empty there; none is missing: empty."""
    needed = "Unreleased" if "dev" in version else version
    sections = re.split(r"^## \[(.+?)\].*$", changelog, flags=re.MULTILINE)
    told = dict(zip(sections[1::2], sections[2::2], strict=True))
    return "" if re.search(r"^- ", told.get(needed, ""), re.MULTILINE) else needed


def test_the_changelog_tells_of_the_version_of_the_wheel(dist: Dist) -> None:
    assert unwritten((ROOT / "CHANGELOG.md").read_text(), metadata(dist.wheel)["Version"]) == ""


@pytest.mark.parametrize(
    ("version", "missing"),
    [("0.2.0.dev0", "Unreleased"), ("0.2.0", "0.2.0"), ("0.1.0", ""), ("0.1", "0.1"), ("0.0.9", "0.0.9")],
)
def test_a_changelog_without_the_section_of_a_version_is_found(version: str, missing: str) -> None:
    changelog = "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-06-01\n\n### Added\n\n- Words.\n\n## [0.0.9]\n"
    assert unwritten(changelog, version) == missing

"""Edits of texts: what runs again, and nothing that would make the figures false."""

import json
import random
from collections.abc import Mapping

import pytest

from drydock.errors import Misuse
from drydock.scenarios import edits, packages


def test_every_stage_gets_an_argument_that_no_build_had_before() -> None:
    text = edits.cold("# FROM nothing\nFROM a AS one\nRUN x\nfrom one\nRUN <<EOF\nFROM text\nEOF\n", 7)
    argument = "ARG DRYDOCK_BENCH=7"
    assert (
        text == f"# FROM nothing\nFROM a AS one\n{argument}\nRUN x\nfrom one\n{argument}\nRUN <<EOF\nFROM text\nEOF\n"
    )


def test_cache_mounts_stay_what_they_are() -> None:
    text = "FROM a\nRUN --mount=type=cache,id=pip,target=/x y\n"
    assert edits.cold(text, 1).endswith("RUN --mount=type=cache,id=pip,target=/x y\n")


@pytest.mark.parametrize("ending", sorted(edits.LINES))
def test_a_line_is_added_and_bears_the_number(ending: str) -> None:
    text = edits.line("before\n\n", edits.LINES[ending], 42)
    assert text.startswith("before\n")
    assert text.count("\n") == 2
    assert "42" in text
    assert "{" not in text.replace(":root { --drydock-edit: 42; }", "")


def test_a_hashed_requirements_file_gets_hashed_packages() -> None:
    text = edits.requirements("flask==3.0 \\\n    --hash=sha256:00\n", 5)
    added = text.splitlines()[2:]
    assert [line.partition("==")[0] for line in added] == ["toolz", "iniconfig", "cachetools", "# edit 5"]
    assert all("--hash=sha256:" in line for line in added[:3])


def test_a_plain_requirements_file_gets_plain_packages() -> None:
    assert "--hash" not in edits.requirements("flask\n", 5)


@pytest.mark.parametrize("named", ["toolz==1.0.0", "toolz>=1", "toolz", "toolz[all]", "toolz @ file:///x", "toolz~=1"])
def test_a_package_that_is_there_is_not_added(named: str) -> None:
    text = edits.requirements(f"{named}\n", 5)
    assert text.count("toolz") == 1
    assert "iniconfig==" in text


def test_nothing_can_be_added_where_all_is_there() -> None:
    with pytest.raises(Misuse, match="so none can be added"):
        edits.requirements("toolz\niniconfig\ncachetools\n", 5)


def test_what_is_installed_changes_from_run_to_run() -> None:
    chance = random.Random(3)
    numbers = [1_700_000_000_000_000_000 + chance.randrange(10**12) for _ in range(40)]
    states = {packages.chosen(packages.PYTHON, (), number) for number in numbers}
    assert len(states) > len(numbers) // 3


@pytest.mark.parametrize("table", [packages.PYTHON, packages.NODE])
def test_as_many_edits_as_there_are_versions_bring_all_of_them(table: Mapping[str, packages.Versions]) -> None:
    brought = {one for version in range(packages.VERSIONS) for one in packages.chosen(table, (), 1, version)}
    assert {(one.name, one.version) for one in brought} == {(name, held) for name in table for held in table[name]}


MANIFEST = {"name": "a", "dependencies": {"b": "1"}}
LOCK = {"lockfileVersion": 3, "packages": {"": dict(MANIFEST), "node_modules/b": {"version": "1"}}}


def test_manifest_and_lock_agree_after_the_edit() -> None:
    manifest, lock = map(json.loads, edits.package_lock(json.dumps(MANIFEST), json.dumps(LOCK), 9))
    version = manifest["dependencies"]["isarray"]
    assert lock["packages"][""]["dependencies"] == manifest["dependencies"] == {"b": "1", "isarray": version}
    held = lock["packages"]["node_modules/isarray"]
    assert held == {"version": version, "integrity": packages.NODE["isarray"][version]}
    assert manifest["drydockEdit"] == lock["drydockEdit"] == 9


def test_a_package_further_down_counts_as_there() -> None:
    lock = json.loads(json.dumps(LOCK))
    lock["packages"]["node_modules/b/node_modules/isarray"] = {"version": "1.0.0"}
    manifest, _ = edits.package_lock(json.dumps(MANIFEST), json.dumps(lock), 9)
    assert set(json.loads(manifest)["dependencies"]) == {"b", "ms"}


def test_a_lock_of_an_old_npm_is_refused() -> None:
    with pytest.raises(Misuse, match="has no packages"):
        edits.package_lock("{}", json.dumps({"lockfileVersion": 1, "dependencies": {}}), 9)


def test_a_lock_that_is_no_json_is_refused() -> None:
    with pytest.raises(Misuse, match=r"package-lock\.json is not valid JSON"):
        edits.package_lock("{}", "{", 9)


def test_the_ignore_file_hides_no_more_than_before() -> None:
    assert edits.hides_nothing("a\n!a/b", 3) == "a\n!a/b\ndrydock-hides-nothing-3\n"

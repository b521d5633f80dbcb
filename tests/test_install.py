"""Installation plans per distribution: what is written, what is run, and what is only shown."""

from dataclasses import replace

import pytest

from drydock.engines import install
from drydock.engines.install import Machine, Plan, Run, WriteFile

BOOKWORM = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
DEB822 = """\
# kept by hand
Types: deb deb-src
URIs: http://archive.invalid/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: http://archive.invalid/security
Suites: bookworm-security
Components: main
"""
SOURCES = {"/etc/apt/sources.list.d/debian.sources": DEB822}
MACHINE = Machine("Linux", BOOKWORM, SOURCES, frozenset(), root=True, user="ann", services=False)


def on(os_release: str, **changes: object) -> Plan:
    return install.plan(replace(MACHINE, os_release=os_release, **changes))  # type: ignore[arg-type]


def written(plan: Plan) -> dict[str, str]:
    return {step.path: step.text for step in plan.steps if isinstance(step, WriteFile)}


def ran(plan: Plan) -> list[tuple[str, ...]]:
    return [step.argv for step in plan.steps if isinstance(step, Run)]


def test_debian_12_takes_the_engine_from_the_next_suite_of_its_own_archive() -> None:
    files = written(on(BOOKWORM))
    assert files["/etc/apt/sources.list.d/drydock.sources"] == (
        "Types: deb\nURIs: http://archive.invalid/debian\nSuites: trixie\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/archive.gpg\n"
    )


def test_on_debian_12_only_the_engine_comes_from_the_next_suite() -> None:
    everything, engine = written(on(BOOKWORM))["/etc/apt/preferences.d/drydock"].split("\n\n")
    assert everything == "Package: *\nPin: release n=trixie\nPin-Priority: 50"
    assert engine.splitlines()[0] == "Package: docker.io docker-cli docker-buildx docker-compose containerd"
    assert engine.splitlines()[2] == "Pin-Priority: 600"


def test_an_installation_removes_nothing_and_recommends_nothing() -> None:
    for argv in ran(on(BOOKWORM)):
        if "install" in argv:
            assert {"--no-remove", "--no-install-recommends", "-y"} <= set(argv)


def test_the_tool_that_makes_bases_is_installed_too() -> None:
    assert "mmdebstrap" in on(BOOKWORM).packages


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "deb [arch=amd64 signed-by=/k.gpg] http://archive.invalid/debian bookworm main contrib",
            "Types: deb\nURIs: http://archive.invalid/debian\nSuites: trixie\nComponents: main\nSigned-By: /k.gpg\n",
        ),
        (
            "deb http://archive.invalid/debian bookworm main",
            "Types: deb\nURIs: http://archive.invalid/debian\nSuites: trixie\nComponents: main\n",
        ),
        (
            "deb [trusted=yes] file:/mirror bookworm main",
            "Types: deb\nURIs: file:/mirror\nSuites: trixie\nComponents: main\nTrusted: yes\n",
        ),
    ],
    ids=["with a key", "without options", "a trusted mirror"],
)
def test_the_one_line_form_of_sources_is_read_as_well(line: str, text: str) -> None:
    sources = {"/etc/apt/sources.list": f"# deb http://old.invalid bookworm main\n{line}\n"}
    plan = on(BOOKWORM, sources=sources)
    assert written(plan)["/etc/apt/sources.list.d/drydock.sources"] == text


def test_a_key_that_is_written_out_in_the_source_is_kept_whole() -> None:
    key = "Signed-By:\n -----BEGIN PGP-----\n .\n mQINB\n -----END PGP-----"
    text = DEB822.replace("Signed-By: /usr/share/keyrings/archive.gpg", key)
    plan = on(BOOKWORM, sources={"/etc/apt/sources.list.d/debian.sources": text})
    kept = written(plan)["/etc/apt/sources.list.d/drydock.sources"]
    assert "\n -----BEGIN PGP-----\n .\n mQINB\n -----END PGP-----\n" in kept


def test_a_source_that_is_switched_off_is_not_taken() -> None:
    text = DEB822.replace("Types: deb deb-src", "Enabled: no\nTypes: deb deb-src")
    plan = on(BOOKWORM, sources={"/etc/apt/sources.list.d/debian.sources": text})
    assert plan.steps == ()


def test_our_own_source_is_no_evidence_of_the_archive() -> None:
    assert install.archive({install.SOURCE_FILE: DEB822}, "bookworm") is None


@pytest.mark.parametrize(
    ("os_release", "compose"),
    [
        ('ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n', "docker-compose"),
        ("ID=debian\nPRETTY_NAME=sid\n", "docker-compose"),
        ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n', "docker-compose-v2"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n', "docker-compose-v2"),
    ],
    ids=["debian 13", "debian testing", "ubuntu", "a child of ubuntu"],
)
def test_newer_systems_need_nothing_but_their_own_archive(os_release: str, compose: str) -> None:
    plan = on(os_release)
    assert written(plan) == {}
    assert compose in plan.packages
    assert {"docker.io", "docker-buildx", "mmdebstrap"} <= set(plan.packages)


def test_an_upstream_engine_is_completed_with_its_own_packages() -> None:
    plan = on(BOOKWORM, installed=frozenset({"docker-ce"}))
    assert "docker-buildx-plugin" in plan.packages
    assert "docker.io" not in plan.packages
    assert written(plan) == {}


@pytest.mark.parametrize(
    ("system", "os_release", "word"),
    [
        ("Linux", "ID=fedora\n", "dnf install"),
        ("Linux", 'ID=rocky\nID_LIKE="rhel centos fedora"\n', "dnf install"),
        ("Linux", "ID=opensuse-leap\nID_LIKE='suse opensuse'\n", "zypper"),
        ("Linux", "ID=void\n", "Docker Engine 23"),
        ("Linux", 'ID=debian\nVERSION_ID="11"\n', "Docker Engine 23"),
        ("Darwin", "", "brew"),
        ("Windows", "", "winget"),
    ],
)
def test_elsewhere_the_commands_are_only_shown(system: str, os_release: str, word: str) -> None:
    plan = on(os_release, system=system)
    assert plan.steps == ()
    assert word in install.commands(plan, root=False)[0]


def test_an_ordinary_user_is_shown_every_command_with_sudo() -> None:
    lines = install.commands(on(BOOKWORM, root=False), root=False)
    assert len(lines) == 4
    assert all("sudo " in line for line in lines)
    assert lines[0].endswith("| sudo tee /etc/apt/sources.list.d/drydock.sources >/dev/null")
    assert not any("--download-only" in line for line in lines)


def test_where_a_service_manager_runs_the_machines_own_engine_is_started() -> None:
    assert ("systemctl", "enable", "--now", "docker") in ran(on(BOOKWORM, services=True))
    assert not any("systemctl" in argv for argv in ran(on(BOOKWORM)))


def test_an_ordinary_user_joins_the_group_that_may_use_the_engine() -> None:
    assert ("usermod", "-aG", "docker", "ann") in ran(on(BOOKWORM, services=True, root=False))

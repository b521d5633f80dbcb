"""Root file systems made of Debian's packages, from the sources that this machine itself uses."""

import hashlib
import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path

from drydock import apt, command
from drydock.bases.recipes import Host
from drydock.engines.install import os_release
from drydock.errors import NotReady
from drydock.values import dataclass

SUFFIX = re.compile(r"^(?P<codename>[a-z]+)(?P<rest>(-updates|-security|/updates)?)$")
LEFT_OUT = ("doc", "man", "locale", "info", "groff", "lintian")  # folders below /usr/share; licences stay
MERGED_USR = Path("/usr/share/mmdebstrap/hooks/maybe-merged-usr")  # else bookworm merges /usr with 40 MB of Perl
TOOL = "mmdebstrap"
LACK = f"stand-ins for base images need {TOOL}, which is not installed"
EPOCH = "1735689600"  # no file is younger than this, so that the same packages give the same layer


@dataclass(frozen=True)
class Source:
    """One package source: its addresses, what follows the codename in its suites, components, keyring."""

    uris: str
    rests: tuple[str, ...]
    components: str
    signed_by: str


def host(release: Path = Path("/etc/os-release")) -> Host:
    """The system of this machine; empty strings where it does not say, as on macOS and Windows."""
    try:
        text = release.read_text(encoding="utf-8") if platform.system() == "Linux" else ""
    except OSError:
        text = ""
    said = os_release(text)
    return Host(said.get("ID", ""), said.get("VERSION_CODENAME", ""))


def sources(codename: str, folder: Path = Path("/etc/apt")) -> tuple[Source, ...]:
    """The machine's sources of its own release, in both notations; other suites and other archives are left out."""
    found = []
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for fields in apt.archives(path.name, text):
            matches = [SUFFIX.match(suite) for suite in fields.get("suites", "").split()]
            rests = tuple(match["rest"] for match in matches if match and match["codename"] == codename)
            if rests:
                keys = fields.get("signed-by", "")
                found.append(Source(fields.get("uris", ""), rests, fields.get("components", "main"), keys))
    return tuple(found)


def stanzas(found: tuple[Source, ...], suite: str) -> str:
    """The same sources for `suite`, as a .sources file."""
    texts = []
    for one in found:
        lines = ["Types: deb", f"URIs: {one.uris}", f"Suites: {' '.join(suite + rest for rest in one.rests)}"]
        lines += [f"Components: {one.components}", *([f"Signed-By: {one.signed_by}"] if one.signed_by else [])]
        texts.append("\n".join(lines) + "\n")
    return "\n".join(texts)


def root_name(suite: str, packages: tuple[str, ...]) -> str:
    """The file name of a root file system: one for each suite and choice of packages."""
    return f"root-{hashlib.sha256(' '.join([suite, *packages]).encode()).hexdigest()[:16]}.tar"


def make_root(target: Path, suite: str, packages: tuple[str, ...], environ: Mapping[str, str]) -> None:
    """Write the root file system of `suite` with `packages` as a tar to `target`; takes about half a minute."""
    found = sources(host().codename)
    if not found:
        raise NotReady("no apt source of this machine's own release was found", remedy="mend /etc/apt/sources.list.d")
    listed = target.with_name("debian.sources")
    listed.write_text(stanzas(found, suite), encoding="utf-8")
    argv = [TOOL, "--quiet", "--variant=minbase", "--format=tar", "--skip=output/dev"]
    for folder in LEFT_OUT:
        argv.append(f"--dpkgopt=path-exclude=/usr/share/{folder}/*")
    argv += ["--dpkgopt=path-include=/usr/share/doc/*/copyright", '--aptopt=Apt::Install-Recommends "false"']
    argv.append('--customize-hook=rm -rf "$1"/var/cache/debconf/*-old "$1"/var/log/apt "$1"/var/log/*.log')
    argv += [f"--include={','.join(packages)}"] if packages else []
    argv += [f"--hook-dir={MERGED_USR}"] if MERGED_USR.is_dir() else []
    env = {**environ, "SOURCE_DATE_EPOCH": EPOCH, "PATH": environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"}
    if command.find(TOOL, env) is None:
        raise NotReady(LACK, remedy=f"apt-get install {TOOL}")
    result = command.run([*argv, suite, str(target), str(listed)], env=env)
    listed.unlink()
    if not result.ok:
        raise NotReady(f"Debian {suite} could not be put together: {result.last_words}", remedy="inv doctor")

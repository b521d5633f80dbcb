"""Files in which package managers write down what they installed, read for names, versions and paths. Pure."""

import json
import posixpath
import re
from collections.abc import Callable, Iterator

from drydock.measures.contents import Record

MOST_BYTES = 32_000_000  # a longer file is none of theirs
DIST_INFO = re.compile(r"(?:^|.*/)(?P<name>[^/]+?)-(?P<version>[^/-]+)\.dist-info/(?P<file>RECORD|METADATA)")
NODE_MODULE = re.compile(r"(?:^|.*/)node_modules/(?P<name>(?:@[^/]+/)?[^/@.][^/]*)/package\.json")
LIST = re.compile(r"var/lib/dpkg/info/(?P<name>[^/]+)\.list")
STATUS = "var/lib/dpkg/status"
INSTALLED = re.compile(r"^Status:.* installed$", re.MULTILINE)
FIELD = re.compile(r"^(Package|Version|Architecture): *(.*?) *$", re.MULTILINE)


def reader(path: str) -> Callable[[bytes], Record | None] | None:
    """What makes a record out of the content of the file at `path`; None for a file that tells of no package."""
    if path == STATUS:
        return _status
    if found := LIST.fullmatch(path):
        name = found["name"]
        return lambda content: Record(path, ((name, ""),), tuple(_listed(content)))
    if found := NODE_MODULE.fullmatch(path):
        name = found["name"]
        return lambda content: _node_module(path, name, content)
    if found := DIST_INFO.fullmatch(path):
        package = (canonical(found["name"]), found["version"])
        is_list, site = found["file"] == "RECORD", posixpath.dirname(posixpath.dirname(path))
        return lambda content: Record(path, (package,), tuple(_recorded(site, content)) if is_list else ())
    return None


def canonical(name: str) -> str:
    """The name of a Python package as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _status(content: bytes) -> Record:
    """The installed packages of dpkg, each under its name and under name:architecture, as its lists are named."""
    found = []
    for paragraph in re.split(r"\n{2,}", content.decode("utf-8", "replace")):
        if INSTALLED.search(paragraph):
            fields = dict(FIELD.findall(paragraph))
            name, version = fields.get("Package", ""), fields.get("Version", "")
            found += [(name, version), (f"{name}:{fields.get('Architecture', '')}", version)]
    return Record(STATUS, tuple(found))


def _listed(content: bytes) -> Iterator[str]:
    """The paths in a list of dpkg, without folders that hold the next one."""
    lines = [line for line in content.decode("utf-8", "surrogateescape").split("\n") if line]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line != "/." and not following.startswith(f"{line}/"):
            yield line.lstrip("/")


def _recorded(site: str, content: bytes) -> Iterator[str]:
    """The paths in a RECORD; a path that holds a comma or a quote is in quotes, the quote doubled."""
    for line in content.decode("utf-8", "surrogateescape").splitlines():
        quoted = line.startswith('"')
        if name := line[1:].rpartition('",')[0].replace('""', '"') if quoted else line.partition(",")[0]:
            yield posixpath.normpath(posixpath.join("/", site, name)).lstrip("/")


def _node_module(path: str, folder: str, content: bytes) -> Record:
    """A package by what it says of itself; one that says nothing is named after its folder."""
    try:
        told = json.loads(content)
        name, version = told.get("name"), told.get("version")
    except (ValueError, AttributeError, RecursionError):
        name = version = None
    known = (name if isinstance(name, str) and name else folder, version if isinstance(version, str) else "")
    return Record(path, (known,))

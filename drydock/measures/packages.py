"""Which package each file of a finished image belongs to: apt's lists, pip's records, npm's folders. Pure.

A file that two packages claim counts once: for apt before pip before npm, and within one manager for the outer package
before one that lies inside it, as vendored ones do.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from drydock.measures.anatomy import REST, Kind, Part
from drydock.measures.contents import Contents, Record, Sort
from drydock.measures.inputs import shown
from drydock.measures.overlay import Tree
from drydock.measures.records import DIST_INFO, LIST, NODE_MODULE, STATUS

NAMED_BYTES = 100_000  # a smaller file of no package is one of the rest
BYTECODE = re.compile(r"(?P<folder>.*)/__pycache__/(?P<module>[^/.]+)\.[^/]+\.pyc")
NODE_FOLDER = re.compile(r"(?:^|/)node_modules/((?:@[^/]+/)?[^/@.][^/]*)(?=/)")
Owner = tuple[Kind, str, str]  # manager, name, version


def parts(tree: Tree, layers: Sequence[Contents], base: int) -> tuple[Part, ...]:
    """The packages and other files of an image whose lowest `base` layers are its base's; largest first.

    They sum to the bytes of all files that the image shows. Names can be printed and stored: they need not be UTF-8.
    """
    owners = _owners(tree, layers)
    sizes: dict[tuple[Owner, bool], int] = {}
    for at, path in tree.alive().items():
        body = tree.bodies[at]
        owner = owners.get(path) or ((Kind.FILE, path, "") if body.size >= NAMED_BYTES else (Kind.REST, REST, ""))
        key = owner, body.layer < base
        sizes[key] = sizes.get(key, 0) + body.size
    found = [
        Part(kind, shown(name), shown(version), size, inside)
        for ((kind, name, version), inside), size in sizes.items()
        if size
    ]
    return tuple(sorted(found, key=lambda part: (-part.disk_bytes, part.kind, part.name, part.version, part.base)))


def _owners(tree: Tree, layers: Sequence[Contents]) -> dict[str, Owner]:
    """The owner of each path that has one."""
    records = _records(tree, layers)
    owners: dict[str, Owner] = {}
    _claim_by_apt(tree, records, owners)
    _claim_by_pip(tree, records, owners)
    _claim_by_npm(tree, records, owners)
    return owners


def _records(tree: Tree, layers: Sequence[Contents]) -> dict[str, Record]:
    """The records that the image shows, by path, the outer ones first."""
    found: dict[str, Record] = {}
    for number, layer in enumerate(layers):
        for record in layer.records:
            held = tree.nodes.get(record.path)
            if held is not None and held.layer == number and held.entry.sort in (Sort.FILE, Sort.HARD):
                found[record.path] = record
    return dict(sorted(found.items(), key=lambda item: (item[0].count("/"), item[0])))


def _claim_by_apt(tree: Tree, records: Mapping[str, Record], owners: dict[str, Owner]) -> None:
    if STATUS not in records:
        return
    versions = dict(records[STATUS].packages)
    for path, record in records.items():
        name = record.packages[0][0] if LIST.fullmatch(path) else ""
        if name in versions:
            owner = Kind.APT, name.partition(":")[0], versions[name]
            for claimed in record.paths:
                owners.setdefault(tree.real(claimed), owner)


def _claim_by_pip(tree: Tree, records: Mapping[str, Record], owners: dict[str, Owner]) -> None:
    sites: dict[str, dict[str, set[Owner]]] = {}  # site folder -> folder below it -> who has files there
    for path, record in records.items():
        found = DIST_INFO.fullmatch(path)
        if not found or path in owners:
            continue
        package, info = record.packages[0], posixpath.dirname(path)
        owner, site = (Kind.PIP, *package), posixpath.dirname(info)
        claimed = record.paths or (() if f"{info}/RECORD" in records else (posixpath.join(site, _module(package[0])),))
        for one in (*claimed, path):
            real = tree.real(one)
            if real not in tree.nodes:
                continue
            owners.setdefault(real, owner)
            folders = sites.setdefault(site, {})
            for folder in _between(real, site, is_folder=tree.nodes[real].entry.sort is Sort.FOLDER):
                folders.setdefault(folder, set()).add(owner)
    for path, held in tree.nodes.items():
        if held.body is not None and path not in owners and (neighbour := _neighbour(path, sites, owners)):
            owners[path] = neighbour


def _module(name: str) -> str:
    """The folder in which a package of this name lies, as far as the name says."""
    return name.replace("-", "_")


def _between(path: str, site: str, *, is_folder: bool) -> Iterator[str]:
    """The folders of a path below the site folder, the path itself among them if it is one."""
    folder = path if is_folder else posixpath.dirname(path)
    while folder.startswith(f"{site}/"):
        yield folder
        folder = posixpath.dirname(folder)


def _neighbour(path: str, sites: Mapping[str, Mapping[str, set[Owner]]], owners: Mapping[str, Owner]) -> Owner | None:
    """Whose an unrecorded file is: bytecode its module's, all else that of the one package around it."""
    if (code := BYTECODE.fullmatch(path)) and (owner := owners.get(f"{code['folder']}/{code['module']}.py")):
        return owner
    for site, folders in sites.items():
        for folder in _between(path, site, is_folder=False):
            if folder in folders:
                return next(iter(folders[folder])) if len(folders[folder]) == 1 else None
    return None


def _claim_by_npm(tree: Tree, records: Mapping[str, Record], owners: dict[str, Owner]) -> None:
    roots = {
        posixpath.dirname(path): (Kind.NPM, *record.packages[0])
        for path, record in records.items()
        if NODE_MODULE.fullmatch(path) and path not in owners
    }
    for path, held in tree.nodes.items():
        if held.body is None or path in owners or "node_modules/" not in path:
            continue
        for found in reversed(list(NODE_FOLDER.finditer(path))):
            if owner := roots.get(path[: found.end()]):
                owners[path] = owner
                break

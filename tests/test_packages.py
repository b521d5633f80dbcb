"""Which package each file belongs to, and what is told of packages in the files of their managers."""

import json

import pytest

from drydock.measures import packages, records
from drydock.measures.anatomy import Kind, Part
from drydock.measures.contents import Contents, Entry, Record, Sort
from drydock.measures.overlay import lay

SITE = "opt/venv/lib/python3.12/site-packages"
Told = list[tuple[str, str, str, int]]


def record(path: str, content: str) -> Record | None:
    read = records.reader(path)
    return read(content.encode()) if read else None


Texts = dict[str, str]
NONE: Texts = {}


def layer(sizes: dict[str, int], written: Texts = NONE, links: Texts = NONE) -> Contents:
    """Files of so many bytes, files of managers that count as one byte each with what is in them, and links."""
    entries = [Entry(path, Sort.LINK, target=target) for path, target in links.items()]
    entries += [Entry(path, Sort.FILE, size) for path, size in {**sizes, **dict.fromkeys(written, 1)}.items()]
    found = [one for path, content in written.items() if (one := record(path, content))]
    return Contents("", tuple(entries), tuple(found))


def told(*layers: Contents, base: int = 0) -> Told:
    tree = lay(layers)
    parts = packages.parts(tree, layers, base)
    assert sum(part.disk_bytes for part in parts) == sum(tree.bodies[at].size for at in tree.alive())
    return [(part.kind.value, part.name, part.version, part.disk_bytes) for part in parts]


def status(*packages: str) -> str:
    """dpkg's status of `name version` pairs, installed, and one that is only configured."""
    known = [one.split() for one in packages]
    lines = [f"Package: {n}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {v}\n" for n, v in known]
    return "\n".join([*lines, "Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n"])


APT = {
    "var/lib/dpkg/status": status("libc6 2.41", "zlib1g 1:1.3"),
    "var/lib/dpkg/info/libc6:amd64.list": "/.\n/lib\n/lib/x86_64\n/lib/x86_64/libc.so.6\n",
    "var/lib/dpkg/info/zlib1g.list": "/.\n/usr\n/usr/lib\n/usr/lib/libz.so\n/lib/x86_64/libc.so.6\n",
    "var/lib/dpkg/info/gone.list": "/.\n/etc/gone\n",
}


def test_a_package_of_apt_owns_what_its_list_names_through_merged_folders_too() -> None:
    files = {"usr/lib/x86_64/libc.so.6": 1000, "usr/lib/libz.so": 100, "etc/gone": 7}
    assert told(layer(files, APT, {"lib": "usr/lib"})) == [
        ("apt", "libc6", "2.41", 1000),  # a file that two name counts once
        ("apt", "zlib1g", "1:1.3", 100),
        ("rest", "other files", "", 7 + len(APT)),
    ]


def test_the_status_of_the_last_layer_says_what_is_installed() -> None:
    upgraded = layer({"usr/lib/libz.so": 120}, {"var/lib/dpkg/status": status("libc6 2.41", "zlib1g 1:1.4")})
    files = {"usr/lib/x86_64/libc.so.6": 1000, "usr/lib/libz.so": 100}
    first = layer(files, APT, {"lib": "usr/lib"})
    found = packages.parts(lay([first, upgraded]), [first, upgraded], 1)
    assert Part(Kind.APT, "zlib1g", "1:1.4", 120, base=False) in found
    assert Part(Kind.APT, "libc6", "2.41", 1000, base=True) in found


FLASK = f"{SITE}/flask-3.1.dist-info"
PIP = {
    f"{FLASK}/RECORD": "flask/__init__.py,sha256=x,10\n../../../bin/flask,,\nflask-3.1.dist-info/RECORD,,\n"
    '"flask/odd,""name"".txt",,\n/srv/data,,\n',
    f"{FLASK}/METADATA": "",
}


def test_a_package_of_pip_owns_what_it_recorded_and_what_lies_in_its_folders() -> None:
    files = {
        f"{SITE}/flask/__init__.py": 1000,
        f"{SITE}/flask/__pycache__/__init__.cpython-312.pyc": 2000,  # written by compileall, recorded nowhere
        f"{SITE}/flask/json/made_later.bin": 4000,
        f'{SITE}/flask/odd,"name".txt': 8000,
        "opt/venv/bin/flask": 16000,
        "srv/data": 32000,
        f"{SITE}/stray.py": 5,
    }
    assert told(layer(files, PIP)) == [
        ("pip", "flask", "3.1", 63_000 + len(PIP)),
        ("rest", "other files", "", 5),
    ]


def test_bytecode_of_a_folder_that_packages_share_belongs_to_its_module() -> None:
    written = {
        f"{SITE}/a-1.dist-info/RECORD": "google/a.py,,\n",
        f"{SITE}/b-2.dist-info/RECORD": "google/b.py,,\nsix.py,,\n",
    }
    cache = "__pycache__/{}.cpython-312.opt-1.pyc"
    files = {
        f"{SITE}/google/a.py": 10,
        f"{SITE}/google/b.py": 20,
        f"{SITE}/google/{cache.format('a')}": 100,
        f"{SITE}/google/{cache.format('b')}": 200,
        f"{SITE}/google/whose.txt": 1000,
        f"{SITE}/six.py": 5,
        f"{SITE}/{cache.format('six')}": 50,
    }
    assert told(layer(files, written)) == [
        ("rest", "other files", "", 1000),
        ("pip", "b", "2", 276),
        ("pip", "a", "1", 111),
    ]


def test_a_package_without_a_record_owns_the_folder_of_its_name() -> None:
    files = {f"{SITE}/odd_name/sub/x.py": 100}
    assert told(layer(files, {f"{SITE}/Odd.Name-1.0.dist-info/METADATA": ""})) == [("pip", "odd-name", "1.0", 101)]


def test_a_vendored_package_is_a_part_of_the_one_around_it() -> None:
    inner = "setuptools/_vendor/wheel-0.4.dist-info/RECORD"
    written = {
        f"{SITE}/setuptools-80.dist-info/RECORD": f"{inner},,\nsetuptools/_vendor/wheel.py,,\n",
        f"{SITE}/{inner}": "wheel.py,,\n",
    }
    assert told(layer({f"{SITE}/setuptools/_vendor/wheel.py": 10}, written)) == [("pip", "setuptools", "80", 12)]


def module(name: str, version: str) -> str:
    return json.dumps({"name": name, "version": version, "description": "kept nowhere"})


NPM = {
    "srv/package.json": module("the-app", "0"),
    "srv/node_modules/a/package.json": module("a", "1"),
    "srv/node_modules/a/lib/package.json": '{"type": "module"}',
    "srv/node_modules/a/node_modules/b/package.json": module("b", "2"),
    "srv/node_modules/@s/c/package.json": module("@s/c", "3"),
    "srv/node_modules/alias/package.json": module("b", "4"),
    "srv/node_modules/broken/package.json": "{",
}


def test_a_package_of_npm_owns_its_folder_but_for_packages_inside() -> None:
    files = {
        "srv/index.js": 1,
        "srv/node_modules/.package-lock.json": 2,
        "srv/node_modules/a/index.js": 10,
        "srv/node_modules/a/lib/index.js": 20,
        "srv/node_modules/a/node_modules/b/x.js": 100,
        "srv/node_modules/@s/c/x.js": 200,
        "srv/node_modules/alias/x.js": 400,
        "srv/node_modules/broken/x.js": 800,
    }
    assert told(layer(files, NPM)) == [
        ("npm", "broken", "", 801),
        ("npm", "b", "4", 401),
        ("npm", "@s/c", "3", 201),
        ("npm", "b", "2", 101),
        ("npm", "a", "1", 32),
        ("rest", "other files", "", 4),
    ]


def test_what_a_later_layer_deleted_is_no_package_any_more() -> None:
    first = layer({"srv/node_modules/a/x.js": 10}, {"srv/node_modules/a/package.json": module("a", "1")})
    assert told(first, Contents("", (Entry("srv/node_modules/.wh.a", Sort.FILE),))) == []


def test_copies_of_one_version_are_one_part_and_a_base_is_apart() -> None:
    written = {f"{folder}/node_modules/a/package.json": module("a", "1") for folder in ("x", "y")}
    first, own = layer({}, written), layer({}, {"z/node_modules/a/package.json": module("a", "1")})
    found = packages.parts(lay([first, own]), [first, own], 1)
    assert found == (Part(Kind.NPM, "a", "1", 2, base=True), Part(Kind.NPM, "a", "1", 1, base=False))


def test_a_large_file_of_no_package_is_named() -> None:
    assert told(layer({"srv/big.bin": packages.NAMED_BYTES, "srv/small.bin": packages.NAMED_BYTES - 1})) == [
        ("file", "srv/big.bin", "", 100_000),
        ("rest", "other files", "", 99_999),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "srv/package.json",
        "srv/node_modules/a/lib/package.json",
        "srv/node_modules/.store/package.json",
        "srv/node_modules/@s/package.json",
        "var/lib/dpkg/info/libc6.md5sums",
        f"{SITE}/flask/RECORD",
        "etc/status",
    ],
)
def test_a_file_that_tells_of_no_package_is_not_read(path: str) -> None:
    assert records.reader(path) is None


@pytest.mark.parametrize(
    "content", ["", "[]", '"x"', '{"name": 3}', "[" * 100_000], ids=["empty", "list", "text", "no name", "deep"]
)
def test_a_package_that_says_nothing_is_named_after_its_folder(content: str) -> None:
    assert record("node_modules/@s/a/package.json", content) == Record(
        "node_modules/@s/a/package.json", (("@s/a", ""),)
    )

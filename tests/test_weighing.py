"""What one layer weighs."""

import gzip
import io
import tarfile
from collections.abc import Callable
from tarfile import DIRTYPE, FIFOTYPE, LNKTYPE, SYMTYPE, TarInfo

import pytest
from zlib_ng import zlib_ng

from drydock.measures import machine, weighing
from drydock.measures.contents import Entry, Record, Sort
from drydock.measures.layers import Layer
from drydock.measures.weighing import Weighed
from tests.test_oci import HEAVY, diff_id, tar


def weighed(blob: bytes) -> Weighed:
    found = weighing.weigh(io.BytesIO(blob), len(blob))
    assert found is not None
    return found


def test_a_layer_weighs_its_regular_files_and_what_the_compressor_makes_of_it() -> None:
    layer = tar(a=HEAVY, b=b"12345")
    packer = zlib_ng.compressobj(6, zlib_ng.DEFLATED, 31)
    packed = len(packer.compress(layer)) + len(packer.flush())
    found = weighed(layer).layer
    assert (found.diff_id, found.disk_bytes) == (diff_id(layer), len(HEAVY) + 5)
    assert found.pull_bytes == pytest.approx(packed, rel=0.001)


def test_a_compressed_blob_weighs_what_it_is_and_has_the_digest_of_its_tar() -> None:
    layer = tar(a=HEAVY)
    blob = gzip.compress(layer)
    assert weighed(blob).layer == Layer(diff_id(layer), len(HEAVY), len(blob))


def test_an_empty_layer_weighs_next_to_nothing() -> None:
    found = weighed(b"\0" * 1024)
    assert (found.layer.disk_bytes, found.contents.entries) == (0, ())
    assert found.layer.pull_bytes < 32  # what an engine pushes for it


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "compressed"])
def test_what_is_in_a_layer_is_read_with_it(pack: Callable[[bytes], bytes]) -> None:
    members = {
        "./srv/app/": TarInfo("./srv/app/"),
        "file": TarInfo("./srv/app/main.py"),
        "link": TarInfo("bin"),
        "hard": TarInfo("srv/other.py"),
        "pipe": TarInfo("srv/pipe"),
        "gone": TarInfo("srv/.wh.old"),
        "package": TarInfo("srv/node_modules/@a/b/package.json"),
    }
    for name, sort in (("./srv/app/", DIRTYPE), ("link", SYMTYPE), ("hard", LNKTYPE), ("pipe", FIFOTYPE)):
        members[name].type = sort
    members["link"].linkname, members["hard"].linkname = "usr/bin", "./srv/app/main.py"
    content = {"file": b"12345", "package": b'{"name": "@a/b", "version": "1.2", "secret": "kept nowhere"}'}
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, member in members.items():
            member.size = len(content.get(name, b""))
            archive.addfile(member, io.BytesIO(content.get(name, b"")))
    contents = weighed(pack(stream.getvalue())).contents
    assert contents.entries == (
        Entry("srv/app", Sort.FOLDER),
        Entry("srv/app/main.py", Sort.FILE, 5),
        Entry("bin", Sort.LINK, target="usr/bin"),
        Entry("srv/other.py", Sort.HARD, target="srv/app/main.py"),
        Entry("srv/pipe", Sort.OTHER),
        Entry("srv/.wh.old", Sort.FILE),
        Entry("srv/node_modules/@a/b/package.json", Sort.FILE, len(content["package"])),
    )
    assert contents.records == (Record("srv/node_modules/@a/b/package.json", (("@a/b", "1.2"),)),)
    assert contents.diff_id == diff_id(stream.getvalue())


def test_a_document_is_no_layer() -> None:
    assert weighing.weigh(io.BytesIO(b'{"a": 1}'), 8) is None


def test_a_layer_weighs_the_same_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = tar(a=HEAVY * 4)
    found = set()
    for cores in (1, 2, 7):
        monkeypatch.setattr(machine, "cores", lambda cores=cores: cores)
        found.add(weighed(layer).layer)
    assert len(found) == 1


def test_a_block_knows_the_end_of_the_one_before() -> None:
    seen, unseen = HEAVY[:1000], HEAVY[5000:6000]
    before = b"x" * (2 * weighing.CHUNK - 2000) + seen  # ends with the second block: the next file is in the third
    again, new = (weighed(layer).layer.pull_bytes for layer in (tar(a=before, b=seen), tar(a=before, b=unseen)))
    assert new - again > 900

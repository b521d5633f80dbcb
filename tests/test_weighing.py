"""What one layer weighs."""

import gzip
import io
import zlib

import pytest

from drydock.measures import machine, weighing
from drydock.measures.layers import Layer
from tests.test_oci import HEAVY, diff_id, tar


def test_a_layer_weighs_its_regular_files_and_what_zlib_makes_of_it() -> None:
    layer = tar(a=HEAVY, b=b"12345")
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    packed = len(packer.compress(layer)) + len(packer.flush())
    found = weighing.weigh(io.BytesIO(layer), len(layer))
    assert found is not None
    assert (found.diff_id, found.disk_bytes) == (diff_id(layer), len(HEAVY) + 5)
    assert found.pull_bytes == pytest.approx(packed, rel=0.001)


def test_a_small_layer_is_counted_as_it_is() -> None:
    layer = tar(a=b"1" * 5000)
    assert weighing.weigh(io.BytesIO(layer), len(layer)) == Layer(diff_id(layer), 5000, 5000)


def test_a_compressed_blob_weighs_what_it_is_and_has_the_digest_of_its_tar() -> None:
    layer = tar(a=HEAVY)
    blob = gzip.compress(layer)
    assert weighing.weigh(io.BytesIO(blob), len(blob)) == Layer(diff_id(layer), len(HEAVY), len(blob))


def test_an_empty_layer_weighs_nothing() -> None:
    assert weighing.weigh(io.BytesIO(b"\0" * 1024), 1024) == Layer(diff_id(b"\0" * 1024), 0, 0)


def test_a_document_is_no_layer() -> None:
    assert weighing.weigh(io.BytesIO(b'{"a": 1}'), 8) is None


def test_a_layer_weighs_the_same_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = tar(a=HEAVY * 4)
    found = set()
    for cores in (1, 2, 7):
        monkeypatch.setattr(machine, "cores", lambda cores=cores: cores)
        found.add(weighing.weigh(io.BytesIO(layer), len(layer)))
    assert len(found) == 1


def test_a_block_knows_the_end_of_the_one_before() -> None:
    seen, unseen = HEAVY[:1000], HEAVY[5000:6000]
    before = b"x" * (2 * weighing.CHUNK - 2000) + seen  # ends with the second block: the next file is in the third
    again, new = (
        weighing.weigh(io.BytesIO(layer), len(layer)) for layer in (tar(a=before, b=seen), tar(a=before, b=unseen))
    )
    assert again is not None
    assert new is not None
    assert new.pull_bytes - again.pull_bytes > 900

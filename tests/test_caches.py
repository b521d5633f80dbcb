"""What an entry of a cache says, and what is wrong with it."""

import pytest

from drydock.builds import caches
from drydock.errors import Misuse


@pytest.mark.parametrize(
    ("entry", "verb"),
    [
        ("user/app:cache", "import"),
        ("type=registry,ref=user/app:cache,mode=max", "export"),
        ("ref=user/app:cache", "export"),
        ("type=local,src=folder", "import"),
        ("type=local,dest=folder/{image},mode=min", "export"),
        ('type=local,"dest=a folder, with a comma"', "export"),
        ("type=inline", "export"),
        ("type=gha,scope={image}", "import"),
        ("type=s3,region=x,bucket=y", "export"),
    ],
)
def test_what_some_builder_could_take_passes(entry: str, verb: str) -> None:
    caches.demand("--cache", entry, verb)


@pytest.mark.parametrize(
    ("entry", "verb", "said"),
    [
        pytest.param("type=gah", "import", "there is no cache of type gah, only inline, local", id="a typing mistake"),
        pytest.param("type=local,dest=x", "import", "a local cache needs src to import", id="the other way round"),
        pytest.param("type=local,src=x", "export", "a local cache needs dest to export", id="and back"),
        pytest.param("type=registry", "export", "a registry cache needs ref to export", id="no place"),
        pytest.param("type=local,dest", "export", "dest has no value", id="a name alone"),
        pytest.param("type=local,dest=", "export", "dest has no value", id="an empty value"),
        pytest.param("type=registry,ref=a/b,mode=full", "export", "mode is min or max, not full", id="no such mode"),
        pytest.param("type=inline", "import", "from the registry that holds its image", id="inline is no source"),
    ],
)
def test_what_no_builder_could_take_is_wrong_use_and_says_where_it_is_written(entry: str, verb: str, said: str) -> None:
    with pytest.raises(Misuse) as caught:
        caches.demand("DRYDOCK_CACHE", entry, verb)
    assert caught.value.message.startswith(f"DRYDOCK_CACHE {entry}: ")
    assert said in caught.value.message
    assert caught.value.remedy.startswith("write it as type=registry,ref=HOST/NAME, type=local,")


@pytest.mark.parametrize(
    ("entry", "made"),
    [
        ("type=local,dest=x", "type=local,dest=x,ignore-error=true"),
        ("user/app:cache", "type=registry,ref=user/app:cache,ignore-error=true"),
        ("type=gha,ignore-error=false", "type=gha,ignore-error=false"),
        ("type=inline", "type=inline"),
    ],
)
def test_a_wish_that_fails_half_way_lets_the_build_go_on(entry: str, made: str) -> None:
    assert caches.forgiving(entry) == made

"""A build request as a bake file."""

from pathlib import Path
from typing import Any

import pytest

from drydock.builds import buildx
from drydock.builds.buildx import Options
from drydock.config import Image

UNATTESTED = ["type=provenance,disabled=true", "type=sbom,disabled=true"]


def image(name: str = "web", **words: Any) -> Image:
    return Image(name, Path("/src") / name, Path("/src") / name / "Dockerfile", f"{name}:local", **words)


def target(one: Image, options: Options | None = None) -> dict[str, Any]:
    (found,) = buildx.bake([one], options or Options())["target"].values()
    return dict(found)


def test_an_image_is_loaded_without_attestations_by_default() -> None:
    assert target(image()) == {
        "context": "/src/web",
        "dockerfile": "/src/web/Dockerfile",
        "tags": ["web:local"],
        "output": ["type=docker"],
        "attest": UNATTESTED,
    }


def test_what_is_pushed_goes_to_the_registry_and_is_attested_on_request() -> None:
    found = target(image(), Options(push=True))
    assert (found["output"], found["attest"]) == (["type=registry"], UNATTESTED)
    found = target(image(), Options(push=True, provenance=True, sbom=True, scanner="here/it:1"))
    assert found["attest"] == ["type=provenance,mode=min", "type=sbom,generator=here/it:1"]


def test_an_archive_is_dated_and_written_where_a_comma_parts_nothing_and_comes_before_the_image() -> None:
    found = target(image(), Options(archives=Path("/out,here/$${x}"), epoch=7))
    assert found["output"] == ['type=oci,"dest=/out,here/$$${x}/web.tar",rewrite-timestamp=true', "type=docker"]
    assert found["args"] == {"SOURCE_DATE_EPOCH": "7"}
    quoted = target(image(), Options(archives=Path('/a "b"'), epoch=7))
    assert quoted["output"][0] == 'type=oci,"dest=/a ""b""/web.tar",rewrite-timestamp=true'


def test_an_argument_of_the_compose_file_dates_its_image_itself() -> None:
    found = target(image(args={"SOURCE_DATE_EPOCH": "9"}), Options(archives=Path("/out"), epoch=7))
    assert found["args"] == {"SOURCE_DATE_EPOCH": "9"}


def test_everything_the_compose_file_says_reaches_bake() -> None:
    found = target(
        image(
            target="app",
            args={"A": "1"},
            contexts={"tests": "/src/tests"},
            platforms=("linux/amd64",),
            tags=("web:two", "web:local"),
            secrets={"s": "env=S"},
            ssh=("default",),
            labels={"l": "v"},
            network="host",
            cache_from=("type=registry,ref=r",),
        )
    )
    assert found["target"] == "app"
    assert found["args"] == {"A": "1"}
    assert found["contexts"] == {"tests": "/src/tests"}
    assert found["platforms"] == ["linux/amd64"]
    assert found["tags"] == ["web:local", "web:two"]
    assert found["secret"] == ["id=s,env=S"]
    assert found["ssh"] == ["default"]
    assert found["labels"] == {"l": "v"}
    assert found["network"] == "host"
    assert found["cache-from"] == ["type=registry,ref=r"]


def test_bases_are_replaced_by_named_contexts_only_where_they_differ() -> None:
    had = {"web": {"python:3.12-slim": "stand/in:1", "node:20": "node:20", "debian:latest": "other:1"}}
    contexts = target(image(contexts={"tests": "t"}), Options(bases=had))["contexts"]
    assert contexts == {
        "python:3.12-slim": "docker-image://stand/in:1",
        "debian": "docker-image://other:1",
        "tests": "t",
    }


def test_a_dollar_and_a_percent_brace_are_no_template() -> None:
    assert target(image(args={"A": "${HOME} %{if} $x"}))["args"] == {"A": "$${HOME} %%{if} $x"}


def test_the_value_of_a_proxy_is_never_written_down() -> None:
    environ = {"HTTP_PROXY": "http://user:word@host", "no_proxy": "localhost", "FTP_PROXY": ""}
    names = buildx.proxies(environ)
    document = buildx.bake([image(args={"no_proxy": "own"})], Options(proxies=names))
    assert document["variable"] == {"HTTP_PROXY": {"default": ""}, "no_proxy": {"default": ""}}
    assert document["target"]["web"]["args"] == {"HTTP_PROXY": "${HTTP_PROXY}", "no_proxy": "own"}
    assert "word" not in str(document)


@pytest.mark.parametrize(
    ("entry", "used"),
    [
        ("type=gha", "type=gha,scope=web"),
        ("mode=max,type=gha", "mode=max,type=gha,scope=web"),
        ("type=gha,scope=all", "type=gha,scope=all"),
        ("type=local,dest=cache/{image}", "type=local,dest=cache/web"),
        ("type=registry,ref=r/c", "type=registry,ref=r/c"),
    ],
)
def test_every_image_has_a_cache_of_its_own(entry: str, used: str) -> None:
    assert target(image(), Options(cache_to=(entry,)))["cache-to"] == [used]


def test_names_that_bake_does_not_allow_are_changed_and_stay_distinct() -> None:
    assert buildx.targets([image("a.b"), image("a_b"), image("c-d")]) == {"a.b": "a_b", "a_b": "a_b_", "c-d": "c-d"}


def test_only_what_is_asked_for_is_built_and_what_it_stands_on_is_known() -> None:
    images = [image("a.x"), image("b", contexts={"base": "target:a.x"}), image("c")]
    document = buildx.bake(images, Options(), {"b"})
    assert document["group"]["default"]["targets"] == ["b"]
    assert set(document["target"]) == {"b", "a_x"}
    assert document["target"]["b"]["contexts"] == {"base": "target:a_x"}


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(1, [1]), (buildx.MOST, [buildx.MOST]), (buildx.MOST + 1, [17, 16]), (200, [29, 29, 29, 29, 28, 28, 28])],
)
def test_many_images_are_built_in_groups_of_nearly_one_size(count: int, sizes: list[int]) -> None:
    images = [image(str(number)) for number in range(count)]
    groups = buildx.groups(images)
    assert [len(group) for group in groups] == sizes
    assert {one.name for group in groups for one in group} == {one.name for one in images}


def test_the_command_line_names_the_builder() -> None:
    assert buildx.argv(Options(builder="far"), "m.json") == [
        *("docker", "buildx", "bake", "--progress=rawjson", "--metadata-file=m.json", "--builder=far", "--file=-")
    ]


def test_the_first_variable_that_is_set_names_the_ca_bundle() -> None:
    assert buildx.ca_bundle({"PIP_CERT": "/b", "SSL_CERT_FILE": ""}) == "/b"
    assert buildx.ca_bundle({}) is None


def test_a_base_may_be_a_folder_that_is_sent_along() -> None:
    options = Options(bases={"web": {"node:20": "oci-layout:///home/layouts/node@sha256:1", "a:1": "b:1"}})
    contexts = target(image(), options)["contexts"]
    assert contexts["node:20"] == "oci-layout:///home/layouts/node@sha256:1"
    assert contexts["a:1"] == "docker-image://b:1"


def test_without_one_key_everything_else_stays() -> None:
    document = buildx.bake([image()], Options(cache_from=("a/b",), cache_to=("type=inline",)))
    bare = buildx.without(document, "cache-from")
    assert "cache-from" in document["target"]["web"]
    assert bare == buildx.bake([image()], Options(cache_to=("type=inline",)))

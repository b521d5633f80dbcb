"""A resolved compose model, or a tree of Dockerfiles, as images."""

from pathlib import Path
from typing import Any

import pytest

from drydock.errors import Misuse
from drydock.services import model as services


def model(**found: Any) -> dict[str, Any]:
    return {"name": "shop", "services": found, "secrets": {"f": {"file": "/s.txt"}, "e": {"environment": "TOKEN"}}}


def only(**service: Any) -> Any:
    (image,) = services.images(model(web=service), Path("/inline"))
    return image


def test_a_service_that_only_names_an_image_is_not_ours() -> None:
    assert services.images(model(db={"image": "postgres:16"}), Path("/inline")) == ()


def test_an_image_without_a_name_gets_the_one_compose_would_give() -> None:
    assert only(build={"context": "/src"}).tag == "shop-web:latest"
    assert only(build={"context": "/src"}, image="mine:1").tag == "mine:1"


def test_a_dollar_that_compose_doubled_is_one_again() -> None:
    assert only(build={"context": "/src", "args": {"A": "$${HOME}", "B": True, "C": None, "D": 1}}).args == {
        **{"A": "${HOME}", "B": "true", "D": "1"}
    }


def test_secrets_say_where_they_come_from() -> None:
    build = {"context": "/src", "secrets": [{"source": "f"}, {"source": "e", "target": "token"}]}
    assert only(build=build).secrets == {"f": "src=/s.txt", "token": "env=TOKEN"}


def test_another_service_as_a_context_is_a_target() -> None:
    build = {"context": "/src", "additional_contexts": {"base": "service:api", "tests": "/t"}}
    assert only(build=build).contexts == {"base": "target:api", "tests": "/t"}


def test_a_dockerfile_written_in_the_compose_file_lies_in_a_folder_of_ours() -> None:
    inline = model(web={"build": {"context": "/src", "dockerfile_inline": "FROM x\nRUN echo $$A\n"}})
    assert services.inlines(inline) == {"web": "FROM x\nRUN echo $A\n"}
    assert services.images(inline, Path("/inline"))[0].dockerfile == Path("/inline/web.Dockerfile")


@pytest.mark.parametrize("context", ["https://host/repo.git", "git@host:repo"])
def test_a_context_that_is_no_folder_is_refused(context: str) -> None:
    with pytest.raises(Misuse, match="web"):
        only(build={"context": context})


def test_dockerfiles_are_found_two_levels_down_and_named_like_their_folders(tmp_path: Path) -> None:
    for folder in ("api", "apps/Web UI", "apps/deep/three", "node_modules/x", ".git/y"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "Dockerfile").write_text("FROM scratch\n")
    assert [(image.name, image.tag) for image in services.found(tmp_path)] == [
        ("api", "api:local"),
        ("web-ui", "web-ui:local"),
    ]


def test_folders_that_share_a_name_are_told_apart_by_their_path(tmp_path: Path) -> None:
    for folder in ("one/app", "two/app"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "Dockerfile").write_text("FROM scratch\n")
    assert [image.name for image in services.found(tmp_path)] == ["one-app", "two-app"]

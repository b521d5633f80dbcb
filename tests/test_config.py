"""What a repository says about itself, and which word wins."""

import os
from pathlib import Path

import pytest

from drydock import config
from drydock.errors import Misuse


def test_an_empty_folder_is_a_repository_without_compose_file(tmp_path: Path) -> None:
    read = config.load(tmp_path, {})
    assert (read.root, read.settings, read.compose, read.yes) == (tmp_path, {}, None, False)
    assert read.ledger == tmp_path / ".drydock" / "ledger.db"


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="gone is not a folder"):
        config.load(tmp_path / "gone", {})


def test_the_environment_wins_over_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# comment\nA=file\nB='two words'\nexport C=${A}-c\nEMPTY=\n")
    environ = config.load(tmp_path, {"A": "environment"}).environ
    assert (environ["A"], environ["B"], environ["EMPTY"]) == ("environment", "two words", "")


def test_loading_changes_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.delenv("FROM_DOTENV", raising=False)
    (tmp_path / ".env").write_text("FROM_DOTENV=1\n")
    assert config.load(tmp_path, {}).environ == {"FROM_DOTENV": "1"}
    assert "FROM_DOTENV" not in os.environ


def test_a_broken_dotenv_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n'unclosed\n")
    with pytest.raises(Misuse, match=r"\.env:2 is no assignment"):
        config.load(tmp_path, {})


@pytest.mark.parametrize("name", [".env", "pyproject.toml"])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"A=\xff\xfe\n")
    with pytest.raises(Misuse, match=name.replace(".", r"\.")):
        config.load(tmp_path, {})


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.drydock]\ncompose = \n")
    with pytest.raises(Misuse, match=r"pyproject\.toml is not valid TOML: .*line 2"):
        config.load(tmp_path, {})


def test_settings_must_be_a_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\ndrydock = 1\n")
    with pytest.raises(Misuse, match=r"\[tool\.drydock\] in .* is not a table"):
        config.load(tmp_path, {})


def test_the_compose_file_of_the_settings_must_exist(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.drydock]\ncompose = "infra/stack.yml"\n')
    with pytest.raises(Misuse, match=r"stack\.yml does not exist"):
        config.load(tmp_path, {})
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "stack.yml").touch()
    assert config.load(tmp_path, {}).compose == tmp_path / "infra" / "stack.yml"


@pytest.mark.parametrize("path", ["compose.yaml", "docker-compose.yml", "infra/compose.yml", "deploy/compose.yaml"])
def test_a_compose_file_is_found_where_people_put_it(tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).touch()
    assert config.load(tmp_path, {}).compose == tmp_path / path


def test_the_compose_file_at_the_root_comes_first(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    for path in ("infra/compose.yaml", "docker-compose.yml", "compose.yml"):
        (tmp_path / path).touch()
    assert config.load(tmp_path, {}).compose == tmp_path / "compose.yml"


@pytest.mark.parametrize(
    ("environ", "flag", "consent"),
    [
        pytest.param({}, False, False, id="nobody agreed"),
        pytest.param({}, True, True, id="the flag"),
        pytest.param({"DRYDOCK_YES": "1"}, False, True, id="the environment"),
        pytest.param({"DRYDOCK_YES": "True"}, False, True, id="in any case"),
        pytest.param({"DRYDOCK_YES": "0"}, False, False, id="a zero is no consent"),
        pytest.param({"DRYDOCK_YES": ""}, False, False, id="nor is an empty word"),
    ],
)
def test_consent(tmp_path: Path, environ: dict[str, str], flag: bool, consent: bool) -> None:
    assert config.load(tmp_path, environ, yes=flag).yes is consent


def test_home_is_drydocks_own_else_xdgs_else_the_usual(tmp_path: Path) -> None:
    assert config.home({"DRYDOCK_HOME": str(tmp_path), "XDG_DATA_HOME": "/x"}) == tmp_path
    assert config.home({"XDG_DATA_HOME": "/x"}) == Path("/x/drydock")
    assert config.home({}) == Path.home() / ".local" / "share" / "drydock"


def test_records_that_would_be_written_elsewhere_are_refused(tmp_path: Path) -> None:
    (tmp_path / ".drydock").symlink_to("/nowhere")
    with pytest.raises(Misuse, match="is a link: records would be written elsewhere"):
        config.load(tmp_path, {})


def test_a_pipe_in_the_place_of_the_settings_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    with pytest.raises(Misuse, match="is no ordinary file"):
        config.load(tmp_path, {})

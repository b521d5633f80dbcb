"""Contents of build secrets are hidden where a step prints them."""

from pathlib import Path

from drydock.causes import mounted, reading
from drydock.config import Image


def image(tmp_path: Path, **secrets: str) -> Image:
    return Image("web", tmp_path, tmp_path / "Dockerfile", "web:1", secrets=secrets)


def test_files_and_variables_are_hidden_whole_and_by_what_is_no_plain_word(tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine packages.invalid password hunter2hunter\n")
    one = image(tmp_path, netrc=f"src={tmp_path / 'netrc'}", api="env=API", gone="src=/nowhere", none="env=NONE")
    veil = reading.veil([one], {}, mounted.values([one], {"API": 'a"quote'}))
    assert veil.hide('was hunter2hunter and a"quote') == "was $netrc and $api"
    assert veil.hide('{"log": "a\\"quote"}') == '{"log": "$api"}'
    assert veil.hide("the password of the machine packages.invalid") == "the password of the machine packages.invalid"


def test_certificates_are_no_secret(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text(
        "-----BEGIN CERTIFICATE-----\nMIIB4TCCAYegAwIBAgIBATAKBggq\n-----END CERTIFICATE-----\n"
    )
    assert [*mounted.values([image(tmp_path, ca=f"src={tmp_path / 'ca'}")], {})] == []

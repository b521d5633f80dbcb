"""What counts as secret, where too much may be hidden and where nothing may be said that is not so."""

import pytest

from drydock import secrecy


@pytest.mark.parametrize(
    "pair",
    [
        ("API_TOKEN", "abc"), ("npm_token", "abc"), ("DB_PASSWORD", "abc"), ("PG_PASS", "abc"),
        ("SECRET", "abc"), ("AWS_SECRET_ACCESS_KEY", "abc"), ("SIGNING_KEY", "abc"), ("apikey", "abc"), ("KEY", "abc"),
        ("DATABASE_URL", "postgres://me:pw@host/db"), ("X", "-----BEGIN PRIVATE KEY-----"),
        ("X", "ghp_0123456789abcdef"),
        ("Y", "0123456789abcdef0123456789abcdef"),
        ("SESSION_ID", "abc"), ("TOKEN_NAME", "a1b2c3d4e5f6a7b8"), ("SECRET_URL", "https://host/?k=abc"),
        ("COOKIE_URL", "https://me:pw@host/"), ("TTL_SECRET", "300"),
    ],
)  # fmt: skip
def test_what_looks_secret(pair: tuple[str, str]) -> None:
    assert secrecy.may_be_secret(*pair)


@pytest.mark.parametrize(
    "pair",
    [
        ("VERSION", "3.12"), ("AUTHOR", "me"), ("KEYBOARD", "de"), ("PUBLIC_API_BASE_URL", "http://localhost:5001"),
        ("PATH", "/usr/local/bin:/usr/bin"), ("PYTHONUNBUFFERED", "1"), ("COMPASS", "north"),
        ("TOKEN_TTL", "300"), ("SESSION_COOKIE_NAME", "app"), ("DB_PASSWORD_FILE", "/run/secrets/password"),
        ("TOKEN_URL", "https://host/token"), ("AUTH_HOST", "db"), ("AUTH_PORT", "5432"), ("AUTH_USER", "postgres"),
        ("API_KEY_ID", "main"),
    ],
)  # fmt: skip
def test_what_does_not(pair: tuple[str, str]) -> None:
    assert not secrecy.may_be_secret(*pair)


@pytest.mark.parametrize(
    ("name", "sure"),
    [
        ("DB_PASSWORD", True), ("NPM_TOKEN", True), ("API_KEY", True), ("AWS_SECRET_ACCESS_KEY", True), ("TOKEN", True),
        ("PGPWD", False), ("PG_PWD", True), ("PWD_OLD", True), ("PWD", False), ("SESSION", False), ("KEY", False),
        ("TOKENIZER", False), ("PASSWORD_FILE", False), ("TOKEN_HOST", False), ("SECRET_DOMAIN", False),
    ],
)  # fmt: skip
def test_names_that_surely_hold_a_secret(name: str, sure: bool) -> None:
    assert secrecy.is_secret(name) == sure
    assert secrecy.may_be_secret(name, "") or not sure, "what is found must be hidden as well"


@pytest.mark.parametrize("value", ["", '""', "changeme", "change-me", "'xxx'", "<token>", "None", "example-token"])
def test_values_that_are_none(value: str) -> None:
    assert secrecy.is_none(value)
    assert not secrecy.is_none(f"hunter22{value}")


@pytest.mark.parametrize(
    ("name", "secret"),
    [(".env", True), (".env.local", True), (".env.example", False), ("id_rsa", True), ("id_rsa.pub", False),
     ("a.key", True), ("a.pem", False), ("environment", False)],
)  # fmt: skip
def test_files_that_hold_secrets(name: str, secret: bool) -> None:
    assert secrecy.is_file(name) == secret

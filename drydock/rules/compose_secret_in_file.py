"""A secret is written in the compose file: whoever can read the repository knows it, also after it was taken out.

Give it from outside: `${DB_PASSWORD:?}` from a `.env` that git ignores, or `secrets:` with a file. What was committed
once counts as known and wants a new value.

Names that end in _FILE, _PATH, _NAME and the like are no secrets, nor are values that say they are none (`example`),
nor what a variable gives, also where it has a default, nor words that keep nothing secret (`postgres`, or
the name of the user).

There is no fix: where the value should come from, only you know.

Bad:

    --- compose.yml
    services:
      db:
        image: postgres:17.6
        environment:
          POSTGRES_PASSWORD: correct-horse
      api:
        image: api:1
        environment:
          - DATABASE_URL=postgresql://api:correct-horse@db/api

Good:

    --- compose.yml
    services:
      db:
        image: postgres:17.6
        environment:
          POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set it in .env}
          POSTGRES_PASSWORD_FILE: /run/secrets/db
"""

from collections.abc import Iterator

from drydock import secrecy
from drydock.audit import entries
from drydock.audit.composefile import ComposeFile, Service
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_compose_file, rule


def check(file: ComposeFile) -> Iterator[Found]:
    said = set[int]()
    shared = [Service(key.text, key, node) for key, node in file.root.pairs if key.text.startswith("x-")]
    for service in (*file.services, *shared):
        guessed = secrecy.GUESSED | _around(service)
        for path in (("environment",), ("build", "args")):
            for setting in entries.settings(service, *path):
                value = setting.value.strip("\"'")
                if setting.node.start in said:
                    continue  # several services share it through an anchor
                if secrecy.is_secret(setting.name) and _is_literal(value) and value.lower() not in guessed:
                    said.add(setting.node.start)
                    yield file.found(setting.node, f"{setting.name} of {service.name} is written in the file")
                elif (match := secrecy.IN_ADDRESS.search(value)) and _is_kept(_password(match[0]), guessed):
                    said.add(setting.node.start)
                    yield file.found(setting.node, f"{setting.name} of {service.name} holds an address with a password")


def _password(address: str) -> str:
    return address.rstrip("@").rpartition(":")[2].lower()


def _is_kept(password: str, guessed: frozenset[str]) -> bool:
    return password not in guessed and not secrecy.is_none(password)


def _around(service: Service) -> frozenset[str]:
    """The names of service, users and databases, which are no secret where they serve as one."""
    names = [
        one.value for one in entries.settings(service) if one.name.endswith(("USER", "USERNAME", "DB", "DATABASE"))
    ]
    return frozenset(name.lower() for name in (service.name, *names))


def _is_literal(value: str) -> bool:
    """Whether it can be a secret that is spelled out: no variable, no path, no number, no word that says it is none."""
    if not value or "$" in value or value.startswith(("/", "./")) or value.isdecimal():
        return False
    return not secrecy.is_none(value)


RULE = rule(__name__, __doc__, Severity.ERROR, each_compose_file(check))

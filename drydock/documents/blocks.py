"""What generated blocks say, as Markdown, from values read off the code. Pure."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence

from drydock.errors import Misuse, Problem
from drydock.values import dataclass

ASSIGNMENT = re.compile(r"^(?P<off>#\s?)?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)$")


@dataclass(frozen=True)
class Flag:
    """A flag of a task as it is typed, with the word it takes (empty for a switch) and its help."""

    name: str
    takes: str
    help: str


@dataclass(frozen=True)
class Verb:
    """A task: its name, the first line of its docstring, its flags in the order they are declared."""

    name: str
    summary: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Variable:
    """An environment variable; `default` is None where it is unset by default."""

    name: str
    default: str | None
    comment: str


@dataclass(frozen=True)
class Session:
    """A nox session: its name, the first line of its docstring, and whether plain `nox` runs it."""

    name: str
    summary: str
    default: bool


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A Markdown table; columns named in `right` are aligned to the right."""
    rule = ["--:" if i in right else "---" for i in range(len(header))]
    lines = [header, rule, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def tasks(verbs: Iterable[Verb]) -> str:
    """Every task, what it does and the flags it takes."""
    rows = []
    for verb in verbs:
        flags = ", ".join(f"`{flag.name}{' ' + flag.takes if flag.takes else ''}`" for flag in verb.flags)
        rows.append((f"`inv {verb.name}`", verb.summary, flags))
    return table(("task", "what it does", "flags"), rows)


def flags(verb: Verb) -> str:
    """The flags of one task with their help."""
    rows = [(f"`{flag.name}{' ' + flag.takes if flag.takes else ''}`", flag.help) for flag in verb.flags]
    return table(("flag", "meaning"), rows)


def exit_codes(classes: Iterable[type[Problem]], interrupted: int) -> str:
    """Exit codes and their meaning, from the failures that carry them."""
    rows = [("0", "done")]
    rows += [(str(kind.code), _first_line(kind.__doc__)) for kind in sorted(classes, key=lambda kind: kind.code)]
    rows.append((str(interrupted), "Interrupted."))
    return table(("exit code", "meaning"), [(code, meaning.rstrip(".")) for code, meaning in rows])


def variables(text: str, path: str) -> tuple[Variable, ...]:
    """The variables of an example `.env`: the comment lines above an assignment, or a group of them, explain it.

    A commented assignment (`# NAME=value`) is a variable that is unset by default; `value` is then an example.
    An empty line ends a group.
    """
    found: list[Variable] = []
    comment: list[str] = []
    used = False
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if match := ASSIGNMENT.match(stripped):
            if not comment:
                raise Misuse(f"{path}:{number} has no comment above {match['name']}", remedy="say what it is for there")
            default = None if match["off"] else match["value"].strip("\"'")
            found.append(Variable(match["name"], default, " ".join(comment)))
            used = True
        elif stripped.startswith("#"):
            comment = [*([] if used else comment), stripped.lstrip("# ").strip()]
            used = False
        else:
            comment = []
    return tuple(found)


def environment(found: Iterable[Variable]) -> str:
    """Every environment variable with its default and what it is for."""
    rows = [(f"`{v.name}`", _default(v.default), v.comment) for v in found]
    return table(("variable", "default", "what it is for"), rows)


def sessions_of(source: str, path: str) -> tuple[Session, ...]:
    """The nox sessions of a noxfile; read, never imported."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise Misuse(f"{path}:{error.lineno} is not valid Python", remedy=f"mend {path} at that line") from error
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and (decorator := _session(node)) is not None:
            words = {word.arg: word.value.value for word in decorator if isinstance(word.value, ast.Constant)}
            summary = _first_line(ast.get_docstring(node))
            found.append(Session(str(words.get("name", node.name)), summary, bool(words.get("default", True))))
    return tuple(found)


def sessions(found: Iterable[Session]) -> str:
    """Every nox session, what it checks, and whether plain `nox` runs it."""
    rows = [(f"`nox -s {one.name}`", one.summary, "yes" if one.default else "no") for one in found]
    return table(("session", "what it checks", "runs by default"), rows)


def markers(found: Mapping[str, str]) -> str:
    """How each block is asked for, and what it shows."""
    return table(("marker", "shows"), [(f"`drydock:{form}`", shows) for form, shows in found.items()])


def scenarios(found: Iterable[tuple[str, str]]) -> str:
    """The scenarios that are timed, given as (name, meaning)."""
    return table(("scenario", "what is built"), [(f"`{name}`", meaning) for name, meaning in found])


def builders(found: Iterable[tuple[str, Sequence[str], Sequence[str], bool]]) -> str:
    """Builders, given as (name, caches exported, caches imported, whether several platforms are built at once)."""
    rows = [
        (name, ", ".join(exported), ", ".join(imported), "yes" if many else "no")
        for name, exported, imported, many in found
    ]
    return table(("builder", "exports caches", "imports caches", "several platforms at once"), rows)


def modules(found: Iterable[tuple[str, str]]) -> str:
    """Modules, given as (path, source), with the line they begin with; read, never imported."""
    rows = [(f"`{path}`", _first_line(ast.get_docstring(ast.parse(source)))) for path, source in found]
    return table(("module", "what it is"), rows)


def _session(node: ast.FunctionDef) -> list[ast.keyword] | None:
    """The keywords of a `nox.session` decorator, or None if the function has none."""
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
        if name == "session":
            return decorator.keywords if isinstance(decorator, ast.Call) else []
    return None


def _default(default: str | None) -> str:
    if default is None:
        return "unset"
    return f"`{default}`" if default else "empty"


def _first_line(docstring: str | None) -> str:
    return (docstring or "").strip().split("\n")[0].strip()

"""Dockerfiles as stages and instructions with their place in the text. Pure."""

import csv
from collections.abc import Mapping
from itertools import accumulate

from drydock.errors import Misuse
from drydock.values import dataclass


@dataclass(frozen=True)
class Heredoc:
    """A here-document of RUN, COPY or ADD: its name and its lines as written."""

    name: str
    content: str


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    `line` and `end_line` count from 1, both inclusive; `start` and `end` are offsets into the file, without the
    last newline; `text` is the file between them; `joined` is the instruction with continuations folded;
    `args` are its words (for exec form, `json`, the elements), builder flags apart in `flags` as written.
    """

    keyword: str
    line: int
    end_line: int
    start: int
    end: int
    text: str
    joined: str
    flags: tuple[str, ...]
    args: tuple[str, ...]
    json: bool
    heredocs: tuple[Heredoc, ...] = ()

    def flag(self, name: str) -> str | None:
        """The value of `--name=value` (the first, if repeated; empty for a bare `--name`), or None."""
        return next(iter(self.flag_values(name)), None)

    def flag_values(self, name: str) -> tuple[str, ...]:
        """All values of a flag that may be repeated, such as `--mount`."""
        if not self.flags:
            return ()
        split = [flag.removeprefix("--").partition("=") for flag in self.flags]
        return tuple(value for key, _, value in split if key == name)

    def mounts(self) -> tuple[Mapping[str, str], ...]:
        """The options of each `--mount`; a bare word such as `readonly` has the value "true"."""
        found = []
        for value in self.flag_values("mount"):
            options: dict[str, str] = {"type": "bind"}
            for word in next(csv.reader([value]), []):
                key, sign, setting = word.partition("=")
                options[key.strip().lower()] = setting if sign else "true"
            found.append(options)
        return tuple(found)

    def senders(self) -> tuple[str, ...]:
        """What COPY and the mounts of RUN take from elsewhere: stages, named contexts and images, by name or number."""
        if self.keyword == "COPY":
            return tuple(filter(None, [self.flag("from")]))
        return tuple(mount["from"] for mount in self.mounts() if mount.get("from")) if self.keyword == "RUN" else ()

    def sources(self) -> tuple[str, ...]:
        """What COPY and ADD take, as written: no addresses, and no here-documents."""
        if self.keyword not in ("COPY", "ADD"):
            return ()
        names = {document.name for document in self.heredocs}
        words = [word for word in self.args[:-1] if word[:2] != "<<" or word.lstrip("<-").strip("'\"") not in names]
        return tuple(word for word in words if "://" not in word and not word.startswith("git@"))

    def settings(self) -> tuple[tuple[str, str | None], ...]:
        """What ENV, LABEL and ARG set, names and values as written; None for an ARG without a default."""
        if self.keyword == "ARG":
            split = [word.partition("=") for word in self.args]
            return tuple((name, value if sign else None) for name, sign, value in split)
        if self.keyword in ("ENV", "LABEL"):  # each is a name, a value and the sign between
            return tuple(zip(self.args[::3], self.args[1::3], strict=False))
        return ()


@dataclass(frozen=True)
class Stage:
    """One `FROM` and what follows it. `base` is as written; `name` is lower case, empty where there is none."""

    name: str
    index: int
    base: str
    instructions: tuple[Instruction, ...]

    @property
    def opening(self) -> Instruction:
        """Its FROM."""
        return self.instructions[0]

    @property
    def label(self) -> str:
        """What it can be asked for by: its name, else its number."""
        return self.name or str(self.index)

    @property
    def title(self) -> str:
        """What BuildKit calls it: its name, else `stage-` and its number."""
        return self.name or f"stage-{self.index}"


@dataclass(frozen=True)
class Dockerfile:
    """A parsed file: the `ARG`s before the first FROM (`preamble`), the stages, the escape character."""

    path: str
    text: str
    preamble: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    escape: str

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """All instructions in the order of the file."""
        return self.preamble + tuple(one for stage in self.stages for one in stage.instructions)

    def stage(self, wanted: str) -> Stage | None:
        """The stage of that name (any case; the last of two namesakes) or number."""
        for stage in reversed(self.stages):
            if wanted.lower() in (stage.name, str(stage.index)) and wanted:
                return stage
        return None

    def goal(self, target: str | None) -> Stage | None:
        """The stage that a build ends with: the one asked for, the last by default; None if there is none such."""
        return self.stage(target) if target else self.stages[-1]

    def earlier(self, stage: Stage, name: str, *, numbered: bool = False) -> Stage | None:
        """The stage that a name means within another: only those above count, and the nearest of two namesakes.

        A number counts where `numbered`: COPY and mounts know stages by it, FROM does not.
        """
        for other in reversed(self.stages[: stage.index]):
            if (name and name.lower() == other.name) or (numbered and name == str(other.index)):
                return other
        return None

    def filled(self, word: str, known: Mapping[str, str], line: int) -> str:
        """A word of that line with quotes taken off and variables filled in; Misuse for one that cannot be read."""
        try:
            return filled(word, known, self.escape)
        except ValueError as error:
            remedy = "mend the variable in it"
            raise Misuse(f"{self.path}:{line}: {word} cannot be read", remedy=remedy) from error


def parse(text: str, path: str = "Dockerfile") -> Dockerfile:
    """Parse as BuildKit does; what it could not read raises Misuse with `path` and line."""
    from e2b_dockerfile_utils import DockerfileSyntaxError, parse_dockerfile_ast

    try:
        ast = parse_dockerfile_ast(text)
    except DockerfileSyntaxError as error:
        where = f"{path}:{error.line}" if error.line else path
        reason = str(error).partition(": ")[2]
        raise Misuse(f"{where}: {reason}", remedy=f"mend {path} at that line") from error
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    instructions = []
    for one in ast.instructions:
        start, end = starts[one.start_line - 1], min(starts[one.end_line], len(text))
        source = text[start:end].rstrip("\r\n")
        if not one.args and not one.json and one.name != "ONBUILD":  # whose words are an instruction of their own
            raise Misuse(f"{path}:{one.start_line}: {one.name} says nothing", remedy=f"mend {path} at that line")
        instructions.append(
            Instruction(
                keyword=one.name,
                line=one.start_line,
                end_line=one.end_line,
                start=start,
                end=start + len(source),
                text=source,
                joined=one.original,
                flags=tuple(one.flags),
                args=tuple(one.args),
                json=one.json,
                heredocs=tuple(Heredoc(doc.name, doc.content) for doc in one.heredocs),
            )
        )
    return _staged(path, text, instructions, ast.escape_token)


def _staged(path: str, text: str, instructions: list[Instruction], escape: str) -> Dockerfile:
    openings = [at for at, one in enumerate(instructions) if one.keyword == "FROM"]
    if not openings:
        raise Misuse(f"{path} has no FROM", remedy="begin it with FROM and a base image")
    for one in instructions[: openings[0]]:
        if one.keyword != "ARG":
            raise Misuse(f"{path}:{one.line}: {one.keyword} before the first FROM", remedy="move it below a FROM")
    stages = []
    for index, (at, until) in enumerate(zip(openings, [*openings[1:], len(instructions)], strict=True)):
        words = instructions[at].args
        named = len(words) == 3 and words[1].lower() == "as"
        if len(words) != 1 and not named:
            line = instructions[at].line
            raise Misuse(
                f"{path}:{line}: FROM takes an image, or an image AS a name", remedy=f"mend {path} at that line"
            )
        stages.append(Stage(words[2].lower() if named else "", index, words[0], tuple(instructions[at:until])))
    return Dockerfile(path, text, tuple(instructions[: openings[0]]), tuple(stages), escape)


def is_plain(word: str, escape: str) -> bool:
    """Whether nothing in a word is a quote or a variable."""
    return "$" not in word and "'" not in word and '"' not in word and escape not in word


def filled(word: str, known: Mapping[str, str], escape: str) -> str:
    """A word with quotes taken off and variables filled in; ValueError for one that cannot be read."""
    if is_plain(word, escape):
        return word
    from e2b_dockerfile_utils import ShellLex

    return ShellLex(escape, env=known, skip_unset_env=False).process_word(word)

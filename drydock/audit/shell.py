"""The commands of a RUN with their place in the text: words, chains, here-documents, `sh -c`. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from itertools import pairwise

from drydock.audit import tokens
from drydock.audit.tokens import Word
from drydock.dockerfile import Instruction
from drydock.values import dataclass

OPENING = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "time", "fi", "done"})
WRAPPERS = frozenset({"sudo", "exec", "env", "command", "nice", "nohup", "chronic", "gosu", "su-exec"})
SHELLS = frozenset({"sh", "bash", "ash", "dash", "/bin/sh", "/bin/bash", "/bin/ash"})
SETTING = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True)
class Command:
    """A simple command: `words` from its program on, `settings` written before it, its place in the file.

    `start` is where its first setting or word begins, wrappers such as sudo included. `before` is the operator in front
    of it (empty for the first), `join` the place of that operator. `editable` is false where its words are not in the
    file as they stand (exec form). `after` is the operator behind it;
    `wrapper` the program that starts it, such as sudo; `stop` is where that operator begins, or the script ends.
    """

    words: tuple[Word, ...]
    settings: tuple[Word, ...]
    start: int
    end: int
    before: str = ""
    join: tuple[int, int] = (0, 0)
    after: str = ""
    editable: bool = True
    wrapper: str = ""
    stop: int = 0

    @property
    def program(self) -> str:
        """The name of the program, without its folder."""
        return self.words[0].text.rpartition("/")[2] if self.words else ""

    @property
    def line(self) -> str:
        """Its words with single blanks between."""
        return " ".join(word.text for word in self.words)

    def has(self, *words: str) -> bool:
        """Whether one of these is among its words, as it is or with `=value` behind."""
        return any(word.text in words or word.text.partition("=")[0] in words for word in self.words[1:])


@dataclass
class _Draft:
    words: list[Word] = field(default_factory=list)
    before: str = ""
    join: tuple[int, int] = (0, 0)


def body_start(one: Instruction, escape: str) -> int:
    """Where the command of a RUN begins, behind the keyword and its flags; an offset into the file."""
    scan = tokens.scanner(escape)
    at = len(one.keyword)
    while (token := scan.match(one.text, at)) is not None:
        if token.lastgroup in ("fold", "blank"):
            at = token.end()
            continue
        if not one.text.startswith("--", at):
            break
        while (token := scan.match(one.text, at)) is not None and token.lastgroup not in ("fold", "blank", "newline"):
            at = token.end()
    return one.start + at


def commands(one: Instruction, escape: str = "\\") -> tuple[Command, ...]:
    """The commands of a RUN, CMD or ENTRYPOINT in the order they are written."""
    start = body_start(one, escape)
    if one.json:
        words = tuple(Word(word, start, one.end) for word in one.args)
        return tuple(_nested(_command(words, _Draft(), editable=False), escape)) if words else ()
    text = one.text[start - one.start :]
    if not one.heredocs:
        return tuple(_read(text, start, escape))
    return tuple(_with_documents(one, text, start, escape))


def script(text: str) -> tuple[Command, ...]:
    """The commands of a shell script; their places are offsets into it."""
    return tuple(_read(text, 0, "\\"))


def _with_documents(one: Instruction, text: str, start: int, escape: str) -> Iterator[Command]:
    """The commands of the first line; and a here-document's own where it is the script, or a shell reads it."""
    first = text.partition("\n")[0]
    head = list(_read(first, start, escape))
    yield from head
    at = start + len(first) + 1
    names = [word.text for command in head for word in command.words]
    for number, document in enumerate(one.heredocs):
        found = text.find(document.content, at - start) if document.content else -1
        if found < 0:
            continue
        is_script = not head or (number == 0 and (not names or names[0] in SHELLS))
        foreign = document.content.startswith("#!") and not re.match(
            r"#!\s*\S*/(env )?(ba|da|a)?sh\b", document.content
        )
        if is_script and not foreign:
            yield from _read(document.content, start + found, "\\")
        at = start + found + len(document.content)


def _read(text: str, offset: int, escape: str) -> Iterator[Command]:
    """Commands of a piece of shell that begins at `offset` of the file."""
    draft, drafts = _Draft(), list[_Draft]()
    for token in tokens.read(text, offset, escape):
        if isinstance(token, Word):
            draft.words.append(token)
        else:
            drafts.append(draft)
            draft = _Draft([], token.text, (token.start, token.end))
    drafts.append(draft)
    whole = offset + len(text.rstrip())
    for number, one in enumerate(drafts):
        if one.words:
            following = drafts[number + 1] if drafts[number + 1 :] else _Draft(join=(whole, whole))
            after, stop = following.before, following.join[0]
            yield from _nested(_command(tuple(one.words), one, after=after, stop=stop), escape)


def _command(
    words: tuple[Word, ...], draft: _Draft, *, after: str = "", stop: int = 0, editable: bool = True
) -> Command:
    """Settings, wrappers and the shell's own words taken off the front."""
    at, settings, wrapper = 0, list[Word](), ""
    while at < len(words) and words[at].text in OPENING:
        at += 1
    first = at
    while at < len(words):
        text = words[at].text
        if SETTING.match(text):
            settings.append(words[at])
        elif text.rpartition("/")[2] in WRAPPERS and at + 1 < len(words):
            wrapper = text.rpartition("/")[2]
            while at + 1 < len(words) and words[at + 1].text.startswith("-"):
                at += 1
        else:
            break
        at += 1
    start = words[first].start if first < len(words) else words[-1].end
    return Command(
        words[at:], tuple(settings), start, words[-1].end, draft.before, draft.join, after, editable, wrapper, stop
    )


def _nested(command: Command, escape: str) -> Iterator[Command]:
    """The command, or those of its script where it is `sh -c "…"`."""
    script = _script(command.words)
    if script is None:
        if command.words:
            yield command
        return
    inside = script.start + 1 if command.editable and script.end - script.start == len(script.text) + 2 else None
    for one in _read(script.text, inside or script.start, escape):
        editable = inside is not None and one.editable
        yield replace(one, editable=editable, wrapper=command.wrapper or one.wrapper)


def _script(words: Sequence[Word]) -> Word | None:
    if not words or words[0].text not in SHELLS:
        return None
    for word, following in pairwise(words[1:]):
        if word.text.startswith("-") and word.text.endswith("c") and not word.text.startswith("--"):
            return following
    return None

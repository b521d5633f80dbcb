"""What a document claims outside its generated blocks: figures that somebody typed, commands that must exist. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set

from drydock.documents import markdown
from drydock.documents.blocks import Verb
from drydock.documents.snippets import Block
from drydock.values import dataclass

UNIT = (
    r"(?:[µmn]?s|min|h|(?:milli)?seconds?|minutes?|hours?|[kKMGT]?i?B|bytes?|(?:kilo|mega|giga)bytes?"
    r"|%|percent|times|fold|x)"
)
BETWEEN = r"(?:[ \u00a0\u202f-]|\n[ >]*)"  # a number may stand at the end of a line, its unit in the next
LEAST = rf"{BETWEEN}(?:or|and){BETWEEN}(?:later|newer)\b"
NUMBER = r"(?<![\w.,:/#])(?<!\w-)\d[\d,_]*(?:\.\d+)?(?:-\d[\d.]*)?"
TYPED = re.compile(rf"{NUMBER}(?:{BETWEEN}?{UNIT}(?![\w-])|{LEAST})")
PICTURE = re.compile(r"!\[[^]]*\]\((?P<place>[^)\s#]+)|<img\s[^>]*\bsrc=[\"'](?P<source>[^\"']+)")
COMMENT = re.compile(r"<!--.*?-->|\]\([^)]*\)|<[^>\s]+>|https?://\S+")
STARTED = re.compile(r"(?:^|(?<=[\s`($]))(?:inv|drydock|\./dev|python dev) (?P<task>[a-z][a-z-]*)(?P<rest>[^|;&#`)]*)")
SESSION = re.compile(r"\bnox (?:-s|--session) (?P<names>[a-z][\w-]*(?: [a-z][\w-]*)*)")
FLAG = re.compile(r"(?<!\S)--(?P<name>[a-z][a-z-]*)")
HANDED_ON = {"test", "nox"}  # words of ./dev that are no tasks: they hand over to nox
OF_ALL = {"help"}  # flags that Invoke itself takes behind any task


@dataclass(frozen=True)
class Claim:
    """Something in a line of a document that nothing stands behind, and how that is mended."""

    line: int
    what: str
    remedy: str


def of(text: str, blocks: Iterable[Block], verbs: Mapping[str, Verb], sessions: Set[str]) -> list[Claim]:
    """All claims of a document, in the order of their lines; `blocks` are those of this text."""
    bare = _without(text, blocks)
    return sorted((*typed(bare), *unknown(bare, verbs, sessions)), key=lambda claim: claim.line)


def typed(text: str) -> Iterator[Claim]:
    """Numbers with a unit, and "N or later", in prose and tables; code apart."""
    prose = "\n".join("" if line.is_code else _bare(line.text) for line in markdown.lines(text))
    for match in TYPED.finditer(prose):
        yield Claim(
            prose.count("\n", 0, match.start()) + 1,
            f"the figure {' '.join(match[0].split())!r} is typed",
            "render it with drydock:figure or drydock:value, say why with drydock:given, or take it out",
        )


def _bare(line: str) -> str:
    """A line with blanks in place of code spans, comments, and where links lead."""
    return COMMENT.sub(lambda match: " " * len(match[0]), markdown.without_spans(line))


def unknown(text: str, verbs: Mapping[str, Verb], sessions: Set[str]) -> Iterator[Claim]:
    """Tasks, flags of tasks and nox sessions that code in a document names and that are not there."""
    known = ", ".join(sorted(sessions))
    for number, code in _code(text):
        for match in STARTED.finditer(code):
            yield from _call(number, match["task"], match["rest"], verbs)
        for match in SESSION.finditer(code):
            for name in match["names"].split():
                if name not in sessions:
                    yield Claim(number, f"there is no session {name}", f"use one of: {known}")


def pictures(text: str, blocks: Iterable[Block]) -> Iterator[tuple[int, str]]:
    """Line and place of each picture that a document shows from its own repository; those of blocks apart."""
    for line in markdown.lines(_without(text, blocks)):
        for match in () if line.is_code else PICTURE.finditer(markdown.without_spans(line.text)):
            if "://" not in (place := match["place"] or match["source"]):
                yield line.number, place


def _call(number: int, task: str, rest: str, verbs: Mapping[str, Verb]) -> Iterator[Claim]:
    if task in HANDED_ON:
        return
    if task not in verbs:
        yield Claim(number, f"there is no task {task}", f"use one of: {', '.join(verbs)}")
        return
    flags = {name for flag in verbs[task].flags for name in _spellings(flag.name)} | OF_ALL
    for match in FLAG.finditer(rest):
        if match["name"] not in flags:
            yield Claim(number, f"inv {task} has no flag --{match['name']}", f"inv --help {task} shows those it has")


def _spellings(flag: str) -> tuple[str, ...]:
    name = flag.removeprefix("--")
    return (name.removeprefix("[no-]"), "no-" + name.removeprefix("[no-]")) if name.startswith("[no-]") else (name,)


def _code(text: str) -> Iterator[tuple[int, str]]:
    for line in markdown.lines(text):
        yield from ((line.number, code) for code in ([line.text] if line.is_code else markdown.spans(line.text)))


def _without(text: str, blocks: Iterable[Block]) -> str:
    """The text with blanks in place of what blocks hold; lines and columns stay where they were."""
    for block in blocks:
        text = text[: block.start] + re.sub(r"[^\r\n]", " ", block.body) + text[block.end :]
    return text

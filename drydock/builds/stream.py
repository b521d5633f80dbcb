"""BuildKit's raw progress as it comes: JSON values, written over one line or many, with plain lines between. Pure."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

# A whole string, a brace, or the quote of a string whose end has not come yet.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}"]', re.DOTALL)

Value = dict[str, Any] | str


class Stream:
    """Cuts chunks of bytes into JSON objects and plain lines; a value may be spread over any number of chunks."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._seen = 0  # how far the braces of the current value are counted
        self._depth = 0

    def feed(self, chunk: bytes) -> Iterator[Value]:
        """The values and lines that are complete with this chunk, in order."""
        self._text += self._decoder.decode(chunk)
        while (value := self._next()) is not None:
            yield value

    def close(self) -> Iterator[str]:
        """What is left at the end of the stream, as plain lines."""
        rest, self._text, self._seen, self._depth = self._text, "", 0, 0
        yield from (line for line in rest.splitlines() if line.strip())

    def _next(self) -> Value | None:
        if not self._depth:
            self._text = self._text.lstrip("\r\n") if not self._seen else self._text
            lead = len(self._text) - len(self._text.lstrip())
            if self._text[lead : lead + 1] != "{":
                return self._line()
        for token in TOKEN.finditer(self._text, self._seen):
            if token[0] == '"':
                break
            self._seen = token.end()
            self._depth += {"{": 1, "}": -1}.get(token[0], 0)
            if not self._depth:
                return self._cut()
        return None

    def _line(self) -> str | None:
        line, newline, rest = self._text.partition("\n")
        if not newline:
            return None
        self._text, self._seen = rest, 0
        return line.rstrip("\r")

    def _cut(self) -> Value:
        value, self._text = self._text[: self._seen], self._text[self._seen :]
        self._seen = 0
        try:
            event: dict[str, Any] = json.loads(value)
        except ValueError:
            return value  # a line of text that happens to begin with a brace
        return event

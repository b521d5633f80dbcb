"""The archives that apt reads on this machine, as its own files write them. Pure."""

import re
from collections.abc import Iterator, Mapping

Fields = Mapping[str, str]
ONE_LINE = re.compile(r"^\s*deb\s+(?:\[(?P<options>[^\]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<rest>[^#]*)")


def archives(path: str, text: str) -> Iterator[Fields]:
    """The enabled archives of binary packages in a source file, in either notation; field names in lower case."""
    for fields in _stanzas(text) if path.endswith(".sources") else _lines(text):
        off = fields.get("enabled", "yes").lower() in ("no", "false", "0")
        if "deb" in fields.get("types", "").split() and not off:
            yield fields


def _stanzas(text: str) -> Iterator[Fields]:
    for paragraph in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        for line in paragraph.splitlines():
            if line[:1] in (" ", "\t"):
                fields[name] = f"{fields.get(name, '')}\n{line}"  # a folded value; a key may be written out this way
            elif not line.startswith("#"):
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        yield fields


def _lines(text: str) -> Iterator[Fields]:
    for line in text.splitlines():
        if match := ONE_LINE.match(line):
            options = dict(word.partition("=")[::2] for word in (match["options"] or "").split())
            place = {"uris": match["uri"], "suites": match["suite"], "components": match["rest"].strip()}
            yield {**options, "types": "deb", **place}

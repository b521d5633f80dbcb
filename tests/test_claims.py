"""What documents claim outside their blocks: which figures count as typed, and which commands must exist."""

import pytest

from drydock.documents import claims, snippets
from drydock.documents.blocks import Flag, Verb

VERBS = {
    "build": Verb("build", "", (Flag("--[no-]buildkit", "", ""), Flag("--service", "SERVICE…", ""))),
    "size": Verb("size", "", (Flag("--save", "SAVE", ""),)),
}


def told(text: str) -> list[str]:
    found = claims.of(text, snippets.find(text, "a.md"), VERBS, {"lint", "docker-test"})
    return [f"{claim.line}: {claim.what}" for claim in found]


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        pytest.param("It takes 3.2 s.\n", "3.2 s", id="seconds"),
        pytest.param("It takes 250ms.\n", "250ms", id="no blank before the unit"),
        pytest.param("within 1 %\n", "1 %", id="percent"),
        pytest.param("an image of 1,200 MB\n", "1,200 MB", id="megabytes"),
        pytest.param("blocks of 32 KiB\n", "32 KiB", id="binary units"),
        pytest.param("it is 5 times faster\n", "5 times", id="times"),
        pytest.param("a 10-minute build\n", "10-minute", id="joined by a dash"),
        pytest.param("| backend | 12 MB |\n", "12 MB", id="in a table that is no block"),
        pytest.param("buildx 0.13 or later\n", "0.13 or later", id="the least version"),
        pytest.param("Docker 23 and later\n", "23 and later", id="the least version, in other words"),
        pytest.param("(3 s)\n", "3 s", id="in brackets"),
        pytest.param("less by -3 s\n", "3 s", id="less than nothing"),
        pytest.param("takes 0.1-0.3 s\n", "0.1-0.3 s", id="from one to another"),
        pytest.param("it takes 3\n  MB\n", "3 MB", id="over the end of a line"),
        pytest.param("Python 3.11 or\nlater\n", "3.11 or later", id="the least version over the end of a line"),
    ],
)
def test_a_number_with_a_unit_is_a_figure_that_somebody_typed(text: str, figure: str) -> None:
    assert told(text) == [f"1: the figure {figure!r} is typed"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("```console\n$ sleep 5 s  # 5 s\n```\n", id="fenced code"),
        pytest.param("keep `2 GB` of it\n", id="a code span"),
        pytest.param("it takes <!-- drydock:figure a b -->3 s<!-- /drydock --> here\n", id="a block within the line"),
        pytest.param("<!-- drydock:table x -->\n| 3 s |\n<!-- /drydock -->\n", id="a block"),
        pytest.param("Python 3.12, Node 20 and Debian 12\n", id="versions"),
        pytest.param("see [0013](0013-s.md), port 5001, two cores\n", id="numbers without a unit"),
        pytest.param("from python:3.12 s\n", id="a tag"),
        pytest.param("as UTF-8 bytes\n", id="the number of a standard"),
        pytest.param("Python 3\n\n```\ns\n```\n", id="a unit in code behind it"),
        pytest.param("the 3 systems it runs on\n", id="a word that begins like a unit"),
        pytest.param("see https://example.org/5 s\n", id="an address"),
    ],
)
def test_what_is_no_measured_figure_is_left_alone(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("`inv bild`\n", "there is no task bild", id="a task"),
        pytest.param("`inv build --servce x`\n", "inv build has no flag --servce", id="a flag"),
        pytest.param("```console\n$ drydock size --top 3\n```\n", "inv size has no flag --top", id="in a fence"),
        pytest.param("`./dev size --json`\n", "inv size has no flag --json", id="through dev"),
        pytest.param("`nox -s lint dockertest`\n", "there is no session dockertest", id="a session"),
        pytest.param("```\n$ nox -s docs\n```\n", "there is no session docs", id="a session in a fence"),
    ],
)
def test_a_command_that_does_not_exist_is_named(text: str, said: str) -> None:
    assert [claim.split(": ", 1)[1] for claim in told(text)] == [said]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("`inv build --service backend --no-buildkit`\n", id="flags that are there"),
        pytest.param("`inv build --help`\n", id="Invoke's own help"),
        pytest.param("`inv --help TASK`, `inv TASK`\n", id="a word in place of a task"),
        pytest.param("`inv size && docker run --rm x`\n", id="the flags of another command behind it"),
        pytest.param("`./dev test --yes`, `./dev nox -s lint`\n", id="words of dev that are no tasks"),
        pytest.param("`nox -s docker-test -- tests/x.py`\n", id="words that are handed on"),
        pytest.param("we drydock nothing, and inv means more\n", id="prose"),
        pytest.param("```\n$ inv build   # not --this\n```\n", id="a comment behind it"),
    ],
)
def test_commands_that_exist_are_left_alone(text: str) -> None:
    assert told(text) == []


def test_a_claim_says_line_and_remedy() -> None:
    text = "# x\n\nfine\n\nIt takes 3 s.\n"
    (claim,) = claims.of(text, (), VERBS, set())
    assert (claim.line, "drydock:figure" in claim.remedy) == (5, True)

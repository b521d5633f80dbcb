"""Markers in documents: what is a block, what is left alone, what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drydock.documents import snippets
from drydock.errors import Misuse

DOCUMENT = "# Title\n\n<!-- drydock:tasks -->\nold\n<!-- /drydock -->\n\ntail\n"
RENDERERS = {"tasks": lambda _: "new\nlines", "table": lambda block: " ".join(block.words)}


def test_only_the_body_between_the_markers_is_replaced() -> None:
    rendered = snippets.render(DOCUMENT, "a.md", RENDERERS)
    assert rendered.text == DOCUMENT.replace("old\n", "new\nlines\n")
    assert [block.name for block in rendered.changed] == ["tasks"]


def test_a_second_render_changes_nothing() -> None:
    once = snippets.render(DOCUMENT, "a.md", RENDERERS)
    twice = snippets.render(once.text, "a.md", RENDERERS)
    assert twice.text == once.text
    assert twice.changed == ()


def test_windows_newlines_are_kept_and_used_in_the_body() -> None:
    rendered = snippets.render(DOCUMENT.replace("\n", "\r\n"), "a.md", RENDERERS)
    assert rendered.text == DOCUMENT.replace("old\n", "new\nlines\n").replace("\n", "\r\n")


def test_words_after_the_name_reach_the_renderer() -> None:
    rendered = snippets.render("<!-- drydock:table before-after two.x -->\n<!-- /drydock -->\n", "a.md", RENDERERS)
    assert "\nbefore-after two.x\n" in rendered.text


def test_several_blocks_in_one_document_are_all_rendered() -> None:
    rendered = snippets.render(DOCUMENT + DOCUMENT, "a.md", RENDERERS)
    assert rendered.text.count("new\nlines\n") == 2
    assert [block.line for block in rendered.changed] == [3, 10]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("```html\n<!-- drydock:tasks -->\n```\n", id="an example inside a fence"),
        pytest.param("~~~~\n```\n<!-- drydock:tasks -->\n~~~~\n", id="a fence inside a longer fence"),
        pytest.param("see `<!-- drydock:tasks -->` for more\n", id="a marker within a sentence"),
        pytest.param("<!-- drydock -->\n", id="another comment"),
        pytest.param("", id="an empty document"),
    ],
)
def test_what_is_no_block_is_left_alone(text: str) -> None:
    rendered = snippets.render(text, "a.md", RENDERERS)
    assert (rendered.text, rendered.blocks) == (text, ())


@pytest.mark.parametrize(
    ("text", "where"),
    [
        pytest.param("x\n<!-- drydock:tasks -->\nno end\n", "a.md:2", id="never closed"),
        pytest.param("<!-- drydock:tasks -->\n<!-- drydock:tasks -->\n<!-- /drydock -->\n", "a.md:1", id="nested"),
        pytest.param("\n\n<!-- /drydock -->\n", "a.md:3", id="closed without being opened"),
        pytest.param("<!-- drydock:nonsense -->\n<!-- /drydock -->\n", "a.md:1", id="unknown name"),
    ],
)
def test_a_wrong_marker_is_named_with_file_and_line(text: str, where: str) -> None:
    with pytest.raises(Misuse) as caught:
        snippets.render(text, "a.md", RENDERERS)
    assert caught.value.message.startswith(where)
    assert caught.value.remedy


def test_an_unknown_block_says_which_ones_there_are() -> None:
    with pytest.raises(Misuse) as caught:
        snippets.render("<!-- drydock:nonsense -->\n<!-- /drydock -->\n", "a.md", RENDERERS)
    assert "table, tasks" in caught.value.remedy


def test_a_block_within_a_line_replaces_what_stands_between_its_markers() -> None:
    text = "An edit takes <!-- drydock:table a b/c -->9 s<!-- /drydock -->, or `<!-- drydock:x -->`.\n"
    rendered = snippets.render(text, "a.md", RENDERERS)
    assert rendered.text == text.replace("9 s", "a b/c")
    assert [(block.line, block.body, block.within) for block in rendered.changed] == [(1, "9 s", True)]
    assert snippets.render(rendered.text, "a.md", RENDERERS).changed == ()


def test_several_blocks_within_one_line_are_all_rendered() -> None:
    text = "x <!-- drydock:table a --><!-- /drydock --> y <!-- drydock:table b -->`1`<!-- /drydock --> z\n"
    expected = "x <!-- drydock:table a -->a<!-- /drydock --> y <!-- drydock:table b -->b<!-- /drydock --> z\n"
    assert snippets.render(text, "a.md", RENDERERS).text == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("x <!-- drydock:table a -->9 s\n", "without its other half", id="not closed in its line"),
        pytest.param("x 9 s<!-- /drydock -->\n", "without its other half", id="not opened in its line"),
        pytest.param("x <!-- drydock:tasks -->1<!-- /drydock -->\n", "takes several", id="a table within a line"),
        pytest.param("<!-- drydock:table a -->9<!-- /drydock --> x\n", "begins with a marker", id="a line of HTML"),
    ],
)
def test_a_wrong_marker_within_a_line_is_named(text: str, said: str) -> None:
    with pytest.raises(Misuse, match=rf"^a\.md:1 .*{said}"):
        snippets.render(text, "a.md", RENDERERS)


LINES = st.lists(
    st.text(st.characters(exclude_characters="<`~\r\n", exclude_categories=["Cs", "Zl", "Zp"]), max_size=20), max_size=5
)


@given(before=LINES, after=LINES)
def test_everything_outside_the_blocks_survives_byte_for_byte(before: list[str], after: list[str]) -> None:
    head = "".join(line + "\n" for line in before)
    tail = "\n".join(after)
    text = f"{head}<!-- drydock:tasks -->\nold\n<!-- /drydock -->\n{tail}"
    expected = f"{head}<!-- drydock:tasks -->\nnew\nlines\n<!-- /drydock -->\n{tail}"
    assert snippets.render(text, "a.md", RENDERERS).text == expected

"""YAML becomes nodes that know their place; what is too deep, too large or holds itself is refused in one line."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from drydock.audit import yamltree
from drydock.audit.yamltree import Node, Shape
from drydock.errors import Misuse


def parse(text: str) -> Node:
    return yamltree.parse(text, "x.yml")[0]


def test_nodes_are_slices_of_the_file_without_what_follows() -> None:
    text = "a:\r\n  - 'x é😀' # one\r\n  - y\r\n# tail\r\nb: |\n  1\n  2\n\nc: {d: [1]}\n"
    root = parse(text)
    slices = [
        text[node.start : node.end] for node in (root.get("a"), root.get("a", 0), root.get("b"), root.get("c")) if node
    ]
    assert slices == ["- 'x é😀' # one\r\n  - y", "'x é😀'", "|\n  1\n  2", "{d: [1]}"]


def test_merge_keys_give_what_is_not_written_itself() -> None:
    root = parse("x: &x {a: 1, b: 2}\ny:\n  <<: [*x]\n  b: 3\n")
    assert [root.get("y", key).text for key in ("a", "b")] == ["1", "3"]  # type: ignore[union-attr]
    assert root.get("y", "c") is None
    assert root.get("y").key("a") is None  # type: ignore[union-attr]


def test_merges_within_merges_are_followed_once_each() -> None:
    levels = [f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 31)]
    root = parse("".join(["a0: &a0 {last: 1}\n", *levels]))
    assert root.get("a30", "last").text == "1"  # type: ignore[union-attr]


def test_an_alias_is_the_node_it_stands_for() -> None:
    root = parse("a: &x [1]\nb: *x\n")
    assert root.get("b") is root.get("a")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "did not find expected node content"),
        ("a: *b", r"\*b stands for nothing"),
        ("a: &a [*a]", r"\*a lies in itself"),
        ("[" * 5_000, "more than 100 levels deep"),
        ("- " * 5_000, "more than 100 levels deep"),
        ("[" + "1," * 60_000 + "]", "more than 50000 values"),
        ("\x00", "is not YAML"),
        ("a:\n\tb: 1", "x.yml:2: found character"),
    ],
    ids=["not closed", "unknown alias", "cycle", "deep brackets", "deep dashes", "too many", "binary", "tab"],
)
def test_what_cannot_be_read_is_one_line(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message) as raised:
        parse(text)
    assert "\n" not in raised.value.message


def test_many_aliases_of_aliases_cost_no_more_than_they_are_written() -> None:
    lines = ["a0: &a0 [1]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    assert parse("\n".join(lines)).get("a59") is not None


values = st.recursive(
    st.text(max_size=8) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), values, min_size=1, max_size=4), st.booleans())
def test_each_scalar_reads_back_from_its_own_place(document: dict[str, object], flow: bool) -> None:
    text = yaml.safe_dump(document, allow_unicode=True, default_flow_style=flow, width=1000)
    waiting = [parse(text)]
    while waiting:
        node = waiting.pop()
        waiting += [*node.items, *(one for pair in node.pairs for one in pair)]
        if node.shape is Shape.SCALAR and "\n" not in text[node.start : node.end]:
            again = yaml.compose(text[node.start : node.end] or '""', Loader=yaml.SafeLoader)
            assert again is not None
            assert again.value == node.text

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from endpoint.text.constraints.guards import guard, without

MARKS = ["</parameter>", "]<]minimax[>[", "<tool_call|>", "~", "ab", "aab"]


@given(st.sampled_from(MARKS), st.data())
def test_a_text_that_passes_never_contains_the_mark(mark: str, data: st.DataObject) -> None:
    pieces = st.sampled_from([mark, mark[:-1], mark[1:], mark[0], *mark, "x"])
    text = "".join(data.draw(st.lists(pieces, max_size=6)))
    if re.search(without(mark), text):
        assert mark not in text


@given(st.text(alphabet="</parmet>x", max_size=30))
def test_where_the_first_letter_is_unique_every_other_text_passes(text: str) -> None:
    assert bool(re.search(without("</p>"), text)) == ("</p>" not in text)


def test_only_free_strings_are_narrowed() -> None:
    enum = {"type": "string", "enum": ["</p>"]}
    schema = {"type": "array", "items": {"anyOf": [{"type": "string"}, enum, {"type": "integer"}]}}
    expected = {"anyOf": [{"type": "string", "pattern": without("</p>")}, enum, {"type": "integer"}]}
    assert guard(schema, "</p>") == {"type": "array", "items": expected}

from __future__ import annotations

import pytest

from endpoint.providers.fake import FakeTokenizer
from endpoint.text.constraints.grammar_constraint import Grammar, GrammarFailed
from endpoint.text.constraints.schemas import prepare, to_grammar
from endpoint.text.constraints.vocabulary import make_vocabulary

VOCABULARY = make_vocabulary(FakeTokenizer(), 257, "<|end|>")


def compile_schema(schema: dict[str, object]) -> None:
    Grammar(to_grammar(prepare(schema)), VOCABULARY)


@pytest.mark.parametrize(
    ("word", "empty", "telling"),
    [
        ("propertyNames", {"type": "string"}, {"pattern": "^a"}),
        ("unevaluatedProperties", {}, False),
        ("unevaluatedItems", True, False),
        ("dependentRequired", {}, {"a": ["b"]}),
        ("uniqueItems", False, True),
        ("not", False, {"type": "null"}),
    ],
)
def test_a_keyword_that_cannot_be_enforced_is_taken_where_it_says_nothing(
    word: str, empty: object, telling: object
) -> None:
    compile_schema({"properties": {"a": {"type": "object", word: empty}}})
    with pytest.raises(GrammarFailed, match=word):
        compile_schema({"properties": {"a": {"type": "object", word: telling}}})

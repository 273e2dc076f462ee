"""Added tokens get their roles by name, with llama.cpp's exceptions."""

from __future__ import annotations

from endpoint.providers.infill import InfillTokens
from endpoint.providers.mlx.special import SpecialTokens, find_special


def find(names: list[str], declared: set[int] | None = None, special: set[int] | None = None) -> SpecialTokens:
    numbers = dict(enumerate(names))
    return find_special(numbers, frozenset(numbers if special is None else special), frozenset(declared or ()))


def test_well_known_names_end_answers_even_where_the_tokenizer_calls_them_text() -> None:
    found = find(["<|im_end|>", "<|fim_pad|>", "<tool_call>"], special=set())
    assert found.ends == {0, 1}
    assert found.control == {0, 1}


def test_gpt_oss_shows_its_channels_and_ends_messages_without_ending_answers() -> None:
    names = ["<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>", "<|return|>", "<|call|>"]
    found = find(names, declared={5})
    assert found.ends == {5, 6}
    assert found.control == {5, 6}


def test_an_end_of_messages_ends_answers_where_the_model_says_so_or_has_no_other() -> None:
    names = ["<|end|>", "<|return|>", "<|call|>"]
    assert find(names, declared={0}).ends == {0, 1, 2}
    assert find(names, declared={0}).control == {0, 1, 2}
    assert find(["<|end|>", "<|assistant|>"]).ends == {0}


def test_gemma_4_has_ends_of_its_own_and_an_ordinary_one_that_is_text() -> None:
    found = find(["</s>", "<|tool_response>", "<turn|>"])
    assert found.ends == {1, 2}
    assert found.control == {1, 2}
    assert find(["</s>"]).ends == {0}


def test_an_end_that_the_model_names_may_be_a_piece_of_text() -> None:
    found = find(["<|im_end|>"], declared={77})
    assert found.ends == {0, 77}
    assert found.control == {0}


def test_gaps_need_all_three_marks_of_any_of_the_known_names() -> None:
    assert find(["<PRE>", "<｜fim▁hole｜>", "<|middle|>"]).infill == InfillTokens(0, 1, 2)
    assert find(["<PRE>", "<SUF>"]).infill is None

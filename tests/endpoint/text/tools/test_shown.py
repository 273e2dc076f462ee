from __future__ import annotations

from dataclasses import replace

from endpoint.text.detokenizer import Detokenizer
from endpoint.text.tools.dialect import FALLBACK
from endpoint.text.tools.formats import AnswerFormat, CallStyle, ReasoningFormat, ToolFormat
from endpoint.text.tools.shown import find_shown

CONTROL = {300: "<tool_call>", 301: "</tool_call>", 302: "<|begin|>", 303: "<think>", 304: "<|eot|>"}


class ControlTokenizer:
    """Bytes as tokens, and a few control tokens; `<|eot|>` ends an answer."""

    longest_piece = 12

    def encode(self, text: str, *, add_bos: bool) -> list[int]:
        for token, written in CONTROL.items():
            if text.startswith(written):
                return [token, *self.encode(text[len(written) :], add_bos=add_bos)]
        return [text.encode()[0], *self.encode(text[1:], add_bos=add_bos)] if text else []

    def encode_whole(self, text: str, *, marks: bool = True) -> list[int]:
        raise AssertionError("not needed here")

    def written(self, token: int) -> bytes:
        return self.piece(token)

    def piece(self, token: int) -> bytes:
        return b"" if token in CONTROL else bytes([token])

    def is_end(self, token: int) -> bool:
        return token == 304


def test_control_tokens_among_the_marks_are_shown_and_no_others() -> None:
    answer = AnswerFormat(FALLBACK, ReasoningFormat("<think>", "</think>"), ends=("<|eot|>",))
    assert find_shown(answer, ControlTokenizer()) == {
        300: b"<tool_call>",
        301: b"</tool_call>",
        303: b"<think>",
    }


def test_a_control_token_inside_a_mark_is_shown() -> None:
    form = ToolFormat(CallStyle.TAGGED, ("<|begin|>functions.",), name_end=":", head_end=":")
    assert find_shown(AnswerFormat(form), ControlTokenizer()) == {302: b"<|begin|>"}


def test_the_header_is_shown_only_where_a_turn_has_several_messages() -> None:
    single = AnswerFormat(FALLBACK, header="<|begin|>assistant")
    assert 302 not in find_shown(single, ControlTokenizer())
    assert 302 in find_shown(replace(single, frames=("<|end|>",)), ControlTokenizer())


def test_a_shown_token_has_text_and_another_control_token_has_none() -> None:
    detokenizer = Detokenizer(ControlTokenizer().piece, {300: b"<tool_call>"})
    assert [detokenizer.feed(token) for token in (97, 300, 302, 98)] == ["a", "<tool_call>", "", "b"]

"""Which control tokens an answer's format needs to see as text. Pure.

A tokenizer gives control tokens no text, so that `<|im_end|>` never shows in an answer. The marks of calls and of
reasoning often are such tokens: without their text there would be nothing to tell a call by.
"""

from __future__ import annotations

from dataclasses import replace

from endpoint.providers.base import Tokenizer
from endpoint.text.tools.formats import AnswerFormat
from endpoint.text.tools.pieces import marks_in


def find_shown(answer: AnswerFormat, tokenizer: Tokenizer) -> dict[int, bytes]:
    """Token -> its text, for each control token among the marks; the header's only where a turn has several parts."""
    if not (answer.frames or answer.spans):
        answer = replace(answer, header="")
    shown = {}
    for mark in dict.fromkeys(piece for whole in answer.marks() for piece in (whole, *marks_in(whole))):
        tokens = tokenizer.encode(mark, add_bos=False)
        if len(tokens) == 1 and not tokenizer.piece(tokens[0]) and not tokenizer.is_end(tokens[0]):
            shown[tokens[0]] = mark.encode()
    return shown

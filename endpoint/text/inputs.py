"""Texts that stand for themselves as tokens, with the marks that the vocabulary puts around one: what is embedded.

Owner: the event loop; long texts are tokenised on a worker thread.
Invariant: an input that doesn't fit is refused with both counts, never cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from endpoint.engine.model import LoadedModel
from endpoint.errors import InputTooLong, InvalidRequest
from endpoint.text.prompt import LARGE_INPUT, SMALL_INPUT

Input = str | tuple[int, ...]
"""A text, or the tokens that its caller made of it."""
Tokens = tuple[int, ...]


async def encode_inputs(model: LoadedModel, inputs: Sequence[Input], longest: int) -> tuple[Tokens, ...]:
    """Tokens of each, at most `longest`. Raises InvalidRequest, InputTooLong, naming the input."""
    size = sum(len(each) for each in inputs)
    if size <= SMALL_INPUT:
        return _encode_all(model, inputs, longest)
    return await asyncio.to_thread(_encode_all, model, inputs, longest)


def _encode_all(model: LoadedModel, inputs: Sequence[Input], longest: int) -> tuple[Tokens, ...]:
    several = len(inputs) > 1
    return tuple(
        _encode(model, each, longest, f"input[{place}]" if several else "input") for place, each in enumerate(inputs)
    )


def _encode(model: LoadedModel, given: Input, longest: int, param: str) -> Tokens:
    if not given:
        raise InvalidRequest(f"{param} is empty: there is nothing to embed.", param)
    if isinstance(given, str):
        _refuse_hopeless(model, given, longest, param)
        tokens = tuple(model.tokenizer.encode_whole(given))
    else:
        tokens = given
        check_tokens(model, tokens, param)
    if not tokens:
        raise InvalidRequest(f"{param} has no tokens for this model: there is nothing to embed.", param)
    if len(tokens) > longest:
        raise InputTooLong(len(tokens), longest, param)
    return tokens


def check_tokens(model: LoadedModel, tokens: Sequence[int], param: str) -> None:
    """Raise InvalidRequest for a token that the model doesn't have."""
    for place, token in enumerate(tokens):
        if not 0 <= token < model.info.n_vocab:
            where = f"{param}[{place}]"
            raise InvalidRequest(f"{where} must be a token from 0 to {model.info.n_vocab - 1}, got {token}.", param)


def _refuse_hopeless(model: LoadedModel, text: str, longest: int, param: str) -> None:
    """A very long text that can't fit, however its tokens fall, isn't tokenised for its exact count."""
    if len(text) > LARGE_INPUT:
        fewest = -(-len(text) // model.tokenizer.longest_piece)  # a character is at least a byte
        if fewest > longest:
            raise InputTooLong(fewest, longest, param, at_least=True)

"""Texts as rows of tokens of which none stands twice: what a model that knows only its last token can say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class CannotSay(ValueError):
    """No such row exists for a text."""


def find_chains(vocabulary: Mapping[str, int], texts: Sequence[str]) -> list[list[int]]:
    """A row of tokens for each text, no token twice in all of them. `vocabulary`: tokens' numbers by their texts.
    Raises CannotSay.
    """
    chains: list[list[int]] = []
    spent: set[int] = set()
    for text in texts:
        chain = _find(vocabulary, text, spent)
        if chain is None:
            raise CannotSay(f"tokens that stand once only can't spell {text!r}")
        chains.append(chain)
        spent |= set(chain)
    return chains


def _find(vocabulary: Mapping[str, int], text: str, spent: set[int]) -> list[int] | None:
    """Long tokens first, and back again where what is left can't be spelled with what is left over."""
    if not text:
        return []
    for length in range(len(text), 0, -1):
        token = vocabulary.get(text[:length])
        if token is None or token in spent:
            continue
        rest = _find(vocabulary, text[length:], spent | {token})
        if rest is not None:
            return [token, *rest]
    return None

"""Where a text's tokens can be cut so that nothing behind the cut can change those before it. Immutable; any thread.

Behind a control token it always can: texts are parted at control tokens before anything else is looked at. Inside plain
text a place is a seam when no token of the vocabulary reaches across it and both characters that meet there are known.
Then nothing behind it matters: merges (BPE, SPM) and best paths (unigram) never join what no token joins, and the
patterns that part a text into words look ahead only into white space and digits, which a seam has behind it in full.
So it holds for whatever vocabulary it was found for; what a vocabulary joins is no seam for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from endpoint.providers.base import Tokenizer

_SPLIT = "surrogateescape"
"""How tokens are decoded: the bytes of a character that they hold only a part of become lone surrogates."""

_WIDEST = 4  # UTF-8 bytes of a character, and so the most tokens

_PLACES = re.compile(
    r"(?=(\S ))"  # before a word's blank
    r"|(?=(\n\S))"  # before a line
    r"|(?=([\w\udc80-\udcbf][。，、！？；：\udcc2-\udcf4]))"  # before a mark, in scripts without blanks
)
"""Two characters between which a seam may be. What a vocabulary has across such a place is found with it too."""


@dataclass(frozen=True, slots=True)
class Seams:
    """`bridged`: pairs of neighbouring characters that a token holds together. `controls`: control tokens that are the
    beginning of no longer one."""

    tokenizer: Tokenizer
    bridged: frozenset[str]
    controls: frozenset[int]

    def cut(self, tokens: Sequence[int]) -> int:
        """How many of a text's tokens stay, whatever text goes on from there."""
        return next((place for place in range(len(tokens), 0, -1) if self._is_seam(tokens, place)), 0)

    def _is_seam(self, tokens: Sequence[int], place: int) -> bool:
        if tokens[place - 1] in self.controls:
            return True
        left = self._spell(tokens[max(0, place - _WIDEST) : place])[-1:]
        right = self._spell(tokens[place : place + _WIDEST + 1])[:2]
        if right.startswith(" ") and (len(right) < 2 or right[1].isspace()):
            return False  # white space may be parted elsewhere when more of it follows
        pair = left + right[:1]
        if not _PLACES.match(pair) or any("\ud800" <= each <= "\udfff" for each in pair):
            return False
        return not any(spelling in self.bridged for spelling in _spellings(left, right[0]))

    def _spell(self, tokens: Sequence[int]) -> str:
        return b"".join(map(self.tokenizer.written, tokens)).decode("utf-8", _SPLIT)


def find_seams(tokenizer: Tokenizer, n_vocab: int) -> Seams:
    """Look at every token once: up to a second for the largest vocabularies."""
    texts = [tokenizer.written(token).decode("utf-8", _SPLIT) for token in range(n_vocab)]
    controls = {token for token in range(n_vocab) if texts[token] and not tokenizer.piece(token)}
    longer = _find_begun({texts[token] for token in controls}, texts)
    return Seams(
        tokenizer,
        frozenset(pair for text in texts for pair in _pairs(text)),
        frozenset(token for token in controls if texts[token] not in longer),
    )


def _pairs(text: str) -> Iterator[str]:
    for found in _PLACES.finditer(text):
        yield next(pair for pair in found.groups() if pair)


def _spellings(left: str, right: str) -> Iterator[str]:
    """The pair, and how it looks in a token that holds only a part of one of its characters."""
    last, first = (left.encode()[-1:].decode("utf-8", _SPLIT), right.encode()[:1].decode("utf-8", _SPLIT))
    for before in {left, last}:
        for after in {right, first}:
            yield before + after


def _find_begun(controls: set[str], texts: Sequence[str]) -> set[str]:
    """Those of `controls` that another text begins with."""
    heads = {text[0] for text in controls}
    begun: set[str] = set()
    for text in texts:
        if text[:1] in heads:
            begun.update(text[:length] for length in range(1, len(text)) if text[:length] in controls)
    return begun

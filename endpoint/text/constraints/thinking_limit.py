"""Ends reasoning that has used up its budget: the mark that closes it is forced, and the answer follows. Engine thread
only, once made; one instance a job.

It wraps the answer's own constraint, which sees every token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from endpoint.engine.model import LoadedModel
from endpoint.providers.constraint import Constraint, MakeConstraint
from endpoint.text.tools.formats import ReasoningFormat
from endpoint.text.tools.reading import AnswerReading


@dataclass(frozen=True, slots=True)
class ThinkingBudget:
    """`most` tokens of reasoning, between the texts `start` and `end`; `closing` are the tokens of `end`. `thinking`:
    the prompt has begun it. `text_of` a token, of `n_vocab`."""

    most: int
    start: bytes
    end: bytes
    closing: tuple[int, ...]
    thinking: bool
    text_of: Callable[[int], bytes]
    n_vocab: int


def limit_thinking(
    make_inner: MakeConstraint | None, most: int | None, reading: AnswerReading | None, model: LoadedModel
) -> MakeConstraint | None:
    """`make_inner`'s constraint with a budget of `most` tokens; itself where there is no budget or no reasoning."""
    reasoning = reading.answer.reasoning if reading is not None else None
    if most is None or reading is None or reasoning is None:
        return make_inner
    budget = _plan(most, reasoning, reading, model)
    return lambda: ThinkingLimit(budget, make_inner() if make_inner is not None else None)


def _plan(most: int, reasoning: ReasoningFormat, reading: AnswerReading, model: LoadedModel) -> ThinkingBudget:
    tokenizer = model.tokenizer
    return ThinkingBudget(
        most,
        reasoning.start.encode(),
        reasoning.end.encode(),
        tuple(tokenizer.encode(reasoning.end, add_bos=False)),
        reading.is_thinking,
        lambda token: reading.text_of(token, tokenizer),
        model.info.n_vocab,
    )


class _State(Enum):
    OPENING = auto()  # blanks, or the beginning of the opening mark
    THINKING = auto()
    CLOSING = auto()  # the budget is used up
    OVER = auto()


class ThinkingLimit:
    """See the module. `inner` None: everything else is free."""

    def __init__(self, budget: ThinkingBudget, inner: Constraint | None) -> None:
        self._budget = budget
        self._inner = inner
        self._text = b""  # of the opening; then of the reasoning, as long as a mark may still be growing in it
        self._left = budget.most
        self._closing = list(budget.closing)
        self._state = _State.OPENING
        if budget.thinking:
            self._think(b"")

    def forced(self) -> Sequence[int]:
        """The closing mark, once the budget is used up."""
        if self._state is _State.CLOSING:
            return self._closing
        return () if self._inner is None else self._inner.forced()

    def allows(self, token: int) -> bool:
        """While it closes, that mark only."""
        if self._state is _State.CLOSING:
            return token == self._closing[0]
        return self._inner is None or self._inner.allows(token)

    def mask(self) -> bytes:
        """See `Constraint`."""
        if self._state is not _State.CLOSING and self._inner is not None:
            return self._inner.mask()
        closing = self._state is _State.CLOSING
        bits = 1 << self._closing[0] if closing else (1 << self._budget.n_vocab) - 1
        return bits.to_bytes(4 * -(-self._budget.n_vocab // 32), "little")

    def accept(self, token: int) -> None:
        """Count, and look for the marks."""
        if self._inner is not None:
            self._inner.accept(token)
        match self._state:
            case _State.OPENING:
                self._open(self._budget.text_of(token))
            case _State.THINKING:
                self._left -= 1
                self._think(self._budget.text_of(token))
            case _State.CLOSING:
                self._closing.pop(0)
                if not self._closing:
                    self._state = _State.OVER

    def _open(self, text: bytes) -> None:
        self._text = (self._text + text).lstrip()
        if self._text.startswith(self._budget.start):
            text, self._text = self._text[len(self._budget.start) :], b""
            self._think(text)
        elif not self._budget.start.startswith(self._text):
            self._state = _State.OVER

    def _think(self, text: bytes) -> None:
        self._text += text
        self._state = _State.CLOSING if self._left <= 0 and self._closing else _State.THINKING
        if self._budget.end in self._text:
            self._state = _State.OVER
        self._text = self._text[-len(self._budget.end) :]

from __future__ import annotations

from collections.abc import Sequence

from endpoint.providers.fake import END
from endpoint.text.constraints.thinking_limit import ThinkingBudget, ThinkingLimit

N_VOCAB = 257
LONG = b"thinking without end"


def limit(most: int, *, thinking: bool = False, inner: Digits | None = None) -> ThinkingLimit:
    budget = ThinkingBudget(most, b"<t>", b"</t>", tuple(b"</t>"), thinking, lambda token: bytes([token]), N_VOCAB)
    return ThinkingLimit(budget, inner)


class Digits:
    """An answer of digits, after a reasoning that it knows nothing of."""

    def __init__(self) -> None:
        self.seen = b""

    def forced(self) -> Sequence[int]:
        return ()

    def allows(self, token: int) -> bool:
        return token in b"0123456789"

    def mask(self) -> bytes:
        return sum(1 << digit for digit in b"0123456789").to_bytes(36, "little")

    def accept(self, token: int) -> None:
        self.seen += bytes([token])


def write(made: ThinkingLimit, wanted: bytes) -> bytes:
    """What comes of a model that writes `wanted`."""
    written = b""
    for token in wanted:
        for forced in list(made.forced()):
            assert made.allows(forced)
            made.accept(forced)
            written += bytes([forced])
        made.accept(token)
        written += bytes([token])
    return written + bytes(made.forced())


def test_reasoning_is_closed_when_its_budget_is_used_up_and_the_answer_goes_on() -> None:
    assert write(limit(8), b"<t>" + LONG) == b"<t>thinking</t> without end"


def test_reasoning_that_the_prompt_has_begun_is_closed_too() -> None:
    assert write(limit(8, thinking=True), LONG) == b"thinking</t> without end"


def test_no_budget_closes_it_at_once() -> None:
    assert write(limit(0, thinking=True), b"Yes.") == b"</t>Yes."
    assert write(limit(0), b" \n<t>Yes.") == b" \n<t></t>Yes."


def test_reasoning_that_ends_in_time_is_left_alone() -> None:
    text = b"<t>short</t>and an answer that is as long as it likes"
    assert write(limit(10), text) == text


def test_an_answer_without_reasoning_is_left_alone() -> None:
    assert write(limit(2), b"<table> and more") == b"<table> and more"


def test_while_it_closes_only_the_mark_may_come() -> None:
    made = limit(0, thinking=True)
    assert not made.allows(ord("a"))
    assert made.mask() == (1 << ord("<")).to_bytes(36, "little")
    for token in b"</t>":
        made.accept(token)
    assert made.allows(ord("a"))
    assert made.mask() == ((1 << N_VOCAB) - 1).to_bytes(36, "little")
    assert made.allows(END)


def test_the_answers_own_constraint_sees_all_and_holds_as_before() -> None:
    inner = Digits()
    made = limit(3, thinking=True, inner=inner)
    assert write(made, b"abc12") == b"abc</t>12"
    assert inner.seen == b"abc</t>12"
    assert (made.allows(ord("a")), made.allows(ord("1")), made.mask()) == (False, True, inner.mask())

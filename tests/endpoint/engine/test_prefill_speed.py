"""The speed of prefill, learned from runs of steps."""

from __future__ import annotations

from endpoint.engine.prefill_speed import ENOUGH, PrefillSpeed


class Steps:
    """Feeds a PrefillSpeed as the engine's loop does."""

    def __init__(self) -> None:
        self.speed = PrefillSpeed()
        self._prefilled = 0

    def prefill(self, tokens: int, seconds: float) -> None:
        """A step that computed prompt tokens only."""
        self.speed.note_step(seconds)
        self.count(tokens)

    def count(self, tokens: int = 0) -> None:
        """The end of a step; alone: one in which an answer went on."""
        self._prefilled += tokens
        self.speed.note_count(self._prefilled)


def test_nothing_is_known_before_the_first_run() -> None:
    assert PrefillSpeed().per_s is None


def test_a_run_of_steps_tells_the_speed_of_all_of_them() -> None:
    steps = Steps()
    steps.prefill(96, 0.1)
    steps.prefill(4, 0.1)  # the last chunk, which costs as much as a whole one
    assert steps.speed.per_s == 500


def test_a_run_of_a_few_tokens_tells_nothing() -> None:
    steps = Steps()
    for _ in range(10):
        steps.prefill(ENOUGH - 1, 5.0)
        steps.count()
    assert steps.speed.per_s is None


def test_prompts_computed_beside_a_running_answer_tell_nothing() -> None:
    steps = Steps()
    steps.count(1000)
    assert steps.speed.per_s is None


def test_runs_count_by_their_tokens() -> None:
    steps = Steps()
    for tokens, seconds in ((100, 1.0), (300, 1.0)):
        steps.prefill(tokens, seconds)
        steps.count()
    assert steps.speed.per_s == 200


def test_a_short_run_leaves_what_is_known_alone() -> None:
    steps = Steps()
    steps.prefill(100, 1.0)
    steps.count()
    steps.prefill(1, 1.0)
    steps.count()
    assert steps.speed.per_s == 100

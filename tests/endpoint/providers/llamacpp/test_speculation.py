from __future__ import annotations

from endpoint.providers.base import Job, Sampling
from endpoint.providers.llamacpp.plan import Row, Slice
from endpoint.providers.llamacpp.speculation import MOST_DRAFTED, SPARE_CELLS, Speculator
from endpoint.providers.options import Speculation
from endpoint.providers.trust import Trust, choose_trust

GREEDY = Sampling(temperature=0)
PLENTY = 4096


def answering(number: int, *, max_tokens: int = 500, sampling: Sampling = GREEDY, prompt: int = 60) -> Row:
    """A row that has drawn one token of a text that goes round and round."""
    tokens = [place % 6 for place in range(prompt + 1)]
    row = Row(Job(number, tuple(tokens[:prompt]), max_tokens, sampling), seq_id=number, n_past=prompt)
    row.tokens = tokens
    return row


def ready(trust: Trust = Trust.ALL, rows: int = 1) -> Speculator:
    """One that knows what plain steps cost, for up to so many rows."""
    speculator = Speculator(trust)
    for count in range(1, rows + 1):
        speculator.learn([Slice(answering(number), 1) for number in range(count)], 0.010)
    return speculator


def plain(*rows: Row) -> list[Slice]:
    return [Slice(row, 1) for row in rows]


def test_a_text_that_repeats_itself_is_drafted_as_it_went_before() -> None:
    (part,) = ready().extend(plain(answering(1)), PLENTY)
    assert part.draft
    assert part.count == 1 + len(part.draft)
    assert part.completes
    assert part.draft == tuple((61 + place) % 6 for place in range(len(part.draft)))


def test_no_draft_is_made_before_a_plain_step_was_measured() -> None:
    assert Speculator(Trust.ALL).extend(plain(answering(1)), PLENTY) == tuple(plain(answering(1)))


def test_a_step_with_prompt_tokens_in_it_has_no_drafts() -> None:
    prefilling = Row(Job(2, tuple(range(50)), 10, GREEDY), seq_id=2)
    last_of_prompt = Row(Job(3, tuple([1, 2, 3] * 9), 10, GREEDY), seq_id=3, n_past=26)
    for other in (Slice(prefilling, 20), Slice(last_of_prompt, 1)):
        slices = (*plain(answering(1)), other)
        assert ready(rows=2).extend(slices, PLENTY) == slices


def test_drafts_leave_cells_free() -> None:
    for free in range(SPARE_CELLS + 20):
        (part,) = ready().extend(plain(answering(1)), free)
        assert not part.draft or part.count + SPARE_CELLS <= free


def test_all_rows_together_draft_no_more_than_there_are_outputs_for() -> None:
    rows = [answering(number) for number in range(1, 5)]
    slices = ready(rows=4).extend(plain(*rows), PLENTY)
    assert 0 < sum(len(part.draft) for part in slices) <= MOST_DRAFTED
    assert sum(bool(part.draft) for part in slices) > 1


def test_a_draft_never_reaches_beyond_the_limit() -> None:
    for left in range(1, 20):
        (part,) = ready().extend(plain(answering(1, max_tokens=1 + left)), PLENTY)
        assert part.count <= left


def test_drafted_and_accepted_tokens_are_counted() -> None:
    speculator = ready()
    (part,) = speculator.extend(plain(answering(1)), PLENTY)
    speculator.compare(part, (*part.draft[:2], 99))
    assert (speculator.drafted, speculator.accepted) == (len(part.draft), 2)


def test_nobody_may_draft_when_it_is_off() -> None:
    assert ready(Trust.NOBODY).extend(plain(answering(1)), PLENTY) == tuple(plain(answering(1)))


def test_where_batches_round_differently_only_random_answers_are_drafted() -> None:
    speculator = ready(Trust.UNSEEDED, rows=3)
    rows = answering(1), answering(2, sampling=Sampling(seed=1)), answering(3, sampling=Sampling())
    greedy, seeded, random = speculator.extend(plain(*rows), PLENTY)
    assert not greedy.draft
    assert not seeded.draft
    assert random.draft


def test_trust_follows_the_wish_the_model_and_the_machine() -> None:
    assert choose_trust(Speculation.OFF, trimmable=True, is_exact=True) is Trust.NOBODY
    assert choose_trust(Speculation.ON, trimmable=False, is_exact=True) is Trust.NOBODY
    assert choose_trust(Speculation.ON, trimmable=True, is_exact=False) is Trust.ALL
    assert choose_trust(Speculation.AUTO, trimmable=True, is_exact=True) is Trust.ALL
    assert choose_trust(Speculation.AUTO, trimmable=True, is_exact=False) is Trust.UNSEEDED

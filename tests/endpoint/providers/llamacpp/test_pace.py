from __future__ import annotations

from endpoint.providers.llamacpp.pace import Pace, Spent, Stopwatch, Work

DECODE, PREFILL = Work(decoded=1, prefilled=0), Work(decoded=0, prefilled=64)


def spend(pace: Pace, work: Work, *, busy: bool, steps: int) -> list[int]:
    """Threads of each step, on two cores: shaped like what was measured there."""
    chosen = []
    for _ in range(steps):
        threads = pace.threads(work)
        tokens = work.prefilled or 4
        wall = tokens * ((0.016 if threads == 2 else 0.003) if busy else 0.002 / threads)
        pace.learn(work, Spent(wall, wall * (0.6 if busy and threads == 2 else 0.9 * threads)))
        chosen.append(threads)
    return chosen


def test_a_long_prefill_beside_a_busy_program_soon_makes_do_with_one_thread() -> None:
    pace = Pace(128, threads=2)
    spend(pace, PREFILL, busy=True, steps=16)
    assert set(spend(pace, PREFILL, busy=True, steps=30)) == {1}


def test_on_a_quiet_machine_prefill_and_decode_take_all_threads() -> None:
    pace = Pace(128, threads=2)
    assert set(spend(pace, PREFILL, busy=False, steps=200) + spend(pace, DECODE, busy=False, steps=200)) == {2}


def test_a_prefill_that_becomes_dearer_with_its_depth_keeps_all_threads() -> None:
    pace = Pace(128, threads=2)
    for step in range(200):
        wall = 0.1 * (1 + step / 10)
        assert pace.threads(PREFILL) == 2
        pace.learn(PREFILL, Spent(wall, 1.96 * wall))


def test_a_deep_conversation_after_a_shallow_one_costs_one_trial() -> None:
    pace = Pace(128, threads=2)
    chosen = []
    for step in range(300):
        threads = pace.threads(DECODE)
        chosen.append(threads)
        wall = (0.006 if step < 50 else 0.015) * (1 if threads == 2 else 1.8)
        pace.learn(DECODE, Spent(wall, 0.85 * threads * wall))
    assert chosen.count(1) == 5


def test_a_busy_prefill_says_nothing_about_decoding() -> None:
    pace = Pace(128, threads=2)
    spend(pace, PREFILL, busy=True, steps=20)
    assert pace.threads(DECODE) == 2


def test_the_next_number_of_rows_begins_with_the_threads_of_the_last() -> None:
    pace = Pace(128, threads=2)
    spend(pace, DECODE, busy=True, steps=60)
    assert pace.threads(Work(decoded=2, prefilled=0)) == 1


def test_a_stopwatch_tells_wall_and_processor_time() -> None:
    watch = Stopwatch()
    sum(range(200_000))
    spent = watch.read()
    assert spent.cpu_s > 0
    assert spent.wall_s > 0

from __future__ import annotations

import time

from endpoint.cache.disk.work import Check, Errand, Load, Save, WorkQueue
from tests.endpoint.cache.disk.rig import make_state

ENDLESS = 20.0


def test_reads_come_before_small_things_and_those_before_writes() -> None:
    work = WorkQueue(10**9)
    work.add_save("a", make_state(1))
    work.add_errand(lambda: None)
    work.add_load("b")
    work.add_load("b")
    work.add_save("c", make_state(2))
    done = [work.take(ENDLESS) for _ in range(4)]
    assert [type(each) for each in done] == [Load, Errand, Save, Save]
    assert [each.entry_id for each in done if isinstance(each, Save)] == ["a", "c"]


def test_after_a_long_time_without_work_it_is_time_for_a_check() -> None:
    assert isinstance(WorkQueue(1).take(0.0), Check)


def test_bytes_count_until_the_next_is_taken() -> None:
    work = WorkQueue(250)
    assert work.add_save("a", make_state(1, 100))
    assert work.add_save("b", make_state(2, 150))
    assert work.add_save("b", make_state(2, 150))
    assert not work.add_save("c", make_state(3, 1))
    assert work.bytes == 250
    work.take(ENDLESS)
    assert work.bytes == 250
    assert work.add_save("a", make_state(1, 100)), "it is being written"
    assert work.bytes == 250
    work.finish()
    assert work.bytes == 150
    assert work.add_save("a", make_state(1, 100))
    assert work.bytes == 250


def test_what_is_forgotten_is_not_written_and_can_be_asked_for_again() -> None:
    work = WorkQueue(10**9)
    work.add_save("a", make_state(1))
    work.add_save("b", make_state(2))
    assert work.forget("a")
    assert not work.forget("a")
    taken = work.take(ENDLESS)
    assert isinstance(taken, Save)
    assert taken.entry_id == "b"
    assert work.is_wanted()
    assert not work.forget("b"), "it doesn't wait any more"
    assert not work.is_wanted()
    work.add_save("b", make_state(2))
    assert work.forget_all() == ("b",)
    work.add_save("b", make_state(2))
    assert isinstance(work.take(ENDLESS), Save)
    assert work.is_wanted()


def test_at_the_end_nothing_is_read_and_nothing_new_is_taken() -> None:
    work = WorkQueue(10**9)
    work.add_save("a", make_state(1))
    work.add_load("b")
    work.end(time.monotonic() + ENDLESS)
    assert not work.add_save("c", make_state(3))
    assert isinstance(work.take(ENDLESS), Save)
    assert work.take(ENDLESS) is None
    assert work.is_done


def test_when_the_time_is_up_the_rest_is_left() -> None:
    work = WorkQueue(10**9)
    work.add_save("a", make_state(1))
    work.take(ENDLESS)
    work.end(time.monotonic())
    assert not work.is_wanted()
    assert work.take(ENDLESS) is None
    assert not work.is_done

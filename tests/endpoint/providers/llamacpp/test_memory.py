from __future__ import annotations

from endpoint.providers.llamacpp.memory import LANES, LARGEST_GAP, Window, open_window


def test_without_a_window_any_depth_will_do_and_nothing_turns() -> None:
    assert [Window().settle(depth) for depth in (1, 777)] == [1, 777]
    assert not any(Window().turns(depth) for depth in range(5000))
    assert list(Window().turning_points(5000)) == []


def test_inside_the_window_any_depth_will_do() -> None:
    assert [Window(100, 512).settle(depth) for depth in (1, 99, 100)] == [1, 99, 100]


def test_beyond_it_the_oldest_token_must_keep_its_lane() -> None:
    window = Window(100, 512)
    assert [window.settle(100 + depth) for depth in (1, LANES - 1, LANES, 3 * LANES + 7)] == [
        100,
        100,
        100 + LANES,
        100 + 3 * LANES,
    ]


def test_it_turns_where_a_settled_depth_is_so_that_both_agree() -> None:
    window = Window(100, 512)
    points = list(window.turning_points(2000))
    assert points == [612, 1124, 1636]
    assert all(window.turns(point) and window.settle(point) == point for point in points)
    assert not window.turns(100)


def test_the_gap_is_what_the_cells_leave_beside_one_window() -> None:
    assert open_window(512, 1, 500) == Window(512, 448)
    assert open_window(512, 2, 500) == Window(512, 960)
    assert open_window(4096, 8, 512) == Window(4096, LARGEST_GAP)

from __future__ import annotations

from endpoint.text.tools.marks import Balance, Found, MarkFinder, trim_partial


def test_the_first_mark_is_found_and_the_longest_of_those_at_one_place() -> None:
    finder = MarkFinder(["<a>", "<a>b", "", "<c>"])
    assert finder.find("x<c><a>", final=False) == Found(1, "<c>")
    assert finder.find("x<a>by", final=False) == Found(1, "<a>b")
    assert finder.find("x<a>", final=True) == Found(1, "<a>")


def test_what_may_become_a_mark_is_waited_for() -> None:
    finder = MarkFinder(["<a>", "<a>b"])
    assert finder.find("x<", final=False) == Found(1)
    assert finder.find("x<a>", final=False) == Found(1)
    assert finder.find("x<", final=True) == Found(2)
    assert finder.find("x<y", final=False) == Found(3)


def test_without_marks_everything_is_text() -> None:
    assert MarkFinder([]).find("<a>", final=False) == Found(3)
    assert MarkFinder([""]).at_start("<a>", final=True) == ""


def test_a_mark_at_the_start_is_told_once_it_is_sure() -> None:
    finder = MarkFinder(["<a>", "<a>b"])
    assert [finder.at_start(text, final=False) for text in ("<", "<a>", "<a>c", "x")] == [None, None, "<a>", ""]
    assert finder.at_start("<a>", final=True) == "<a>"


def test_a_partial_mark_at_the_end_is_cut_off() -> None:
    assert [trim_partial(text, "</p>") for text in ("ab", "ab<", "ab</p", "<b")] == [2, 2, 2, 2]


def test_a_bracketed_value_ends_where_its_brackets_do_in_any_pieces() -> None:
    text = '{"a": ["}", "\\"]"], "b": {}} rest'
    assert Balance().advance(text) == text.index(" rest")
    balance = Balance()
    ends = [place for place, char in enumerate(text) if balance.advance(char) is not None]
    assert ends[0] == text.index(" rest") - 1

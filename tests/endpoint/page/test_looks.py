"""Contrast, names, roles and widths, judged by axe-core, in light, in dark and on a phone."""

from __future__ import annotations

import dataclasses
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.endpoint.page.visitor import Visitor, visiting
from tests.endpoint.serving import FAKE, Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
LOOKS: list[Any] = [("light", "desk"), ("dark", "desk"), ("light", "phone")]


def find_faults(visitor: Visitor) -> list[str]:
    """Every rule that is broken, with the elements that break it."""
    visitor.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = visitor.page.evaluate("(rules) => axe.run({runOnly: rules})", rules)
    assert len(found["passes"]) > 20
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found["violations"]]


def fill(served: Served, visitor: Visitor) -> None:
    """Something of everything that the page can show."""
    served.client.post("/acore/prompt_cache/update", json={"key": "agent", "system_prompt": "Be brief.", "ttl_s": 60})
    served.chat("one", max_tokens=1)
    served.chat("two", max_tokens=1)
    visitor.open(served.url)
    visitor.say("Look:\n```\n" + "a_long_line_of_code " * 12 + "\n```\n" + "word" * 60)
    visitor.wait_for_answer()
    visitor.find("#requests tbody button").nth(1).click()
    visitor.find(".explanation .facts").wait_for()
    visitor.find("#keys tbody tr").wait_for()


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_axe_finds_nothing_and_nothing_sticks_out(
    served: Served,
    browser: Browser,
    scheme: Literal["light", "dark"],
    size: Literal["desk", "phone"],
    tmp_path: Path,
) -> None:
    with visiting(browser, scheme, size, without_policy=True) as visitor:
        fill(served, visitor)
        assert not visitor.overflows()
        picture = tmp_path / f"{scheme}-{size}.png"
        visitor.page.screenshot(path=picture, full_page=True)
        assert picture.stat().st_size > 10_000
        assert find_faults(visitor) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_shell_that_asks_for_a_key(
    browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    settings = dataclasses.replace(FAKE, api_key="sk-1", require_key=True)
    with serving(settings=settings) as served, visiting(browser, scheme, "phone", without_policy=True) as visitor:
        visitor.open(served.url)
        visitor.find("#gate").wait_for()
        assert not visitor.overflows()
        assert find_faults(visitor) == []


def test_nothing_moves_when_figures_come_in(served: Served, visitor: Visitor) -> None:
    """The page is laid out before its first figure: what a reader looks at stays where it is."""
    visitor.page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())"
        " window.moved += entry.value; }).observe({type: 'layout-shift', buffered: true})"
    )
    visitor.open(served.url)
    visitor.find("#facts").get_by_text("full attention").wait_for()
    assert visitor.page.evaluate("window.moved") < 0.1  # what Google's Web Vitals call good

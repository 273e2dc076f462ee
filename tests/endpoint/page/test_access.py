"""Who gets in, and how one gets around without a mouse, in a real browser."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from tests.endpoint.page.visitor import Visitor
from tests.endpoint.serving import FAKE, Served, serving

pytestmark = pytest.mark.browser
KEY = "sk-right"


@pytest.fixture
def locked() -> Iterator[Served]:
    with serving(settings=dataclasses.replace(FAKE, api_key=KEY, require_key=True)) as running:
        running.client.headers["authorization"] = f"Bearer {KEY}"
        yield running


def test_without_the_key_there_is_an_empty_shell_that_asks_for_it(locked: Served, visitor: Visitor) -> None:
    assert locked.chat("a secret").status_code == 200
    visitor.open(locked.url)
    assert visitor.find("#gate").is_visible()
    assert visitor.page.evaluate("document.activeElement.id") == "key"
    assert visitor.find(".board").is_hidden()
    assert "secret" not in visitor.page.content()
    assert visitor.find("#requests tbody").count() == 0


def test_the_key_opens_it_for_this_tab(locked: Served, visitor: Visitor) -> None:
    visitor.open(locked.url)
    visitor.find("#key").fill("sk-wrong")
    visitor.find("#key").press("Enter")
    visitor.find("#gate-hint").get_by_text("not this endpoint's key").wait_for()
    visitor.find("#key").fill(KEY)
    visitor.find("#key").press("Enter")
    visitor.find(".board").wait_for()
    assert visitor.find("#gate").is_hidden()
    visitor.say("Hello")
    assert "Hello" in visitor.wait_for_answer()
    visitor.page.reload()
    visitor.find("#requests tbody").first.wait_for()
    assert visitor.find("#gate").is_hidden()
    assert "YOUR-API-KEY" in visitor.find("#setup-env").inner_text()  # not the key itself: it would end in screenshots
    assert visitor.page.evaluate("localStorage.length") == 0
    assert visitor.page.context.cookies() == []


def test_tab_visits_everything_in_order_and_leaves_again(served: Served, visitor: Visitor) -> None:
    served.chat("hello", max_tokens=1)
    visitor.open(served.url)
    visitor.find("#requests tbody").first.wait_for()
    visited: list[str] = []
    for _ in range(40):
        visitor.page.keyboard.press("Tab")
        name = visitor.page.evaluate(
            "(document.activeElement.id || document.activeElement.getAttribute('aria-label')"
            " || document.activeElement.textContent).split(': explain')[0]"
        )
        if visited and name == visited[0]:
            break
        visited.append(name)
    expected = ["Skip to the chat", "Copy: base URL", "log", "question", "send", "Environment", "curl"]
    assert [name for name in visited if name in expected] == expected
    assert "Health" in visited  # the page's last link: nothing held the focus back
    assert len(set(visited)) == len(visited)


def test_the_skip_link_leads_to_the_chat(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0  # to be seen
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "question"


def test_the_focus_is_to_be_seen(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    for selector in ("#question", "#log", "summary", "footer a"):
        visitor.find(selector).first.focus()
        visitor.page.keyboard.press("Shift+Tab")
        visitor.page.keyboard.press("Tab")
        width = visitor.page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width == "2px", selector


def test_the_policy_forbids_what_the_page_does_not_need(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    refused = visitor.page.evaluate(
        """async () => {
          const refused = [];
          document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective));
          const style = document.createElement('style');
          document.head.append(style);
          style.append('body { color: red }');
          try { document.body.innerHTML = '<p>'; } catch { refused.push('html'); }
          await fetch('http://127.0.0.1:9/').catch(() => {});
          const image = new Image();
          await new Promise((done) => { image.onerror = done; image.src = 'data:image/png;base64,'; });
          return refused;
        }"""
    )
    assert {"style-src-elem", "html", "connect-src", "img-src"} <= set(refused)
    visitor.complaints.clear()  # they were provoked

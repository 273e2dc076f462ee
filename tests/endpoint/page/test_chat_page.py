"""The chat box, in a real browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.endpoint.page.visitor import Visitor, visiting
from tests.endpoint.serving import Served, load_fake, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser
CHAT = "**/v1/chat/completions"
WATCH = """() => {
  window.seen = [];
  const measure = () => window.seen.push(document.querySelector('.assistant div').textContent.length);
  new MutationObserver(measure).observe(document.querySelector('#log'), {subtree: true, childList: true});
}"""


def answer_with(visitor: Visitor, *deltas: dict[str, str], reason: str = "stop") -> None:
    """Let the next chats be answered so, whatever they ask."""
    choices: list[dict[str, object]] = [{"delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"delta": {}, "finish_reason": reason})
    frames = "".join(f"data: {json.dumps({'choices': [choice]})}\n\n" for choice in choices) + "data: [DONE]\n\n"
    visitor.page.route(CHAT, lambda route: route.fulfill(body=frames, content_type="text/event-stream"))


def test_an_answer_is_shown_while_it_is_written(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    visitor.page.evaluate(WATCH)
    visitor.say("Count to three. " * 25)
    assert "Count to three." in visitor.wait_for_answer()
    lengths = visitor.page.evaluate("window.seen")
    assert len(set(lengths)) >= 5  # it grew, step by step
    assert lengths == sorted(lengths)
    foot = visitor.find(".assistant .foot").inner_text()
    assert "tokens/s" in foot
    assert "prompt tokens reused" in foot


def test_shift_enter_begins_a_line_and_enter_sends(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    question = visitor.find("#question")
    question.press_sequentially("one")
    question.press("Shift+Enter")
    question.press_sequentially("two")
    question.press("Enter")
    assert visitor.find(".user").inner_text() == "one\ntwo"
    assert question.input_value() == ""
    visitor.wait_for_answer()


@pytest.mark.parametrize("how", ["button", "Escape"])
def test_stop_ends_the_answer_here_and_in_the_engine(served: Served, visitor: Visitor, how: str) -> None:
    visitor.open(served.url)
    visitor.say("x" * 2000)
    visitor.find(".assistant div").get_by_text("x").first.wait_for()
    if how == "button":
        visitor.find("#stop").click()
    else:
        visitor.page.keyboard.press(how)
    assert "Stopped." in visitor.wait_for_answer()
    assert 0 < len(visitor.find(".assistant div").inner_text()) < 2000
    visitor.wait_for_state("ready")  # the row is free
    assert visitor.find("#send").is_visible()


def test_an_answer_can_be_had_again_and_all_be_cleared(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    visitor.say("Hello")
    visitor.wait_for_answer()
    visitor.find("#regenerate").click()
    visitor.wait_for_answer()
    assert visitor.find(".assistant").count() == 1
    visitor.find("#clear").click()
    assert visitor.find("#log article").count() == 0
    assert visitor.page.evaluate("document.activeElement.id") == "question"


def test_the_conversation_so_far_goes_along(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    visitor.say("first")
    visitor.wait_for_answer()
    visitor.say("second")
    visitor.find(".assistant").nth(1).wait_for()
    assert "first" in visitor.wait_for_answer()  # the fake model echoes its whole prompt


def test_what_the_model_writes_is_text_and_never_html(served: Served, visitor: Visitor) -> None:
    answer_with(visitor, {"content": "<img src=x onerror=alert(1)> <b>bold</b>\n```html\n<script>1</script>\n```\nend"})
    visitor.open(served.url)
    visitor.say("<i>hm</i>")
    visitor.wait_for_answer()
    assert visitor.find("#log img, #log b, #log i, #log script").count() == 0
    assert visitor.find(".user").inner_text() == "<i>hm</i>"
    assert visitor.find(".assistant pre").inner_text() == "<script>1</script>"
    assert [each.strip() for each in visitor.find(".assistant div p").all_inner_texts()] == [
        "<img src=x onerror=alert(1)> <b>bold</b>",
        "end",
    ]


def test_reasoning_is_folded_away(served: Served, visitor: Visitor) -> None:
    answer_with(visitor, {"reasoning_content": "Let me see."}, {"content": "Forty-two."}, reason="length")
    visitor.open(served.url)
    visitor.say("What is it?")
    visitor.wait_for_answer()
    thoughts = visitor.find(".reasoning")
    assert thoughts.locator("p").is_hidden()
    thoughts.locator("summary").press("Enter")
    assert thoughts.locator("p").inner_text() == "Let me see."
    assert "cut off" in visitor.find(".assistant .foot").inner_text()


def test_a_refusal_is_told_in_the_endpoint_s_words(served: Served, browser: Browser) -> None:
    with visiting(browser) as visitor:  # the browser itself complains of a 400
        visitor.open(served.url)
        visitor.say("x" * 5000)
        assert "context is 4096 tokens" in visitor.wait_for_answer()
        assert visitor.find(".foot.error").count() == 1


def test_an_answer_that_breaks_off_is_told(served: Served, browser: Browser) -> None:
    def break_off(route: Route) -> None:
        route.fulfill(body='data: {"choices": [{"delta": {"content": "Half"}}]}\n\n', content_type="text/event-stream")

    with visiting(browser) as visitor:
        visitor.page.route(CHAT, break_off)
        visitor.open(served.url)
        visitor.say("Go on")
        assert "broke off" in visitor.wait_for_answer()
        visitor.page.unroute(CHAT)
        visitor.page.route(CHAT, lambda route: route.abort())
        visitor.find("#regenerate").click()
        assert "can't be reached" in visitor.wait_for_answer()


def test_a_model_that_only_embeds_is_not_to_be_asked(visitor: Visitor) -> None:
    with serving(load_fake("echo,encoder=1")) as served:
        visitor.open(served.url)
        visitor.find("#question[placeholder*='only makes embeddings']:disabled").wait_for()
        assert visitor.find("#send").is_disabled()

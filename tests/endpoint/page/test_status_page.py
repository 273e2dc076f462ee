"""What the page shows of the endpoint, in a real browser."""

from __future__ import annotations

import dataclasses
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from endpoint.errors import LoadError
from endpoint.providers.base import Provider
from endpoint.providers.options import Progress
from tests.endpoint.page.visitor import Visitor, visiting
from tests.endpoint.process import live, port_is_free
from tests.endpoint.serving import FAKE, Served, load_fake, serving, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
SYSTEM = "You are a careful assistant, and you answer in one sentence. "


def chat(served: Served, system: str, question: str) -> None:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    assert served.client.post("/v1/chat/completions", json={"messages": messages, "max_tokens": 2}).status_code == 200


def health(served: Served) -> dict[str, Any]:
    body: dict[str, Any] = served.client.get("/health").json()
    return body


def test_it_names_state_model_and_address(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    assert visitor.find("#state").inner_text() == "Ready"
    assert visitor.find("h1").inner_text() == "echo"
    visitor.find(
        "#facts",
    ).get_by_text("full attention").wait_for()
    assert "fake · 4,096 tokens of context" in visitor.find("#facts").inner_text()
    assert visitor.find("#base-url").inner_text() == f"{served.url}/v1"
    assert visitor.page.title() == "Ready: echo – Traypoint"


def test_its_figures_are_those_of_health(visitor: Visitor) -> None:
    with serving(load_fake("echo,step_ms=2")) as served:
        for _ in range(2):
            chat(served, SYSTEM, "Hello")
        wait_until(lambda: health(served)["requests"]["total"] == 2, "both have ended")
        visitor.open(served.url)
        cache = health(served)["prompt_cache"]
        under = f"{cache['cached_tokens']} of {cache['prompt_tokens']}"
        visitor.find("#reuse-under").get_by_text(under).wait_for()
        assert visitor.find("#reuse").inner_text() == f"{cache['hit_rate']:.0%}".replace("%", " %")
        assert visitor.find("#counts").inner_text() == "2 requests done; 0 running."
        assert visitor.find("#disk").inner_text() == "off"
        assert visitor.find("#prefixes").inner_text().endswith("of 1.0 GiB")
        visitor.find("#reuse-chart rect").nth(1).wait_for(state="attached")
        visitor.find("#decode-chart .line[d*=L]").wait_for(state="attached")  # two samples, a second apart


def test_a_busy_endpoint_is_shown_so(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    body = {"prompt": "x" * 1500, "max_tokens": 1500, "stream": True}
    with served.client.stream("POST", "/v1/completions", json=body) as answer:
        pieces = answer.iter_bytes()  # kept: without it the connection is closed
        next(pieces)
        visitor.wait_for_state("busy")
    visitor.wait_for_state("ready")


def test_the_table_tells_hits_and_misses_and_explains_them_by_keyboard(served: Served, visitor: Visitor) -> None:
    chat(served, SYSTEM + "It is 12:41:33.", "Hello")
    chat(served, SYSTEM + "It is 12:59:01.", "Hello")
    visitor.open(served.url)
    rows = visitor.find("#requests tbody")
    newest = rows.first
    newest.wait_for()
    line = served.client.get("/acore/prompt_cache/recent").json()["requests"][0]
    assert line["miss"] == "diverged"
    assert f"{line['cached_tokens']} of {line['prompt_tokens']}" in newest.inner_text()
    assert "the text changed" in newest.inner_text()
    assert "nothing like it was held" in rows.last.inner_text()
    button = newest.get_by_role("button")
    button.focus()
    visitor.page.keyboard.press("Enter")
    explanation = newest.locator(".explanation")
    explanation.get_by_text("a timestamp").wait_for()
    assert "12:59" not in explanation.locator(".earlier").inner_text()
    assert button.get_attribute("aria-expanded") == "true"
    chat(served, SYSTEM, "Something else")
    visitor.find("#requests tbody").nth(2).wait_for()
    assert explanation.is_hidden() or visitor.find(".explanation").count() == 1  # it moved down with its row
    assert visitor.page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    visitor.page.keyboard.press("Enter")
    assert visitor.find(".explanation").count() == 0


def test_a_click_anywhere_on_a_row_explains_it_too(served: Served, visitor: Visitor) -> None:
    chat(served, SYSTEM, "Hello")
    visitor.open(served.url)
    visitor.find("#requests tbody .why").first.click()
    visitor.find(".explanation .facts").get_by_text("chatcmpl-").wait_for()


def test_named_keys_are_listed_with_their_time(served: Served, visitor: Visitor) -> None:
    body = {"key": "agent:<b>reviewer</b>", "system_prompt": SYSTEM, "ttl_s": 3600}
    assert served.client.post("/acore/prompt_cache/update", json=body).status_code == 200
    visitor.open(served.url)
    row = visitor.find("#keys tbody tr")
    row.wait_for()
    assert "agent:<b>reviewer</b>" in row.inner_text()
    assert re.search(r"in (59|60) min", row.inner_text())


def test_loading_is_shown_with_its_progress(browser: Browser) -> None:
    go_on = threading.Event()

    def load(progress: Progress) -> Provider:
        progress(0.4)
        assert go_on.wait(30)
        return load_fake()(lambda _: None)

    with serving(load, wait=False) as served, visiting(browser) as visitor:
        visitor.open(served.url, "loading")
        visitor.find("#facts").get_by_text("40 %").wait_for()
        assert visitor.find("#loading").get_attribute("aria-valuenow") == "40"
        go_on.set()
        visitor.wait_for_state("ready")
        assert visitor.find("#loading").is_hidden()


def test_a_failed_load_is_told_with_its_reason(browser: Browser) -> None:
    def load(progress: Progress) -> Provider:
        raise LoadError("The file ends too early.")

    with serving(load) as served, visiting(browser) as visitor:
        visitor.open(served.url, "failed")
        assert visitor.find("#notice").inner_text() == "The file ends too early."


def test_it_says_that_the_endpoint_is_gone_and_goes_on_when_it_is_back(browser: Browser, tmp_path: Path) -> None:
    arguments = ("--provider", "fake", "--model", "echo")
    with visiting(browser) as visitor:
        with live(tmp_path, *arguments) as first:
            first.wait_for_status("healthy")
            visitor.open(f"http://127.0.0.1:{first.port}")
        visitor.wait_for_state("gone")
        assert "doesn't answer" in visitor.find("#notice").inner_text()
        assert visitor.find("#prefill").inner_text() == "–"
        wait_until(lambda: port_is_free(first.port), "the port is free again")
        with live(tmp_path, *arguments, "--port", str(first.port)):
            visitor.wait_for_state("ready")
            assert visitor.find("#notice").is_hidden()


def test_an_unloaded_model_is_shown_so_and_left_asleep(served: Served, visitor: Visitor) -> None:
    asked: list[str] = []
    told = {**health(served), "unloaded": True}
    visitor.page.route("**/health", lambda route: route.fulfill(json=told))
    visitor.page.on("request", lambda request: asked.append(request.url.removeprefix(served.url)))
    visitor.open(served.url, "unloaded")
    assert visitor.find("#state").inner_text() == "Unloaded"
    assert "the next request loads the model" in visitor.find("#facts").inner_text()
    assert not {"/v1/models", "/acore/prompt_cache/stats"} & set(asked)


def test_the_last_failure_is_told(served: Served, visitor: Visitor) -> None:
    told = {**health(served), "last_error": {"at_s": 1_767_225_600.0, "message": "No KV cells were left."}}
    visitor.page.route("**/health", lambda route: route.fulfill(json=told))
    visitor.open(served.url)
    assert visitor.find("#last-error").inner_text().endswith("No KV cells were left.")


def test_where_nothing_is_remembered_the_table_says_so(browser: Browser) -> None:
    settings = dataclasses.replace(FAKE, explains=False)
    with serving(settings=settings) as served, visiting(browser) as visitor:  # the browser complains of a 501
        visitor.open(served.url)
        visitor.find("#requests-hint").get_by_text("--no-explain").wait_for()


def test_what_is_to_be_copied_lands_in_the_clipboard(served: Served, visitor: Visitor) -> None:
    visitor.open(served.url)
    visitor.page.get_by_role("button", name="Copy: base URL").click()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == f"{served.url}/v1"
    visitor.find("summary").get_by_text("curl").click()
    visitor.page.get_by_role("button", name="Copy: curl command").click()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl {served.url}/v1/chat/completions")
    visitor.find("#announcement").get_by_text("Copied.").wait_for(state="attached")


def test_nobody_is_asked_while_the_page_is_hidden(served: Served, visitor: Visitor) -> None:
    asked: list[str] = []
    visitor.page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => true})")
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.goto(served.url)
    visitor.find("#setup-env").get_by_text("OPENAI_BASE_URL").wait_for()  # the script has run
    assert not [url for url in asked if "/health" in url]

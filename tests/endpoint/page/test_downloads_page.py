"""Downloads on the page, with a stand-in for the app behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import pytest

from endpoint.app_contract import Deed, DownloadWish, ToldDownload, ToldDownloads, ToldOffer
from tests.endpoint.fake_app import OFFER, RUNNING, FakeApp
from tests.endpoint.page.test_looks import LOOKS, find_faults
from tests.endpoint.page.visitor import Visitor, visiting
from tests.endpoint.serving import Served, serving, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Route

pytestmark = pytest.mark.browser
FAILED = replace(
    RUNNING, wanted="acme/Gone-GGUF", title="Gone-GGUF", state="failed", summary="failed", problem="No such."
)
DONE = replace(
    RUNNING,
    wanted="acme/Small-GGUF:Q8_0",
    title="small-Q8_0.gguf",
    state="done",
    summary="done",
    done_bytes=100,
    command="traypoint use '/home/me/a model/small-Q8_0.gguf'",
)
QUEUED = ToldDownload("acme/Next-GGUF", "Next-GGUF", "queued", "waiting for the one before")


@pytest.fixture
def app() -> FakeApp:
    return FakeApp()


@pytest.fixture
def served(app: FakeApp) -> Iterator[Served]:
    with serving(link=app) as running:
        yield running


def find_row(visitor: Visitor, title: str) -> Locator:
    return visitor.find("#download-list li").filter(has_text=title)


def press(visitor: Visitor, title: str, name: str) -> None:
    find_row(visitor, title).get_by_role("button", name=f"{name}: {title}").click()


def wait_for_wish(app: FakeApp, deed: Deed, wanted: str) -> None:
    wait_until(lambda: app.wishes[-1:] == [DownloadWish(deed, wanted)], f"{deed} {wanted}")


def test_an_endpoint_without_an_app_shows_nothing_of_it(served: Served, app: FakeApp, visitor: Visitor) -> None:
    app.told = None
    with visitor.page.expect_response("**/app/downloads"):
        visitor.open(served.url)
    visitor.find("#facts").get_by_text("full attention").wait_for()
    assert visitor.find("#downloads").is_hidden()


def test_a_visitor_from_elsewhere_is_shown_nothing_and_asks_once(served: Served, visitor: Visitor) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=403, json={"error": {"message": "On this machine only."}})

    visitor.page.route("**/app/downloads", refuse)
    with visitor.page.expect_response("**/app/downloads"):
        visitor.open(served.url)
    for _ in range(2):
        with visitor.page.expect_response("**/health"):
            pass
    assert len(asked) == 1
    assert visitor.find("#downloads").is_hidden()
    visitor.complaints.clear()  # the refusal is one


def test_a_running_download_has_a_bar_that_moves(served: Served, app: FakeApp, visitor: Visitor) -> None:
    visitor.open(served.url)
    row = find_row(visitor, RUNNING.title)
    row.get_by_text("37% · 12 MB/s · 3 min left").wait_for()
    bar = row.get_by_role("progressbar", name=RUNNING.title)
    assert bar.evaluate("(bar) => bar.position") == 0.37
    app.told = ToldDownloads((replace(RUNNING, done_bytes=74, summary="74% · 12 MB/s · 1 min left"),))
    row.get_by_text("74%").wait_for()
    assert bar.evaluate("(bar) => bar.position") == 0.74
    app.told = ToldDownloads((replace(RUNNING, total_bytes=0),))
    row.locator("progress:indeterminate").wait_for()


def test_it_is_paused_gone_on_with_and_cancelled(served: Served, app: FakeApp, visitor: Visitor) -> None:
    visitor.open(served.url)
    press(visitor, RUNNING.title, "Pause")
    wait_for_wish(app, Deed.PAUSE, RUNNING.wanted)
    app.told = ToldDownloads((replace(RUNNING, state="paused", summary="paused at 37%"),))
    find_row(visitor, RUNNING.title).get_by_text("paused at 37%").wait_for()
    visitor.find("#announcement").get_by_text(f"{RUNNING.title}: paused.").wait_for(state="attached")
    assert visitor.page.evaluate("document.activeElement.textContent") == "Go on"  # the same button: the focus stays
    visitor.page.keyboard.press("Enter")
    wait_for_wish(app, Deed.START, RUNNING.wanted)
    press(visitor, RUNNING.title, "Cancel")
    wait_for_wish(app, Deed.CANCEL, RUNNING.wanted)
    app.told = ToldDownloads((replace(RUNNING, state="cancelled"),))
    find_row(visitor, RUNNING.title).wait_for(state="detached")
    assert visitor.page.evaluate("document.activeElement.id") == "downloads-title"


def test_what_failed_says_why_and_is_tried_again_or_hidden(served: Served, app: FakeApp, visitor: Visitor) -> None:
    app.told = ToldDownloads((FAILED,))
    visitor.open(served.url)
    find_row(visitor, FAILED.title).get_by_text("No such.").wait_for()
    press(visitor, FAILED.title, "Try again")
    wait_for_wish(app, Deed.START, FAILED.wanted)
    press(visitor, FAILED.title, "Hide")
    wait_for_wish(app, Deed.FORGET, FAILED.wanted)


def test_what_is_done_says_how_it_is_served(served: Served, app: FakeApp, visitor: Visitor) -> None:
    app.told = ToldDownloads((DONE,))
    visitor.open(served.url)
    row = find_row(visitor, DONE.title)
    row.get_by_text("Choose it in the menu under Model, or:").wait_for()
    row.get_by_role("button", name="Copy").click()
    row.get_by_text("Copied").wait_for()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == DONE.command
    assert row.get_by_role("progressbar").count() == 0


def test_a_model_is_asked_for_by_its_name_or_its_address(served: Served, app: FakeApp, visitor: Visitor) -> None:
    visitor.open(served.url)
    field = visitor.page.get_by_label("Download a model")
    for typed in ("acme/Other-GGUF:Q4_0", " https://huggingface.co/acme/Other-GGUF:Q4_0"):
        app.wishes.clear()
        field.fill(typed)
        field.press("Enter")
        wait_for_wish(app, Deed.START, "acme/Other-GGUF:Q4_0")
        visitor.find("#wanted:placeholder-shown").wait_for()


def test_what_is_no_name_is_told_in_words_and_kept_in_the_field(served: Served, app: FakeApp, visitor: Visitor) -> None:
    visitor.open(served.url)
    visitor.find("#wanted").fill("../etc/passwd")
    visitor.find("#wanted").press("Enter")
    visitor.find("#fetch-hint").get_by_text("That names no model of the hub.").wait_for()
    assert visitor.find("#wanted").input_value() == "../etc/passwd"
    assert app.wishes == []
    visitor.complaints.clear()  # the refusal is one


def test_an_offer_is_one_click_away(served: Served, app: FakeApp, visitor: Visitor) -> None:
    visitor.open(served.url)
    visitor.page.get_by_role("button", name=f"Download {OFFER.label}").click()
    wait_for_wish(app, Deed.START, OFFER.wanted)
    app.told = ToldDownloads((QUEUED,))
    find_row(visitor, QUEUED.title).get_by_text("waiting for the one before").wait_for()
    assert visitor.find("#offered").is_hidden()
    assert visitor.find("#announcement").inner_text() == f"{QUEUED.title}: queued."


def test_what_the_hub_calls_things_is_text(served: Served, app: FakeApp, visitor: Visitor) -> None:
    app.told = ToldDownloads((replace(RUNNING, title="<img src=x>"),), (ToldOffer("a/b", "<b>B</b>"),))
    visitor.open(served.url)
    find_row(visitor, "<img src=x>").wait_for()
    assert visitor.find("#offers").inner_text() == "<b>B</b>"


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_axe_finds_nothing_wrong_and_nothing_sticks_out(
    served: Served, app: FakeApp, browser: Browser, scheme: Literal["light", "dark"], size: Literal["desk", "phone"]
) -> None:
    long: dict[str, Any] = {"title": "a-very-" + "long-" * 30 + "name.gguf", "wanted": "acme/Long"}
    app.told = ToldDownloads(
        (RUNNING, replace(RUNNING, **long), QUEUED, FAILED, DONE), (OFFER, ToldOffer("a/b", "x" * 90))
    )
    with visiting(browser, scheme, size, without_policy=True) as visitor:
        visitor.open(served.url)
        find_row(visitor, DONE.title).wait_for()
        assert not visitor.overflows()
        assert find_faults(visitor) == []

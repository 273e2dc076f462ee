"""A visitor of the status page: a real, headless Chromium, and what it complained about."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

CHROMIUM = "chromium"
PATIENCE_MS = 20_000
# What a browser does for itself, and a test doesn't want: updates, reports, suggestions, a first-run page.
_CALM = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-first-run",
)
_SIZES = {"desk": (1200, 900), "phone": (360, 780)}


def find_missing() -> str:
    """What the tests need and this machine lacks, as a reason to skip; empty when nothing."""
    missing = [] if shutil.which(CHROMIUM) else [CHROMIUM]
    missing += [f"Python module {name}" for name in ("playwright", "axe_playwright_python") if find_spec(name) is None]
    return f"missing: {', '.join(missing)} (see .ci/apt-packages.txt)" if missing else ""


@contextlib.contextmanager
def launch() -> Iterator[Browser]:
    """A browser. While it runs, this thread has an event loop: asyncio.run() is for others then."""
    from playwright.sync_api import sync_playwright

    is_root = os.name == "posix" and os.getuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which(CHROMIUM), args=[*_CALM, *(["--no-sandbox"] if is_root else [])]
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visitor:
    """One tab. `complaints`: the console's errors and warnings, among them every violation of the page's policy, and
    exceptions that nobody caught."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, url: str, state: str = "ready") -> None:
        """Load the page and wait for the state that it shows."""
        self.page.goto(url)
        self.wait_for_state(state)

    def wait_for_state(self, *states: str) -> None:
        """Until the page shows one of them."""
        self.find(", ".join(f"body[data-state={state}]" for state in states)).wait_for()

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def say(self, text: str) -> None:
        """Ask in the chat, by keyboard."""
        self.find("#question").fill(text)
        self.find("#question").press("Enter")

    def wait_for_answer(self) -> str:
        """Until no answer is being written: the last one's text."""
        self.find("#log[aria-busy=false]").wait_for()
        return self.find(".assistant").last.inner_text()

    def overflows(self) -> bool:
        """Whether the page is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@contextlib.contextmanager
def visiting(
    browser: Browser,
    scheme: Literal["light", "dark"] = "light",
    size: Literal["desk", "phone"] = "desk",
    *,
    without_policy: bool = False,
) -> Iterator[Visitor]:
    """A tab of its own session. `without_policy`: a tool that is run in the page may do what the page may not."""
    width, height = _SIZES[size]
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": height},
        permissions=["clipboard-read", "clipboard-write"],
        bypass_csp=without_policy,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(context.new_page())

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            visitor.complaints.append(message.text)

    visitor.page.on("console", hear)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    try:
        yield visitor
    finally:
        context.close()

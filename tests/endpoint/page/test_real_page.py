"""The page with the starter model behind it: what a person sees who has just installed Traypoint."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.endpoint.page.visitor import Visitor
from tests.endpoint.process import live

pytestmark = pytest.mark.browser


def test_a_chat_with_the_starter_model_is_told_with_its_figures(visitor: Visitor, tmp_path: Path) -> None:
    with live(tmp_path, "--model", "starter", "--ctx-size", "512") as running:
        running.wait_for_status("healthy")
        visitor.open(f"http://127.0.0.1:{running.port}")
        visitor.say("What is the capital of France?")
        visitor.find(".assistant > div p:not(.waiting)").first.wait_for()
        visitor.page.keyboard.press("Escape")
        visitor.wait_for_answer()
        visitor.say("And of Spain?")
        visitor.find(".assistant").nth(1).locator("> div p:not(.waiting)").first.wait_for()
        visitor.page.keyboard.press("Escape")
        visitor.wait_for_answer()
        visitor.find("#requests tbody").nth(1).wait_for()
        hit = re.search(r"(\d+) of (\d+)", visitor.find("#requests tbody").first.inner_text())
        assert hit
        assert 20 < int(hit[1]) < int(hit[2])  # the second turn goes on from the first
        assert re.search(r"^9\d MiB$", visitor.find("#weights").inner_text())
        cache = running.health()[1]["prompt_cache"]
        assert isinstance(cache, dict)
        told = f"{cache['cached_tokens']} of {cache['prompt_tokens']}"
        visitor.find("#reuse-under").get_by_text(told).wait_for()

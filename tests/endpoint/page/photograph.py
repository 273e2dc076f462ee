"""Photographs the status page of the real starter model: `python -m tests.endpoint.page.photograph docs/images`.

Writes status-page-{light,dark,phone,downloads}.png there. Run it by hand when the page has changed; the tests never
write the pictures. Needs Chromium (.ci/apt-packages.txt), and the default port, which is to be seen on them.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from endpoint.app_contract import ToldDownload, ToldDownloads, ToldOffer, format_downloads
from endpoint.contract import DEFAULT_PORT
from tests.endpoint.page.visitor import Visitor, find_missing, launch, visiting
from tests.endpoint.process import Live, live

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

Look = tuple[str, Literal["light", "dark"], Literal["desk", "phone"]]
LOOKS: tuple[Look, ...] = (("light", "light", "desk"), ("dark", "dark", "desk"), ("phone", "light", "phone"))
SYSTEM = "You are a helpful guide to France. You answer in one short sentence, and you never invent anything. "
QUESTIONS = ("What is the capital of France?", "Which river flows through Paris?", "Name a French cheese.")
TASK = "Write a hello world program in Python."  # so small a model doesn't know much, but this it does
TIMES = ("It is 09:41:07.", "It is 09:41:32.")
MOST_TOKENS = 80
CALM_MS = 2_000  # two more looks of the page at the endpoint
COLOURS = 128  # the page has few; so the pictures are a third as large
DOWNLOADS = ToldDownloads(
    (
        ToldDownload(
            "unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M",
            "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
            "running",
            "37% · 12 MB/s · 2 min left",
            924_000_000,
            2_497_281_120,
        ),
        ToldDownload(
            "ggml-org/gemma-3-270m-it-GGUF:Q8_0",
            "gemma-3-270m-it-Q8_0.gguf",
            "done",
            "done",
            291_545_600,
            291_545_600,
            command="traypoint use ~/models/gemma-3-270m-it-Q8_0.gguf",
        ),
    ),
    (
        ToldOffer("ggml-org/gpt-oss-20b-GGUF:MXFP4", "gpt-oss 20B · 12 GB · about 32 min"),
        ToldOffer("unsloth/Qwen3-1.7B-GGUF:Q4_K_M", "Qwen3 1.7B · 1.1 GB · about 3 min"),
    ),
)
PHONE_HEIGHT = 1_400  # what stands further down is on the others


def ask(endpoint: Live, system: str, question: str) -> None:
    """A short chat, as an agent would have it."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    endpoint.post("/v1/chat/completions", {"messages": messages, "max_tokens": 32, "temperature": 0})


def use(endpoint: Live) -> None:
    """A named key, hits, and a miss."""
    key = {"key": "guide:france", "system_prompt": SYSTEM, "ttl_s": 3600}
    endpoint.post("/acore/prompt_cache/update", key)
    for question in QUESTIONS:
        ask(endpoint, SYSTEM, question)
    for time in TIMES:
        ask(endpoint, SYSTEM + time, QUESTIONS[0])


def chat(visitor: Visitor) -> None:
    """A question and its likeliest answer."""
    visitor.page.route("**/v1/chat/completions", _calm)
    visitor.say(TASK)
    visitor.wait_for_answer()


def _calm(route: Route) -> None:
    body = route.request.post_data_json
    assert body is not None
    route.continue_(post_data={**body, "max_tokens": MOST_TOKENS, "temperature": 0})


def explain(visitor: Visitor) -> None:
    """Open the newest request, once all are there: the chat, the others and the key's."""
    visitor.find("#counts").get_by_text(f"{len(QUESTIONS) + len(TIMES) + 2} requests done; 0 running").wait_for()
    visitor.find("#requests tbody button").first.click()
    visitor.find(".explanation .facts").wait_for()
    visitor.page.mouse.click(1, 1)
    visitor.page.wait_for_timeout(CALM_MS)


def photograph(browser: Browser, look: Look) -> bytes:
    """The whole page as a PNG."""
    _, scheme, size = look
    arguments = ("--model", "starter", "--port", str(DEFAULT_PORT))
    with tempfile.TemporaryDirectory() as config, live(Path(config), *arguments) as endpoint:
        endpoint.wait_for_status("healthy")
        with visiting(browser, scheme, size) as visitor:
            visitor.open(f"http://localhost:{endpoint.port}")
            chat(visitor)
            use(endpoint)
            explain(visitor)
            return visitor.page.screenshot(full_page=True)


def photograph_downloads(browser: Browser) -> bytes:
    """The section about downloads, as an app in the middle of them would have it shown."""
    with (
        tempfile.TemporaryDirectory() as config,
        live(Path(config), "--provider", "fake", "--model", "echo") as endpoint,
    ):
        endpoint.wait_for_status("healthy")
        endpoint.tell(format_downloads(DOWNLOADS))
        with visiting(browser) as visitor:
            visitor.open(f"http://localhost:{endpoint.port}")
            visitor.find("#download-list li").nth(len(DOWNLOADS.downloads) - 1).wait_for()
            return visitor.find("#downloads").screenshot()


def save(picture: bytes, target: Path, most_height: int) -> None:
    """Write it small."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, most_height)))
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def main() -> int:
    """Write the pictures into the folder given; exit code 1 where they can't be taken."""
    missing = find_missing()
    if missing or len(sys.argv) != 2:
        print(missing or __doc__, file=sys.stderr)
        return 1
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with launch() as browser:
        for look in LOOKS:
            target = folder / f"status-page-{look[0]}.png"
            save(photograph(browser, look), target, PHONE_HEIGHT if look[2] == "phone" else sys.maxsize)
            print(target)
        target = folder / "status-page-downloads.png"
        save(photograph_downloads(browser), target, sys.maxsize)
        print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())

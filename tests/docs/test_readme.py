"""The README's and the documentation's examples, run as written against the starter model; only the port differs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from endpoint.contract import Listening, parse_start_line
from tests.docs.examples import Example, find_examples, run_example

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = [
    example
    for page in PAGES
    for example in find_examples(page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix())
]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a running endpoint with the starter model, ready; it ends when its standard input does."""
    model = ("--model", "starter", "--threads", "1")
    command = [sys.executable, "-P", "-m", "endpoint", "--managed", "--port", "0", *model]
    log = tmp_path_factory.mktemp("endpoint") / "log"
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True) as child,
    ):
        assert child.stdout is not None
        start = parse_start_line(child.stdout.readline())
        ready = child.stdout.readline()
        assert isinstance(start, Listening), log.read_text(encoding="utf-8")
        assert ready.startswith("Ready: "), log.read_text(encoding="utf-8")
        yield start.port
        child.communicate("stop\n", timeout=20)


@pytest.fixture
def environment() -> dict[str, str]:
    """The caller's, without proxies: they would be asked for localhost."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_runs_as_written(example: Example, port: int, environment: dict[str, str], tmp_path: Path) -> None:
    if example.language == "bash":
        for tool in ("bash", "curl"):
            if shutil.which(tool) is None:
                pytest.skip(f"{tool} is not installed")
    said = run_example(example, port, tmp_path, environment)
    assert any(map(str.isalpha, said)), "it prints no word"
    if said.startswith("{"):
        check_body(json.loads(said))


def check_body(body: dict[str, Any]) -> None:
    """A JSON answer is no error; one to a chat holds words and says why it ended."""
    assert not body.get("error")
    for choice in body.get("choices", ()):
        assert choice["message"]["content"].strip()
        assert choice["finish_reason"] in ("stop", "length")


def test_the_readme_shows_curl_and_the_openai_client() -> None:
    shown = [example.code for example in EXAMPLES if example.file == "README.md"]
    assert any("curl " in code for code in shown)
    assert any("from openai import OpenAI" in code for code in shown)

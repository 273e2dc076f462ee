"""A process that may take only so much memory, and a prompt cache that was promised more: it sheds, and never dies."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.endpoint.process import live
from tests.limited import limited

TOKENS = 500
PREFIX_BYTES = 23_040 * TOKENS
"""What holding a prompt takes with the starter model: 30 layers, 3 heads of 64 for keys and values, 16 bits."""
PROMPTS = 6
LIMIT_MIB = 340
"""What the process takes without any prompt, and half of all of them."""
CACHE = ("--cache-ram", "4000", "--cache-disk", "0")
FLAGS = ("--model", "starter", "--ctx-size", "2048", "--threads", "1", "--parallel", "1", *CACHE)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="resource limits that hold")
def test_held_prefixes_go_before_memory_is_spent_and_every_request_is_answered(tmp_path: Path) -> None:
    with live(tmp_path, *FLAGS, wrap=lambda argv: limited(argv, LIMIT_MIB)) as endpoint:
        endpoint.wait_for_status("healthy")
        for number in range(PROMPTS):
            prompt = [100 + number, *(100 + 37 * place % 900 for place in range(TOKENS - 1))]
            status, body = endpoint.post("/v1/completions", {"prompt": prompt, "max_tokens": 1})
            assert status == 200, body
        health = endpoint.wait_for_status("healthy")
        assert endpoint.process.poll() is None
    memory = health["memory"]
    assert isinstance(memory, dict)
    assert health["memory_pressure"] == "shedding"
    assert 0 < memory["prefix_bytes"] < PROMPTS * PREFIX_BYTES * 3 // 4, "not all of them could be held"

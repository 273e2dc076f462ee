"""Anthropic's API over the real starter model, through Anthropic's own client."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import pytest
from anthropic.types import MessageParam

from tests.endpoint.process import DEADLINE_S, live

BRIEF = "Be brief, and say what you know. " * 30
GREEDY = {"temperature": 0}  # its newest client has no such parameter
SKY: list[MessageParam] = [{"role": "user", "content": "Why is the sky blue?"}]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[anthropic.Anthropic]:
    with live(tmp_path_factory.mktemp("config"), "--model", "starter", "--threads", "1") as endpoint:
        endpoint.wait_for_status("healthy")
        url = f"http://127.0.0.1:{endpoint.port}"
        with anthropic.Anthropic(base_url=url, api_key="none", max_retries=0, timeout=DEADLINE_S) as made:
            yield made


def test_a_stream_is_what_the_whole_answer_says_and_its_prompt_is_cached(client: anthropic.Anthropic) -> None:
    whole = client.messages.create(model="starter", messages=SKY, system=BRIEF, max_tokens=16, extra_body=GREEDY)
    assert whole.stop_reason == "max_tokens"
    with client.messages.stream(
        model="starter", messages=SKY, system=BRIEF, max_tokens=16, extra_body=GREEDY
    ) as stream:
        final = stream.get_final_message()
    assert whole.content[0].type == "text"
    assert stream.get_final_text() == whole.content[0].text
    assert (final.usage.cache_read_input_tokens or 0) > 0
    counted = client.messages.count_tokens(model="starter", messages=SKY, system=BRIEF)
    for usage in (whole.usage, final.usage):
        assert usage.input_tokens + (usage.cache_read_input_tokens or 0) == counted.input_tokens


def test_an_answer_ends_at_a_stop_sequence(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model="starter", messages=SKY, max_tokens=200, stop_sequences=["scattering"], extra_body=GREEDY
    )
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "scattering")
    assert message.content[0].type == "text"
    assert "scattering" not in message.content[0].text

from __future__ import annotations

import logging

import pytest

from endpoint.errors import InvalidRequest
from tests.endpoint.text.models import GEMMA, LLAMA2, make_template

USER = {"role": "user", "content": "Hello"}
ANSWER = {"role": "assistant", "content": "Hi"}


def test_a_template_gets_the_start_and_end_texts_and_opens_the_answer() -> None:
    assert make_template(GEMMA).render([USER]) == ("<s><start_of_turn>user\nHello<end_of_turn>\n<start_of_turn>model\n")
    assert (
        make_template(LLAMA2).render([USER, ANSWER, USER]) == "<s>[INST] Hello [/INST] Hi </s><s>[INST] Hello [/INST]"
    )


def test_a_model_without_a_template_gets_chatml_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        template = make_template(None)
    assert caplog.messages == ["test has no chat template in its file: using ChatML."]
    assert template.render([USER]) == "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"


def test_a_template_that_refuses_names_the_messages_and_its_reason() -> None:
    with pytest.raises(InvalidRequest, match="refuses these messages: Conversation roles must alternate") as caught:
        make_template(LLAMA2).render([USER, USER])
    assert caught.value.param == "messages"


def test_a_template_that_breaks_on_the_messages_says_how() -> None:
    with pytest.raises(InvalidRequest, match=r"can't render these messages: .*NoneType") as caught:
        make_template("{{ messages[0].content + 1 }}").render([{"role": "user", "content": None}])
    assert caught.value.param == "messages"


def test_variables_reach_the_template_but_can_not_replace_its_own() -> None:
    template = make_template("{{ effort }} {{ messages|length }}")
    assert template.render([USER], {"effort": "high", "messages": []}) == "high 1"


def test_values_in_messages_are_no_template_code() -> None:
    assert (
        make_template("{{ messages[0].content }}").render([{"content": "{{ 1 + 1 }}{% if %}"}]) == "{{ 1 + 1 }}{% if %}"
    )


def test_two_renders_of_one_template_do_not_share_a_budget() -> None:
    template = make_template("{% for i in range(200000) %}{% endfor %}ok")
    assert [template.render([]) for _ in range(3)] == ["ok", "ok", "ok"]

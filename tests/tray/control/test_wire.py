from __future__ import annotations

import json

import pytest

from tray.actions import Change, UserAction
from tray.control.wire import Verb, read_answer, read_request, write_answer, write_refusal, write_request
from tray.errors import ControlError


@pytest.mark.parametrize(
    ("verb", "action"), [(Verb.STATUS, None), (Verb.START, UserAction.START), (Verb.QUIT, UserAction.END)]
)
def test_a_verb_becomes_the_click_that_it_stands_for(verb: Verb, action: UserAction | None) -> None:
    assert read_request(write_request("t", verb)) == ("t", action)


def test_every_verb_is_understood() -> None:
    for verb in Verb:
        assert read_request(write_request("t", verb))[0] == "t"


def test_changes_come_as_settings_have_them() -> None:
    values = {"endpoint.port": 8002, "endpoint.ctx_size": None, "models.folders": ["/a"]}
    expected = Change((("endpoint.port", 8002), ("endpoint.ctx_size", None), ("models.folders", ("/a",))))
    assert read_request(write_request("t", Verb.CHANGE, values)) == ("t", expected)


def test_a_change_for_one_model_is_named_in_one_way_and_may_be_forced() -> None:
    line = write_request("t", Verb.CHANGE, {"model.'qwen'.threads": 2}, force=True)
    assert read_request(line) == ("t", Change((('model."qwen".threads', 2),), force=True))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", "no verb None"),
        (b"GET / HTTP/1.1\r\n", "no verb None"),
        (b"[" * 5000, "no verb None"),
        (b'{"verb": "format"}', "no verb 'format'"),
        (b'{"verb": ["stop"]}', "no verb"),
        (b'{"verb": "change", "values": 3}', "values must be an object"),
        (b'{"verb": "change", "values": {"endpoint.prot": 1}}', "no setting 'endpoint.prot'"),
        (b'{"verb": "change", "values": {"endpoint.port": "1"}}', "endpoint.port must be a whole number"),
    ],
)
def test_nonsense_is_refused_by_name(line: bytes, said: str) -> None:
    with pytest.raises(ControlError, match=said.replace("[", r"\[")):
        read_request(line)


def test_an_answer_is_the_status_or_the_reason_why_not() -> None:
    assert read_answer(write_answer({"state": "ready"})) == {"state": "ready"}
    with pytest.raises(ControlError, match="wrong token"):
        read_answer(write_refusal("wrong token"))
    for nonsense in (b"", b"{}", json.dumps({"ok": True}).encode()):
        with pytest.raises(ControlError, match="makes no sense"):
            read_answer(nonsense)

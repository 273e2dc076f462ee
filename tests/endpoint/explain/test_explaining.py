"""Reasons, from reports made by hand: each sentence, and what is found where little is known."""

from __future__ import annotations

import dataclasses

import pytest

from endpoint.cache.report import Shortfall
from endpoint.conversation import Message, Role, TextPart
from endpoint.explain.explaining import explain
from endpoint.explain.explanation import Explanation, Part
from endpoint.explain.kinds import Kind
from endpoint.explain.records import Record
from endpoint.explain.texts import pack
from endpoint.keycontent import KeyContent
from endpoint.providers.fake import END
from tests.endpoint.explain.reporting import of_other_model, record

RULES = "You keep the harbour's book. It is 10:41 now. Be brief."
SYSTEM = Message(Role.SYSTEM, (TextPart(RULES),))


def say(role: Role, text: str, reasoning: str | None = None) -> Message:
    return Message(role, (TextPart(text),), reasoning=reasoning)


USER, REPLY = say(Role.USER, "Who came in?"), say(Role.ASSISTANT, "Nine ships came in.")
NEXT = say(Role.USER, "And from where?")


def render(*messages: Message, head: str = "") -> str:
    turns = [f"[{each.role}]{each.parts[0].text}[end]" for each in messages if isinstance(each.parts[0], TextPart)]
    return head + "".join(turns) + "[assistant]"


def ask(*messages: Message, candidate: str = "", head: str = "", **variables: object) -> Record:
    return record(render(*messages, head=head), candidate, asked=KeyContent(messages, (), variables))


def tell(told: Explanation) -> str:
    """Its summary, without the capital and the full stop."""
    return told.summary[:1].lower() + told.summary[1:].removesuffix(".")


def why(made: Record, *others: Record) -> tuple[Kind, str]:
    told = explain(made, others)
    return told.kind, tell(told)


def test_a_raw_prompt_is_told_by_its_text_alone() -> None:
    told = explain(record("Log of 10:42, brig", "Log of 10:41, brig"), [])
    assert tell(told) == "the prompt changed at character 11: a timestamp"
    assert told.divergence is not None
    assert (told.divergence.place.part, told.divergence.request_id) == (Part.PROMPT, None)


def test_the_character_is_exact_where_a_token_holds_only_part_of_it() -> None:
    told = explain(record("ein Maß für dich", "ein Maü für dich"), [])
    assert told.divergence is not None
    assert (told.divergence.token, told.divergence.character) == (len(b"ein Ma\xc3"), len("ein Ma"))
    assert (told.divergence.earlier[0], told.divergence.new[0]) == ("ü", "ß")


def test_without_the_earlier_request_the_message_is_found_by_its_text() -> None:
    changed = say(Role.SYSTEM, RULES.replace("10:41", "10:42"))
    made = ask(changed, USER, candidate=render(SYSTEM, USER))
    assert why(made) == (Kind.TIME, f"message 0 (system) changed at character {RULES.index('1 now')}: a timestamp")


def test_a_template_that_writes_the_time_is_named_and_not_the_question() -> None:
    first = ask(SYSTEM, USER, head="Today is 26 Jul 2025. ")
    made = ask(
        SYSTEM, NEXT, head="Today is 27 Jul 2025. ", candidate=render(SYSTEM, USER, head="Today is 26 Jul 2025. ")
    )
    assert why(made, first) == (Kind.TIME, "the template's own text changed before message 0 (system): a date")


def test_another_question_is_no_fault() -> None:
    first = ask(SYSTEM, USER)
    made = ask(SYSTEM, NEXT, candidate=render(SYSTEM, USER))
    assert why(made, first) == (Kind.OTHER_QUESTION, "message 1 (user) changed at character 0: another question")


def test_an_answer_that_comes_back_changed_is_told() -> None:
    first = ask(SYSTEM, USER)
    made = ask(SYSTEM, USER, say(Role.ASSISTANT, "Nine boats came in."), NEXT, candidate=render(SYSTEM, USER, REPLY))
    assert why(made, first) == (
        Kind.ANSWER_CHANGED,
        "message 2 (assistant) isn't what the model answered, from character 5 on",
    )


def test_an_answer_that_is_left_out_is_told() -> None:
    first = ask(SYSTEM, USER)
    made = ask(SYSTEM, USER, NEXT, candidate=render(SYSTEM, USER, REPLY))
    assert why(made, first) == (Kind.ANSWER_CHANGED, "the model's answer is left out before message 2 (user)")


def test_an_answer_that_comes_back_without_its_reasoning_is_told() -> None:
    first = ask(SYSTEM, USER)
    thought = render(SYSTEM, USER) + "<think>They ask for ships.</think>Nine ships came in.[end]"
    made = ask(SYSTEM, USER, REPLY, NEXT, candidate=thought)
    assert why(made, first) == (
        Kind.REASONING_DROPPED,
        "the reasoning of message 2 (assistant) was left out: it was part of what was computed",
    )


def test_messages_put_in_are_told() -> None:
    first = ask(SYSTEM, USER)
    made = ask(SYSTEM, REPLY, NEXT, USER, candidate=render(SYSTEM, USER))
    assert why(made, first) == (
        Kind.MESSAGES_INSERTED,
        "messages 1 to 2 are put in where the earlier request had none",
    )


def test_an_edited_message_in_the_middle_is_told() -> None:
    first = ask(SYSTEM, USER, REPLY, NEXT)
    edited = say(Role.ASSISTANT, "Nine boats came in.")
    made = ask(SYSTEM, USER, edited, NEXT, candidate=render(SYSTEM, USER, REPLY, NEXT))
    assert why(made, first) == (Kind.MESSAGE_EDITED, "message 2 (assistant) changed at character 5: other text")


def test_template_variables_are_named() -> None:
    first = ask(SYSTEM, USER, head="[slow]", thinking=True)
    made = ask(SYSTEM, USER, head="[fast]", thinking=False, candidate=render(SYSTEM, USER, head="[slow]"))
    assert why(made, first) == (Kind.VARIABLES_CHANGED, "template variables changed: thinking")


def test_a_text_that_only_goes_on_but_in_other_tokens_is_no_change() -> None:
    # As words do in a real vocabulary: what was four tokens is one with what comes behind.
    made = dataclasses.replace(record("The ", "The "), prompt=pack([*b"The ", END]), tail=pack(list(b"<|en")))
    kind, summary = why(made)
    assert kind is Kind.TOKENS
    assert summary.startswith("the text only goes on here (the prompt, at character 8)")


def test_the_maker_of_the_candidate_is_the_one_that_has_most_of_it() -> None:
    candidate = render(SYSTEM, USER, REPLY, NEXT)
    makers = [ask(SYSTEM, NEXT), ask(SYSTEM, USER, REPLY, NEXT), ask(SYSTEM, USER)]
    told = explain(ask(SYSTEM, USER, REPLY, say(Role.USER, "Any more?"), candidate=candidate), makers)
    assert told.divergence is not None
    assert told.divergence.request_id == makers[1].asker.request_id


def test_a_request_to_a_model_that_is_gone_made_nothing_of_this_one() -> None:
    told = explain(ask(SYSTEM, NEXT, candidate=render(SYSTEM, USER)), [of_other_model(ask(SYSTEM, USER))])
    assert told.divergence is not None
    assert told.divergence.request_id is None


def test_where_nothing_held_begins_alike_the_request_before_is_compared() -> None:
    first = record("abc" + RULES, asked=KeyContent((SYSTEM,)), shortfall=Shortfall.NEW)
    made = record("xyz" + RULES, asked=KeyContent((SYSTEM,)), shortfall=Shortfall.NEW, detail="nothing is saved")
    told = explain(made, [first])
    assert tell(told) == (
        "nothing that begins like it is held (nothing is saved); beside the request before it, "
        "the template's own text changed before message 0 (system): other text"
    )
    assert explain(first, [made]).kind is Kind.NEW


@pytest.mark.parametrize(
    ("shortfall", "summary"),
    [
        (Shortfall.NOTHING, "nothing was missed: only 3 new tokens had to be computed"),
        (Shortfall.EVICTED, "8 tokens of it were held till the RAM budget was full (--cache-ram)"),
        (Shortfall.EXPIRED, "8 tokens of it were held till their key expired"),
        (Shortfall.CLEARED, "8 tokens of it were held till they were cleared"),
        (Shortfall.UNLOADED, "8 tokens of it were held till the model was unloaded, idle for long (--idle-unload)"),
        (Shortfall.OTHER_MODEL, "what was saved is of another model, template or library"),
        (Shortfall.UNREADABLE, "8 tokens of it were saved, but could not be read back"),
        (Shortfall.NEW, "nothing that begins like it is held"),
        (Shortfall.NOT_WANTED, "the request scores its own prompt, and reuse would hide that"),
    ],
)
def test_every_reason_that_is_no_text_has_its_sentence(shortfall: Shortfall, summary: str) -> None:
    told = explain(record("The harbour", "The harb", shortfall, cached=8, detail="more of it"), [])
    assert (told.kind.value, tell(told)) == (shortfall.value, f"{summary} (more of it)")
    assert told.divergence is None


def test_every_shortfall_is_a_kind_or_told_by_the_text() -> None:
    for shortfall in set(Shortfall) - {Shortfall.DIVERGED}:
        assert Kind(shortfall.value)


def test_state_that_cannot_be_cut_is_told_with_the_place() -> None:
    told = explain(record("Log of 10:42, brig", "Log of 10:41, brig", Shortfall.UNCUTTABLE, cached=0), [])
    assert told.kind is Kind.UNCUTTABLE
    assert tell(told) == (
        "this model's state can only be taken up at checkpoints, and none lies deeper than token 0; "
        "the prompt changed at character 11: a timestamp"
    )

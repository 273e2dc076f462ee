from __future__ import annotations

from endpoint.conversation import Message, Role, TextPart, Tool
from endpoint.explain.store import RecordStore
from endpoint.keycontent import KeyContent
from tests.endpoint.explain.reporting import record


def test_a_request_is_found_by_both_of_its_ids() -> None:
    store, made = RecordStore(), record("hello")
    store.note(made)
    assert store.find(made.asker.request_id) is made
    assert store.find(made.asker.header_id) is made
    assert store.find("chatcmpl-unknown") is None


def test_the_newest_come_first_and_no_more_than_asked_for() -> None:
    store, made = RecordStore(), [record("hello") for _ in range(4)]
    for each in made:
        store.note(each)
    assert store.recent(3) == [made[3], made[2], made[1]]
    assert store.recent(9) == made[::-1]
    assert store.recent(0) == []


def test_it_holds_no_more_requests_than_it_may() -> None:
    store, made = RecordStore(most=3), [record("hello") for _ in range(5)]
    for each in made:
        store.note(each)
    assert len(store) == 3
    assert store.find(made[1].asker.request_id) is None
    assert store.find(made[1].asker.header_id) is None
    assert store.size == sum(each.size for each in made[2:])


def test_it_holds_no_more_bytes_than_it_may() -> None:
    store, long = RecordStore(most_bytes=20_000), "x" * 1_500
    for _ in range(9):
        store.note(record(long))
    assert len(store) == 20_000 // record(long).size
    assert store.size <= 20_000
    store.note(record("x" * 10_000))
    assert store.size <= 20_000, "what is larger than all the room isn't kept"


def test_messages_and_tools_count_as_much_as_tokens_do() -> None:
    text = "y" * 5_000
    messages = (Message(Role.USER, (TextPart(text),), reasoning=text),)
    tools = (Tool("tides", text, {"properties": {"port": {"enum": [text, 7, None]}}}),)
    content = KeyContent(messages, tools, {"notes": [text]})
    bare = record("hello").size
    assert 5 * len(text) < record("hello", asked=content).size - bare < 5 * len(text) + 4_000


def test_the_same_request_is_counted_once() -> None:
    store, made = RecordStore(), record("hello")
    store.note(made)
    store.note(made)
    assert (len(store), store.size) == (1, made.size)

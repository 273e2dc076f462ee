"""What is kept of responses, and what goes first."""

from __future__ import annotations

from endpoint.protocol.reply import Body
from endpoint.protocol.responses.items import Item
from endpoint.routes.response_store import ResponseStore


def item(item_id: str, text: str = "") -> Item:
    return {"type": "message", "id": item_id, "text": text}


def response(name: str, text: str = "") -> Body:
    return {"id": name, "output": [item(f"{name}-out", text)]}


def put(store: ResponseStore, name: str, previous: str | None = None, text: str = "") -> None:
    store.put(response(name, text), [item(f"{name}-in")], previous)


def ids(store: ResponseStore, name: str) -> list[object]:
    return [each["id"] for kept in store.trace(name) or () for each in kept.items()]


def test_a_conversation_is_found_through_its_predecessors() -> None:
    store = ResponseStore()
    put(store, "a")
    put(store, "b", "a")
    put(store, "c", "a")
    assert ids(store, "c") == ["a-in", "a-out", "c-in", "c-out"]
    assert store.trace("nobody") is None


def test_what_was_not_used_for_longest_goes_first() -> None:
    store = ResponseStore(most=2)
    put(store, "a")
    put(store, "b")
    assert store.get("a") is not None
    put(store, "c")
    assert (store.get("a") is not None, store.get("b"), len(store)) == (True, None, 2)


def test_a_conversation_whose_beginning_is_gone_is_gone() -> None:
    store = ResponseStore()
    put(store, "a")
    put(store, "b", "a")
    assert store.delete("a")
    assert store.trace("b") is None
    assert store.get("b") is not None


def test_bytes_are_bounded_and_freed() -> None:
    store = ResponseStore(most_bytes=5_000)
    for name in "abcdef":
        put(store, name, text="x" * 1_000)
        assert store.size <= 5_000
    assert 1 < len(store) < 6
    for name in "abcdef":
        store.delete(name)
    assert (store.size, len(store), store.find_item("f-out")) == (0, 0, None)


def test_one_that_is_too_large_by_itself_pushes_nothing_out() -> None:
    store = ResponseStore(most_bytes=5_000)
    put(store, "a")
    put(store, "b", text="x" * 10_000)
    assert (store.get("b"), len(store)) == (None, 1)


def test_items_are_found_until_their_response_goes() -> None:
    store = ResponseStore()
    put(store, "a")
    assert store.find_item("a-in") == item("a-in")
    assert store.delete("a")
    assert store.find_item("a-in") is None
    assert not store.delete("a")


def test_an_item_that_two_responses_have_stays_with_the_later() -> None:
    store = ResponseStore()
    put(store, "a")
    store.put(response("b"), [item("a-out")], None)
    assert store.delete("a")
    assert store.find_item("a-out") is not None

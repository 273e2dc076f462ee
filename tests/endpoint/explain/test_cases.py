"""Misses as agents make them, under a template that has turns and tools: the right message, place, tool and path."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from endpoint.protocol.acore.schemas import DivergedMessage, DivergedTool
from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.explain.asking import RULES, ask_why, chat, say, serving_chats, tool
from tests.endpoint.serving import Served

SYSTEM, ASK = say("system", RULES), say("user", "Which ship came in last, and from where?")
BUSY = [
    SYSTEM,
    *(
        say("user" if place % 2 else "assistant", f"Entry {place}: {word * 6}")
        for place, word in enumerate(("brig ", "sloop ", "ketch ", "barque ", "yawl "), start=1)
    ),
]
TIDES = tool("read_tides", "Read the tide tables.", port={"type": "string", "description": "A port of call"})
BOOK = tool("write_book", "Write into the book.", line={"type": "string"}, page={"type": "integer", "minimum": 1})


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving_chats() as running:
        yield running


def test_a_timestamp_in_the_system_prompt(served: Served) -> None:
    first = chat(served, [SYSTEM, ASK])
    told = ask_why(served, [say("system", RULES.replace("10:41", "18:07")), ASK])
    at = RULES.index("10:41") + 1
    assert told.summary == f"Message 0 (system) changed at character {at}: a timestamp."
    assert told.kind == "time"
    assert told.divergence is not None
    assert told.divergence.message == DivergedMessage(index=0, role="system", character=at)
    assert told.divergence.text_before == RULES[at - 40 : at]
    assert told.divergence.earlier_text.startswith("0:41 now. Be brief")
    assert told.divergence.new_text.startswith("8:07 now. Be brief")
    assert told.divergence.earlier_request_id == first
    assert told.cached_tokens == told.divergence.token == told.shared_tokens


def test_tools_in_another_order(served: Served) -> None:
    chat(served, [SYSTEM, ASK], tools=[TIDES, BOOK])
    told = ask_why(served, [SYSTEM, ASK], tools=[BOOK, TIDES])
    assert told.summary == "The tools are the same, in another order."
    assert told.divergence is not None
    assert (told.kind, told.divergence.tool) == ("tools_reordered", DivergedTool(name="write_book", path=None))


def test_a_changed_tool_schema(served: Served) -> None:
    changed = tool(
        "write_book", "Write into the book.", line={"type": "string"}, page={"type": "integer", "minimum": 2}
    )
    chat(served, [SYSTEM, ASK], tools=[TIDES, BOOK])
    told = ask_why(served, [SYSTEM, ASK], tools=[TIDES, changed])
    path = "parameters.properties.page.minimum"
    assert told.summary == f"The tool write_book changed at {path}."
    assert told.divergence is not None
    assert (told.kind, told.divergence.tool) == ("tool_changed", DivergedTool(name="write_book", path=path))
    assert (told.divergence.earlier_text[0], told.divergence.new_text[0]) == ("1", "2")


def test_white_space(served: Served) -> None:
    chat(served, BUSY)
    told = ask_why(served, [*BUSY[:2], say("assistant", str(BUSY[2]["content"]).replace("2: ", "2:\n")), *BUSY[3:]])
    assert told.summary == "Message 2 (assistant) changed at character 8: blanks only."
    assert told.kind == "white_space"


def test_a_different_system_prompt(served: Served) -> None:
    chat(served, [SYSTEM, ASK])
    other = "As the keeper of a lighthouse, you answer ships by signals alone, night after night, in every weather."
    told = ask_why(served, [say("system", other), ASK])
    assert told.summary == "Message 0 (system) changed at character 0: a different system prompt."
    assert told.kind == "other_system_prompt"


def test_trimmed_history(served: Served) -> None:
    chat(served, BUSY)
    told = ask_why(served, [SYSTEM, *BUSY[3:], say("assistant", "Noted."), ASK])
    assert told.summary == "The history was trimmed: messages 1 to 2 are left out of what came before."
    assert told.divergence is not None
    assert told.kind == "history_trimmed"
    assert told.divergence.message == DivergedMessage(index=1, role="user", character=len("Entry "))


def test_after_a_restart_what_was_saved_is_no_miss() -> None:
    disk = Disk()
    with serving_chats(open_store=disk.open) as served:
        chat(served, BUSY)
    with serving_chats(open_store=disk.open) as served:
        told = ask_why(served, BUSY)
    assert (told.tier, told.miss, told.divergence) == ("disk", "nothing", None)
    assert told.summary.startswith("Nothing was missed")

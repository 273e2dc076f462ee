"""The page shows every set-up as the app copies and writes it."""

from __future__ import annotations

import pytest

from tests.clients.page import PAGE
from tests.clients.set_ups import FACTS, SHELL_VARIANT, files_of_page, find_fences, put_files
from tray.clients.catalogue import CLIENTS
from tray.clients.client import Client

TEXT = PAGE.read_text(encoding="utf-8")
FENCES = find_fences(TEXT)
FILES = list(files_of_page())


@pytest.mark.parametrize(("client", "place", "text"), FILES, ids=[client.name for client, *_ in FILES])
def test_a_settings_file_stands_on_the_page_as_connect_writes_it(client: Client, place: str, text: str) -> None:
    assert FENCES[client.name, place] == text, "python -m tests.clients.set_ups puts it right"


@pytest.mark.parametrize("client", [each for each in CLIENTS if each.snippet], ids=lambda client: client.name)
def test_a_text_to_paste_stands_on_the_page_as_it_is_copied(client: Client) -> None:
    names = (client.name, f"{client.name}{SHELL_VARIANT}")
    shown = [text for (name, _), text in FENCES.items() if name in names]
    assert any(text.startswith(client.text(FACTS)) for text in shown)


def test_the_page_is_put_right_where_it_is_wrong_and_only_there() -> None:
    assert put_files(TEXT) == TEXT
    assert put_files(TEXT.replace('"small_model"', '"large_model"')) == TEXT

"""Set-ups are read from the page as they stand there, with another port."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tests.clients.catalogue import CLIENTS
from tests.clients.client import Client
from tests.clients.page import PAGE
from tests.clients.recipes import BadRecipe, Recipe, find_recipes

TEXT = """# Page

<!-- client one: ~/.one/config.json -->
```json
{"url": "http://localhost:8001/v1", "budget": 8001}
```

<!-- client one: run -->
```bash
one ask
```

<!-- client two: run -->
```bash
two http://127.0.0.1:8001/v1
```
"""


def test_files_and_commands_are_found_by_client_with_the_port_replaced() -> None:
    config = '{"url": "http://localhost:99/v1", "budget": 8001}\n'
    assert find_recipes(TEXT, 99) == {
        "one": Recipe({PurePosixPath("~/.one/config.json"): config}, "one ask\n"),
        "two": Recipe({}, "two http://127.0.0.1:99/v1\n"),
    }


def test_a_mark_without_a_fence_is_refused() -> None:
    with pytest.raises(BadRecipe, match="comes a fence"):
        find_recipes(TEXT + "\n<!-- client three: run -->\nsome text\n", 99)


def test_a_set_up_that_would_miss_the_endpoint_is_refused() -> None:
    with pytest.raises(BadRecipe, match="nothing of two names localhost:8001"):
        find_recipes(TEXT.replace("127.0.0.1:8001", "127.0.0.1:8002"), 99)


def test_the_page_shows_a_set_up_for_each_client_and_for_no_other() -> None:
    recipes = find_recipes(PAGE.read_text(encoding="utf-8"), 99)
    assert sorted(recipes) == sorted(client.name for client in CLIENTS)
    for client in CLIENTS:
        assert (recipes[client.name].commands is None) == bool(client.scripts)


@pytest.mark.parametrize("client", CLIENTS, ids=[client.name for client in CLIENTS])
def test_each_client_has_its_heading(client: Client) -> None:
    assert f"\n## {client.name}\n" in PAGE.read_text(encoding="utf-8")

"""What the environment asks of `make test-clients`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.__main__ import read_wishes
from tests.clients.catalogue import CLIENTS
from tests.clients.client import Api, Client, Model, Registry
from tests.clients.page import BEGIN, END, PAGE, format_table, put_table
from tests.clients.verdicts import Verdict

CLIENT = Client("it", Registry.NPM, ("@some/it@1.2",), Api.CHAT, Model.SPEAKER, generations=2)


def names(only: str) -> list[str]:
    return [client.name for client in read_wishes({"ONLY": only}).clients]


def test_without_wishes_all_run_and_the_page_gets_its_table() -> None:
    wishes = read_wishes({})
    assert wishes.clients == CLIENTS
    assert wishes.page == PAGE


def test_a_whole_name_means_that_client_and_a_part_all_that_have_it() -> None:
    assert names("llm") == ["llm"]
    assert {"openai-python", "openai-node"} <= set(names("openai-")) < {client.name for client in CLIENTS}
    assert read_wishes({"ONLY": "llm"}).page is None


def test_an_unknown_name_or_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no client is named 'nobody'; there are openai-python"):
        read_wishes({"ONLY": "nobody"})
    with pytest.raises(FileNotFoundError, match="is not there"):
        read_wishes({"PAGE": str(tmp_path / "page.md")})


def test_the_table_has_a_row_for_each_that_went_well_and_takes_the_old_one_s_place() -> None:
    table = format_table({CLIENT: Verdict([], 2, 1, 50, 9)})
    assert "| [it](#it) | 1.2 | chat completions | speaker | stream, usage, 2nd turn | 2 (1) | 50 |" in table
    assert "it" not in format_table({CLIENT: Verdict(["it failed"], 2, 1, 50, 9)}).splitlines()[-1]
    page = f"before\n{BEGIN}\n| old |\n{END}\nafter\n"
    assert put_table(page, table) == f"before\n{BEGIN}\n{table}\n{END}\nafter\n"
    with pytest.raises(ValueError, match="lacks"):
        put_table("nothing", table)


def test_the_page_has_a_place_for_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert put_table(page, "| new |").count("| new |") == 1

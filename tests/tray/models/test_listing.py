from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from endpoint.contract import ModelRef
from tests.tray.models.rated import GIB, machine, model
from tray.models.fit import rate_fit
from tray.models.listing import Listed, describe, draw_table
from tray.models.model import Capability, FoundModel, Place

NAME = "Qwen3-Coder-30B-A3B-Instruct-UD-Q4_K_XL"


def listed(found: FoundModel, free_gib: float = 32, *, is_chosen: bool = False) -> Listed:
    return Listed(found, None if found.problem else rate_fit(found, machine(free_gib), 32_768), is_chosen)


def named(name: str, place: Place = Place.OWN, **changes: object) -> FoundModel:
    able = (Capability.TOOLS, Capability.REASONING)
    found = replace(model(), name=name, place=place, quantisation="Q4_K_M", capabilities=able)
    return replace(found, **changes)  # type: ignore[arg-type]  # each test names fields of FoundModel


def cells(line: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(each) in "WF") for each in line)


def test_models_are_grouped_by_place_with_a_star_at_the_chosen_one() -> None:
    shown = draw_table(
        [
            listed(named("small", Place.STARTER), is_chosen=True),
            listed(named("large", Place.OLLAMA), free_gib=6.2),
            listed(named("torn", Place.OLLAMA, problem="half-downloaded: 1.0 GB of 2.0 GB are there")),
        ],
        80,
    )
    assert shown.splitlines() == [
        "  name     size  bits    context  fit      can do",
        "",
        "Comes with Traypoint",
        "* small  4.9 GB  Q4_K_M     128K  fits     tools reasoning",
        "",
        "Ollama",
        "  large  4.9 GB  Q4_K_M     128K  too big  tools reasoning",
        "  torn   4.9 GB  half-downloaded: 1.0 GB of 2.0 GB are there",
    ]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("name", [NAME, "模型" * 40, "é" * 90, "x"])
def test_no_line_is_wider_than_the_terminal(width: int, name: str) -> None:
    rows = [listed(named(name)), listed(named("torn", problem="half-downloaded: " + "x" * 99))]
    assert max(map(cells, draw_table(rows, width).splitlines())) <= width


def test_a_long_name_keeps_both_its_ends() -> None:
    line = draw_table([listed(named(NAME))], 70).splitlines()[-1]
    assert "Qwen3-Cod" in line
    assert "Q4_K_XL " in line
    assert "…" in line


def test_a_name_can_not_steer_the_terminal() -> None:
    shown = draw_table([listed(named("a\x1b[2Jb\nc\udcff", problem="\x07odd"))], 80)
    assert "a?[2Jb?c?" in shown
    assert "?odd" in shown
    assert all(each.isprintable() for each in shown.replace("\n", ""))


def test_a_chosen_model_that_is_too_big_comes_with_the_ways_out() -> None:
    shown = draw_table([listed(named("m"), free_gib=6.2, is_chosen=True)], 80)
    assert "m needs 10.0 GB: " in shown
    assert shown.count("\n  - ") == 4


def test_the_json_has_a_key_for_everything() -> None:
    found = describe(listed(named("m", ref=ModelRef("mlx", "a/m")), is_chosen=True))
    assert found["provider"], found["model"] == ("mlx", "a/m")
    assert found["chosen"] is True
    assert found["problem"] is None
    assert found["size_bytes"] == int(4.6 * GIB)
    assert found["capabilities"] == ["tools", "reasoning"]
    assert found["fit"]["kind"] == "fits"
    assert found["fit"]["context"] == 32_768


def test_the_json_of_a_broken_model_has_its_problem_and_no_fit() -> None:
    found = describe(listed(named("m", problem="torn")))
    assert (found["problem"], found["fit"]) == ("torn", None)

"""The menu in every state, as a person reads it: golden/*.txt (made by golden.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from endpoint.contract import ExitCode, ModelRef
from tests.tray.menu.golden import FOLDER, render
from tests.tray.menu.states import AROUND, BASE, CACHE, FIGURES, MLX, QWEN, READY, STATES
from tray.actions import Change, UserAction
from tray.menu.choices import find_model_for, model_menu
from tray.menu.figures import cache_menu
from tray.menu.items import MAX_LABEL, Item
from tray.menu.menu import build_menu
from tray.state import AppState, EndpointState, Failure
from tray.surroundings import ModelChoice, Surroundings
from tray.targets import find_target


def walk(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from walk(item.children)


def find(state: AppState, label: str) -> Item:
    return next(item for item in walk(build_menu(state)) if item.label == label)


@pytest.mark.parametrize("name", STATES)
def test_the_menu_reads_as_drawn(name: str) -> None:
    assert render(name) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_every_state_is_among_the_drawings() -> None:
    assert {state.endpoint for state in STATES.values()} == set(EndpointState)
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(STATES)


@pytest.mark.parametrize("name", STATES)
def test_every_change_that_a_line_makes_is_allowed_by_the_settings(name: str) -> None:
    changes = [item.action for item in walk(build_menu(STATES[name])) if isinstance(item.action, Change)]
    values = [pair for change in changes for pair in change.values]
    assert values
    for key, value in values:
        if value is not None:
            target = find_target(key)
            assert target
            target.key.check(value)


def test_a_long_reason_is_cut_and_kept_on_one_line() -> None:
    state = replace(BASE, endpoint=EndpointState.FAILED, failure=Failure("one\ntwo " + "x" * 500))
    label = build_menu(state)[0].label
    assert label.startswith("✕ Failed · one two x")
    assert (len(label), label[-1]) == (MAX_LABEL, "…")


def test_small_progress_does_not_change_the_menu() -> None:
    loading = replace(BASE, endpoint=EndpointState.LOADING, progress=0.41)
    assert build_menu(loading) == build_menu(replace(loading, progress=0.49))


@pytest.mark.parametrize("code", [*ExitCode, 77])
def test_a_failure_that_gives_no_advice_still_has_a_line_that_says_what_to_do(code: int) -> None:
    state = replace(BASE, endpoint=EndpointState.FAILED, failure=Failure("It broke.", exit_code=code))
    first, second = build_menu(state)[:2]
    assert first.label == "✕ Failed · It broke."
    assert second.label.endswith(".")
    assert len(build_menu(replace(state, retry_in_s=1.0))) == len(build_menu(state)) - 1


@pytest.mark.parametrize(("pressure", "told"), [("shedding", "are let go"), ("refusing", "are refused"), ("", "")])
def test_short_memory_is_told(pressure: str, told: str) -> None:
    labels = [item.label for item in walk(build_menu(replace(READY, figures=replace(FIGURES, pressure=pressure))))]
    short = [label for label in labels if label.startswith("Memory is short")]
    assert [told in label for label in short] == ([True] if pressure else [])


def test_a_busy_port_offers_a_free_one_as_a_click() -> None:
    assert find(STATES["failed"], "Use port 8002").action == Change((("endpoint.port", 8002),))


def test_another_provider_brings_its_model_along() -> None:
    around = replace(AROUND, recent=(QWEN, MLX))
    assert find_model_for(replace(BASE, around=around), "mlx") == MLX
    assert find_model_for(replace(BASE, around=around), "llamacpp") == QWEN
    assert find_model_for(replace(BASE, around=Surroundings()), "mlx") is None
    assert find_model_for(replace(BASE, around=Surroundings()), "llamacpp") == ModelRef()


def test_a_switch_says_the_opposite_of_what_is() -> None:
    assert find(READY, "Persist to disk").action == Change((("endpoint.cache_disk", 0),))
    off = replace(READY, saves_prompts=False)
    assert find(off, "Persist to disk").action == Change((("endpoint.cache_disk", None),))
    assert find(READY, "Notifications").action == Change((("app.notifications", False),))


def test_clearing_takes_a_second_click() -> None:
    menu = cache_menu(READY)
    assert UserAction.CLEAR_CACHE not in [item.action for item in menu.children]
    assert UserAction.CLEAR_CACHE in [item.action for item in walk(menu.children)]


def test_a_place_with_very_many_models_is_cut_with_a_word_where_the_rest_is() -> None:
    many = tuple(ModelChoice(ModelRef("llamacpp", f"/m/{n}.gguf"), "Models folder", f"m{n}") for n in range(60))
    menu = model_menu(replace(BASE, around=Surroundings(models=many)))
    folder = next(item for item in menu.children if item.label == "Models folder")
    assert folder.children[-1].label == "35 more: traypoint models"


def test_figures_of_an_endpoint_that_does_not_serve_are_not_shown() -> None:
    state = replace(BASE, endpoint=EndpointState.FAILED, figures=FIGURES, cache=CACHE)
    labels = [item.label for item in walk(build_menu(state))]
    assert "No figures: the endpoint is not up" in labels
    assert not [label for label in labels if "Hit rate" in label or "Up for" in label]

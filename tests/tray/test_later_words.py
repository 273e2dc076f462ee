"""What a change must not do: move a port, cut answers off, restart for nothing, or be blamed for the one before it."""

from __future__ import annotations

import pytest

from endpoint.contract import ModelRef
from tests.tray.story import Story
from tray.actions import (
    Change,
    ChildBindFailed,
    ChildExited,
    ChildListening,
    Noticed,
    SettingsRead,
    UserAction,
)
from tray.effects import ChildEffect, Desk, Effect, SaveSettings, StartChild
from tray.lifecycle import make_lifecycle
from tray.options import Choices, Places
from tray.preferences import Preferences
from tray.state import EndpointState

OTHER = Change((("endpoint.model", "/m/other.gguf"),))


def serve(choices: Choices, port: int) -> Story:
    """A story whose endpoint serves what these flags say, on this port."""
    story = Story(make_lifecycle(Places(choices), Preferences(), is_headless=False))
    story.do(UserAction.START, ChildListening(1, port))
    story.do(story.healthy())
    return story


def started(effects: tuple[Effect, ...]) -> StartChild:
    (start,) = [effect for effect in effects if isinstance(effect, StartChild)]
    return start


@pytest.fixture
def serving() -> Story:
    return serve(Choices(), 8001)


def test_back_from_a_busy_port_the_endpoint_has_the_port_that_clients_know_although_any_would_have_done() -> None:
    story = serve(Choices(port=0), 40001)
    story.do(Change((("endpoint.port", 9000),)), ChildExited(1, 0))
    story.do(ChildBindFailed(2, "busy", True, None, 9001))
    assert started(story.do(ChildExited(2, 98))).options.port == 40001


def test_what_became_of_one_change_is_not_told_of_the_next(serving: Story) -> None:
    serving.do(OTHER, ChildExited(1, 0), ChildExited(2, 3, "traypoint-endpoint: error: no file"))
    serving.do(serving.healthy())
    assert serving.life.app.reverted
    serving.do(Change((("endpoint.model", "starter"),)))
    assert (serving.state, serving.life.app.reverted) == (EndpointState.READY, None)


def test_start_while_running_answers_are_awaited_cuts_none_off(serving: Story) -> None:
    assert serving.do(OTHER)[-1] is ChildEffect.DRAIN
    assert serving.do(UserAction.START) == ()
    assert started(serving.do(ChildExited(1, 0))).options.ref.model == "/m/other.gguf"


@pytest.mark.parametrize("alias", ["gguf", "huggingface", "LlamaCpp", "llama.cpp"])
def test_another_word_for_the_same_provider_restarts_nothing(serving: Story, alias: str) -> None:
    change = Change((("endpoint.provider", alias),))
    assert serving.do(change) == (SaveSettings(change.values),)
    assert serving.life.app.ref == ModelRef()


def test_other_folders_are_looked_into_at_once_whoever_named_them(serving: Story) -> None:
    assert Desk.LOOK_AROUND in serving.do(Change((("models.folders", ("/a",)),)))
    assert serving.do(SettingsRead(1, Choices(), Preferences(folders=("/a",)))) == ()
    assert serving.do(SettingsRead(1, Choices(), Preferences(folders=("/b",)))) == (Desk.LOOK_AROUND,)


def test_a_settings_file_that_could_not_be_written_is_still_told_of_when_the_switch_is_over(serving: Story) -> None:
    serving.do(OTHER, Noticed("can't be written", complains=True), ChildExited(1, 0))
    serving.do(serving.healthy())
    assert (serving.state, serving.life.app.notice) == (EndpointState.READY, "can't be written")
    serving.do(Change((("endpoint.ctx_size", 64),)))
    assert serving.life.app.notice == ""


def test_a_complaint_about_the_file_goes_when_it_can_be_read_and_other_notices_stay(serving: Story) -> None:
    serving.do(Noticed("not valid TOML", complains=True), SettingsRead(0, Choices(), Preferences()))
    assert serving.life.app.notice == ""
    serving.do(Noticed("Copied"), SettingsRead(0, Choices(), Preferences()))
    assert serving.life.app.notice == "Copied"

"""Switching what runs, told as sequences of actions: running answers first, one restart, back when it fails to load."""

from __future__ import annotations

from dataclasses import replace

import pytest

from endpoint.contract import ExitCode, HealthStatus, ModelRef
from tray.actions import (
    Change,
    ChildBindFailed,
    ChildExited,
    ChildListening,
    Click,
    HealthReport,
    ModelChosen,
    Report,
    RetryDue,
    SettingsRead,
    SettingsTouched,
    UserAction,
)
from tray.effects import ChildEffect, Effect, Finish, ReadSettings, RememberModel, SaveSettings, StartChild
from tray.lifecycle import Lifecycle, make_lifecycle
from tray.machine import advance
from tray.options import Choices, Places
from tray.preferences import Preferences
from tray.state import EndpointState

OTHER = Change((("endpoint.provider", "llamacpp"), ("endpoint.model", "/m/other.gguf")))


class Story:
    """A lifecycle that actions happen to; by default with a file that says nothing."""

    def __init__(self, places: Places | None = None, *, is_headless: bool = False) -> None:
        self.life: Lifecycle = make_lifecycle(places or Places(), Preferences(), is_headless=is_headless)

    def do(self, *actions: Click | Report) -> tuple[Effect, ...]:
        effects: tuple[Effect, ...] = ()
        for action in actions:
            self.life, effects = advance(self.life, action, 0.0)
        return effects

    def serve(self, active: int = 0) -> None:
        """Up to a healthy endpoint."""
        if not self.life.alive:
            self.do(UserAction.START)
        self.do(ChildListening(self.life.run, 8001), self.healthy(active))

    def healthy(self, active: int = 0, status: HealthStatus = HealthStatus.HEALTHY) -> HealthReport:
        return HealthReport(self.life.run, status, model=self.life.app.ref.model, active=active)

    def gone(self, code: int = 0, word: str | None = None) -> tuple[Effect, ...]:
        return self.do(ChildExited(self.life.run, code, word))

    @property
    def state(self) -> EndpointState:
        return self.life.app.endpoint

    @property
    def model(self) -> str:
        return self.life.app.ref.model


@pytest.fixture
def serving() -> Story:
    story = Story()
    story.serve()
    return story


def started(effects: tuple[Effect, ...]) -> list[StartChild]:
    return [effect for effect in effects if isinstance(effect, StartChild)]


def test_another_model_is_saved_and_the_endpoint_drained_then_started_once(serving: Story) -> None:
    assert serving.do(OTHER) == (SaveSettings(OTHER.values), ChildEffect.DRAIN)
    assert (serving.state, serving.model) == (EndpointState.STOPPING, "/m/other.gguf")
    (start,) = started(serving.gone())
    assert (start.run, start.options.ref.model, start.options.port) == (2, "/m/other.gguf", 8001)


def test_what_is_left_to_answer_is_shown_while_it_drains(serving: Story) -> None:
    serving.do(serving.healthy(active=2), OTHER, serving.healthy(active=1, status=HealthStatus.STOPPING))
    assert (serving.state, serving.life.app.active) == (EndpointState.STOPPING, 1)


def test_an_endpoint_that_hangs_while_it_drains_is_not_waited_for(serving: Story) -> None:
    serving.do(OTHER)
    assert serving.do(HealthReport(1, HealthStatus.WEDGED, error="no step")) == (ChildEffect.STOP,)
    assert started(serving.gone(-9))


def test_two_changes_while_it_drains_are_one_restart_with_the_last(serving: Story) -> None:
    serving.do(OTHER)
    assert serving.do(Change((("endpoint.ctx_size", 4096),))) == (SaveSettings((("endpoint.ctx_size", 4096),)),)
    (start,) = started(serving.gone())
    assert (start.options.ref.model, start.options.ctx_size) == ("/m/other.gguf", 4096)


def test_stop_while_it_drains_ends_the_wait_and_nothing_starts(serving: Story) -> None:
    serving.do(OTHER)
    assert serving.do(UserAction.STOP) == (ChildEffect.STOP,)
    assert started(serving.gone()) == []
    assert serving.state is EndpointState.STOPPED


def test_restart_while_it_drains_is_the_switch_now(serving: Story) -> None:
    serving.do(OTHER)
    assert serving.do(UserAction.RESTART) == (ChildEffect.STOP,)
    assert started(serving.gone())[0].options.ref.model == "/m/other.gguf"


def test_while_loading_nothing_is_waited_for() -> None:
    story = Story()
    story.do(UserAction.START, ChildListening(1, 8001))
    assert story.do(OTHER) == (SaveSettings(OTHER.values), ChildEffect.STOP)


def test_while_stopped_a_change_is_only_a_change() -> None:
    story = Story()
    assert story.do(OTHER) == (SaveSettings(OTHER.values),)
    assert (story.state, story.model) == (EndpointState.STOPPED, "/m/other.gguf")


def test_after_a_failure_another_choice_is_tried_at_once() -> None:
    story = Story()
    story.do(UserAction.START, ChildExited(1, 3, "traypoint-endpoint: error: truncated"))
    assert started(story.do(OTHER))[0].options.ref.model == "/m/other.gguf"


def test_a_choice_that_changes_nothing_restarts_nothing(serving: Story) -> None:
    same = Change((("endpoint.provider", "llamacpp"), ("endpoint.model", "starter")))
    assert serving.do(same) == (SaveSettings(same.values),)
    assert serving.state is EndpointState.READY


def test_a_preference_restarts_nothing(serving: Story) -> None:
    serving.do(Change((("app.notifications", False),)))
    assert serving.life.app.preferences == Preferences(notifications=False)
    assert serving.state is EndpointState.READY
    serving.do(Change((("app.notifications", None),)))
    assert serving.life.app.preferences == Preferences()


def test_a_model_that_cannot_be_loaded_gives_way_to_the_one_before(serving: Story) -> None:
    serving.do(OTHER)
    serving.gone()
    serving.do(ChildListening(2, 8001))
    assert serving.do(HealthReport(2, HealthStatus.FAILED, error="truncated")) == (ChildEffect.STOP,)
    assert serving.state is EndpointState.STOPPING
    effects = serving.gone(3, "traypoint-endpoint: error: truncated")
    undone = SaveSettings((("endpoint.provider", None), ("endpoint.model", None)))
    assert effects[:2] == (ChildEffect.FORGET, undone)
    assert started(effects)[0].options.ref == ModelRef()
    app = serving.life.app
    assert app.reverted
    assert app.reverted.reason == "other can't be used: truncated"
    assert app.notice == "other can't be used: truncated Back to starter as it was."
    serving.serve()
    assert (serving.state, serving.model, serving.life.app.reverted) == (EndpointState.READY, "starter", app.reverted)


def test_a_port_that_is_taken_gives_way_too(serving: Story) -> None:
    serving.do(Change((("endpoint.port", 9000),)))
    serving.gone()
    assert serving.life.app.port == 9000
    serving.do(ChildBindFailed(2, "in use", True, "nginx (pid 7)", 9001))
    assert started(serving.gone(98))[0].options.port == 8001


def test_when_the_old_model_fails_too_that_is_the_end(serving: Story) -> None:
    serving.do(OTHER)
    serving.gone()
    serving.gone(3, "traypoint-endpoint: error: truncated")
    assert started(serving.gone(3, "traypoint-endpoint: error: gone")) == []
    assert serving.state is EndpointState.FAILED


def test_a_model_that_served_is_not_given_up_for_the_one_before_it(serving: Story) -> None:
    serving.do(OTHER)
    serving.gone()
    serving.serve()
    serving.gone(-11)
    assert (serving.model, serving.life.app.retry_in_s) == ("/m/other.gguf", 1.0)
    assert started(serving.do(RetryDue(2)))[0].options.ref.model == "/m/other.gguf"


def test_the_first_model_that_fails_headless_ends_the_app_but_a_switch_does_not() -> None:
    story = Story(is_headless=True)
    story.serve()
    story.do(OTHER)
    story.gone()
    assert Finish(ExitCode.MODEL) not in story.gone(3, "traypoint-endpoint: error: truncated")
    assert story.state is EndpointState.LOADING


def test_what_a_flag_said_holds_until_the_menu_says_otherwise() -> None:
    places = Places(launch=Choices(model="/flag.gguf", port=9000), file=Choices(model="/file.gguf"))
    story = Story(places)
    assert (story.model, story.life.app.port) == ("/flag.gguf", 9000)
    story.do(OTHER)
    assert (story.model, story.life.app.port) == ("/m/other.gguf", 9000)


def test_going_back_restores_flag_and_file_each_in_its_place() -> None:
    story = Story(Places(launch=Choices(model="/flag.gguf"), file=Choices(model="/file.gguf")))
    story.serve()
    story.do(OTHER)
    story.gone()
    effects = story.gone(3)
    assert SaveSettings((("endpoint.provider", None), ("endpoint.model", "/file.gguf"))) in effects
    assert story.model == "/flag.gguf"


def test_an_edited_file_is_read_and_followed(serving: Story) -> None:
    assert serving.do(SettingsTouched()) == (ReadSettings(0),)
    read = SettingsRead(0, Choices(ctx_size=4096), Preferences(keep_running=True))
    assert serving.do(read) == (ChildEffect.DRAIN,)
    assert (serving.life.app.tuning.ctx_size, serving.life.app.preferences.keep_running) == (4096, True)


def test_only_what_the_edit_changed_overrules_a_flag() -> None:
    story = Story(Places(launch=Choices(model="/flag.gguf"), file=Choices(model="/file.gguf")))
    story.do(SettingsRead(0, Choices(model="/file.gguf", ctx_size=4096), Preferences()))
    assert (story.model, story.life.app.tuning.ctx_size) == ("/flag.gguf", 4096)
    story.do(SettingsRead(0, Choices(model="/edited.gguf", ctx_size=4096), Preferences()))
    assert story.model == "/edited.gguf"


def test_a_file_read_before_our_own_write_is_read_again_instead_of_believed(serving: Story) -> None:
    serving.do(OTHER)
    assert serving.do(SettingsRead(0, Choices(), Preferences())) == (ReadSettings(1),)
    assert serving.model == "/m/other.gguf"


def test_a_model_from_the_dialog_is_as_one_from_the_menu(serving: Story) -> None:
    assert serving.do(ModelChosen(ModelRef("llamacpp", "/m/other.gguf"))) == (
        SaveSettings(OTHER.values),
        ChildEffect.DRAIN,
    )


def test_quitting_the_icon_keeps_the_endpoint_where_that_is_wished(serving: Story) -> None:
    serving.do(Change((("app.keep_running", True),)))
    assert serving.do(UserAction.QUIT) == ()
    assert (serving.life.app.is_hidden, serving.state) == (True, EndpointState.READY)
    serving.do(UserAction.SHOW)
    assert not serving.life.app.is_hidden


def test_a_hidden_app_ends_with_its_endpoint(serving: Story) -> None:
    serving.do(Change((("app.keep_running", True),)), UserAction.QUIT, UserAction.STOP)
    assert serving.gone()[-1] == Finish()


def test_the_end_of_the_session_ends_a_kept_endpoint_too(serving: Story) -> None:
    serving.do(Change((("app.keep_running", True),)), UserAction.QUIT)
    assert serving.do(UserAction.END) == (ChildEffect.HURRY,)


def test_nothing_is_kept_where_nothing_runs() -> None:
    story = Story()
    story.do(Change((("app.keep_running", True),)))
    assert story.do(UserAction.QUIT) == (Finish(),)


def test_after_quit_a_change_starts_nothing(serving: Story) -> None:
    serving.do(UserAction.QUIT, OTHER)
    assert started(serving.gone()) == []


def test_a_switch_is_remembered_when_it_serves(serving: Story) -> None:
    serving.do(OTHER)
    serving.gone()
    serving.do(ChildListening(2, 8001))
    assert serving.do(serving.healthy()) == (RememberModel(ModelRef("llamacpp", "/m/other.gguf")),)


def test_the_app_shows_what_is_asked_for() -> None:
    options = Choices(host="0.0.0.0", ctx_size=4096, idle_unload=600, cache_disk=0)
    app = make_lifecycle(Places(file=options), Preferences(), is_headless=False).app
    assert (app.host, app.tuning.ctx_size, app.idle_unload_s, app.saves_prompts) == ("0.0.0.0", 4096, 600, False)
    assert app.is_open_to_others
    assert not replace(app, host="localhost").is_open_to_others

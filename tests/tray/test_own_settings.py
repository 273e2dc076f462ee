"""Settings of one model, told as sequences of actions: remembered for it, in force with it, undone when they fail."""

from __future__ import annotations

from endpoint.contract import ExitCode, ModelRef
from tests.tray.test_changes import OTHER, Story, started
from tray.actions import Change, SettingsRead, TemplateChosen, UserAction
from tray.effects import ChildEffect, ChooseTemplate, SaveSettings
from tray.options import Choices, Places, Tuning
from tray.preferences import Preferences
from tray.targets import name_own

SHORT = Change(((name_own("starter", "ctx_size"), 512),))


def serve(places: Places | None = None) -> Story:
    story = Story(places)
    story.serve()
    return story


def test_a_setting_of_the_model_that_runs_is_saved_and_followed_by_a_restart() -> None:
    story = serve()
    assert story.do(SHORT) == (SaveSettings(SHORT.values), ChildEffect.DRAIN)
    (start,) = started(story.gone())
    assert (start.options.ctx_size, story.life.app.own_tuning) == (512, Tuning(ctx_size=512))


def test_a_setting_of_another_model_is_only_saved() -> None:
    story = serve()
    change = Change(((name_own("/m/other.gguf", "ctx_size"), 512),))
    assert story.do(change) == (SaveSettings(change.values),)
    story.do(OTHER)
    (start,) = started(story.gone())
    assert start.options.ctx_size == 512


def test_the_settings_of_a_model_come_and_go_with_it() -> None:
    story = serve(Places(models={"starter": Tuning(ctx_size=512, temperature=0.2)}))
    story.do(OTHER)
    (start,) = started(story.gone())
    assert (start.options.ctx_size, start.options.temperature) == (None, None)


def test_settings_that_fail_to_load_are_undone_in_the_file_too() -> None:
    story = serve(Places(models={"starter": Tuning(ctx_size=256)}))
    story.do(SHORT)
    story.gone()
    effects = story.gone(ExitCode.MODEL, "too big")
    assert SaveSettings(((name_own("starter", "ctx_size"), 256),)) in effects
    (start,) = started(effects)
    assert start.options.ctx_size == 256
    assert story.life.app.notice.startswith("That can't be used: ")


def test_what_was_said_of_another_model_before_it_failed_stays() -> None:
    story = serve()
    story.do(Change(((name_own("/m/other.gguf", "temperature"), 0.2),)))
    story.do(OTHER)
    story.gone()
    effects = story.gone(ExitCode.MODEL, "too big")
    (saved,) = (effect for effect in effects if isinstance(effect, SaveSettings))
    assert dict(saved.values) == {"endpoint.provider": None, "endpoint.model": None}
    assert story.life.places.models == {"/m/other.gguf": Tuning(temperature=0.2)}


def test_forgetting_takes_all_of_them_away() -> None:
    story = serve(Places(models={"starter": Tuning(ctx_size=256, kv_type="q8_0")}))
    story.do(Change(((name_own("starter", "ctx_size"), None), (name_own("starter", "kv_type"), None))))
    (start,) = started(story.gone())
    assert (start.options.ctx_size, start.options.kv_type, story.life.places.models) == (None, None, {})


def test_a_models_table_that_was_edited_is_followed_also_where_a_flag_said_otherwise() -> None:
    story = serve(Places(launch=Choices(ctx_size=128)))
    assert story.do(SettingsRead(0, Choices(), Preferences(), {"starter": Tuning(ctx_size=512)})) == (
        ChildEffect.DRAIN,
    )
    (start,) = started(story.gone())
    assert start.options.ctx_size == 512


def test_a_template_is_chosen_for_the_model_that_was_there_when_the_dialog_opened() -> None:
    story = serve()
    assert story.do(UserAction.CHOOSE_TEMPLATE) == (ChooseTemplate("starter"),)
    story.do(OTHER)
    story.gone()
    (saved,) = story.do(TemplateChosen("starter", "/t.jinja"))
    assert saved == SaveSettings(((name_own("starter", "chat_template"), "/t.jinja"),))


def test_force_holds_for_the_model_that_it_was_asked_with_and_no_other() -> None:
    story = serve()
    story.do(Change(OTHER.values, force=True))
    (start,) = started(story.gone())
    assert start.options.force
    story.serve()
    story.do(Change(((name_own("/m/other.gguf", "ctx_size"), 512),)))
    (again,) = started(story.gone())
    assert again.options.force
    story.serve()
    story.do(Change((("endpoint.model", "starter"),)))
    (other,) = started(story.gone())
    assert (other.options.force, other.options.ref) == (False, ModelRef("llamacpp", "starter"))


def test_the_same_model_asked_for_again_with_force_is_tried_again() -> None:
    story = serve()
    assert story.do(Change((("endpoint.model", "starter"),), force=True))[-1] is ChildEffect.DRAIN

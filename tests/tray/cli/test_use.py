"""`traypoint use`, `config set` and the settings file by hand, beside a running app: who follows, and the ways back."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.tray.cli.user import FAKE, User, free_port, new_user, wait_until
from tray.cli.naming import find_model
from tray.errors import OptionError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")

USE = ("use", "--provider", "fake")
SLOW = "echo,step_ms=40"
LONG = {"messages": [{"role": "user", "content": "x" * 50}], "max_tokens": 60}


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    with new_user(tmp_path) as made:
        yield made


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    made = ThreadPoolExecutor(4)
    yield made
    made.shutdown(wait=False)


def ask_long(user: User, pool: ThreadPoolExecutor) -> Future[Any]:
    """A request whose answer takes some seconds, once it is being answered."""
    answer = pool.submit(user.post, "/v1/chat/completions", LONG)
    wait_until(lambda: answer.done() or user.status()["active"] == 1, "a request in flight")
    return answer


def test_another_model_is_served_and_saved_on_the_same_port(user: User) -> None:
    url, before = user.start()["base_url"], user.child().pid
    code, out, err = user.type(*USE, "echo,load_ms=50")
    assert (code, out, err) == (0, f"Ready: {url} (model echo)\n", "")
    assert 'model = "echo,load_ms=50"' in user.settings()
    assert user.child().pid != before


def test_the_one_that_is_served_already_restarts_nothing(user: User) -> None:
    user.start()
    before = user.child().pid
    assert user.type(*USE, "echo")[0] == 0
    assert user.child().pid == before


def test_what_cannot_be_loaded_is_undone_and_told_with_three_and_not_told_again(user: User) -> None:
    url = user.start()["base_url"]
    user.type(*USE, "echo,load_ms=50")
    before = user.settings()
    code, out, err = user.type("use", "/no/such model.gguf", "--provider", "llamacpp")
    assert (code, out) == (3, "")
    assert "There is no file /no/such model.gguf" in err
    assert "echo runs again" in err
    assert user.settings() == before
    assert user.type(*USE, "echo,load_ms=50") == (0, f"Ready: {url} (model echo)\n", "")


def test_running_answers_are_given_whole_before_the_switch(user: User, pool: ThreadPoolExecutor) -> None:
    user.start("--model", SLOW)
    answer = ask_long(user, pool)
    assert user.type(*USE, "echo")[0] == 0
    assert answer.result()["choices"][0]["finish_reason"] in ("length", "stop")


@pytest.mark.slow_suite
def test_a_crash_while_it_drains_is_the_switch_at_once(user: User, pool: ThreadPoolExecutor) -> None:
    user.start("--model", SLOW)
    answer = ask_long(user, pool)
    use = user.open(*USE, "echo")
    user.wait_for_status(state="stopping")
    user.child().kill()
    assert use.communicate(timeout=60)[1] == ""
    assert use.returncode == 0
    user.wait_for_status(state="ready")
    assert answer.exception() is not None


@pytest.mark.slow_suite
def test_a_hang_while_it_drains_is_not_waited_for(user: User) -> None:
    user.env["TRAYPOINT_TEST_HOOKS"] = "1"
    user.start("--model", SLOW)
    user.post("/test/wedge", {"seconds": 600})
    assert user.type(*USE, "echo")[0] == 0
    assert user.status()["settings"]["model"] == "echo"


@pytest.mark.slow_suite
def test_two_at_once_end_with_one_of_them_and_the_other_is_told(user: User) -> None:
    user.start()
    names = ("echo,load_ms=20", "echo,load_ms=30")
    both = [user.open(*USE, name) for name in names]
    told = [(process.communicate(timeout=60)[1], process.returncode) for process in both]
    chosen = user.wait_for_status(state="ready")["settings"]["model"]
    assert chosen in names
    assert f'model = "{chosen}"' in user.settings()
    for name, (err, code) in zip(names, told, strict=True):
        assert (code == 0) or (name != chosen and f"something else was chosen meanwhile: {chosen}" in err)
    assert [code for _, code in told].count(0) >= 1


def test_without_an_app_it_is_for_the_next_start(user: User) -> None:
    code, out, _ = user.type(*USE, "echo,load_ms=10", "--json")
    assert code == 0
    assert json.loads(out) == {"app": None, "endpoint.provider": "fake", "endpoint.model": "echo,load_ms=10"}
    code, out, _ = user.type("start", "--port", "0")
    assert (code, user.status()["settings"]["model"]) == (0, "echo,load_ms=10")


@pytest.mark.slow_suite
def test_the_later_word_wins_over_a_flag_of_the_start(user: User) -> None:
    user.edit('[endpoint]\nmodel = "from-file"\nctx_size = 256\n')
    assert user.start("--ctx-size", "512")["settings"]["ctx_size"] == 512
    assert user.type("config", "set", "ctx_size", "128")[0] == 0
    user.wait_for_status(state="ready")
    status = wait_until(lambda: _ready_with(user, ctx_size=128), "the changed setting in force")
    assert status["settings"]["model"] == "echo"  # the flag still counts where the file says nothing new


@pytest.mark.slow_suite
def test_a_busy_port_is_undone_with_the_reason_and_the_old_one_kept(user: User) -> None:
    port = user.start()["port"]
    with socket.create_server(("127.0.0.1", 0)) as held:
        busy = held.getsockname()[1]
        user.type("config", "set", "port", str(busy))
        status = wait_until(lambda: _ready_with(user, port, is_reverted=True), "the way back")
    assert f"Port {busy} on 127.0.0.1 is in use" in status["notice"]
    assert str(busy) not in user.settings()


@pytest.mark.slow_suite
def test_a_file_edited_by_hand_is_followed_and_mistakes_in_it_are_told_and_change_nothing(user: User) -> None:
    text = f'# mine\n[endpoint]\nprovider = "fake"\nmodel = "echo"\nport = {free_port()}\n'
    user.edit(text)
    assert user.type("start")[0] == 0
    child = user.child().pid
    for mistake, told in (
        ("ctx_size = ", "is not valid TOML"),
        ('ctx_size = "x"\n', "endpoint.ctx_size must be"),
        ("ctx_sizes = 3\n", "unknown key endpoint.ctx_sizes"),
    ):
        user.edit(text + mistake)
        wait_until(lambda told=told: told in user.status()["notice"], told)  # type: ignore[misc]  # bound at once
    user.paths.settings_file.unlink()
    wait_until(lambda: "has gone" in user.status()["notice"], "the file's end told")
    assert user.child().pid == child
    user.edit(f"{text}ctx_size = 64\n")
    wait_until(lambda: _ready_with(user, ctx_size=64), "the file as it is now")
    assert user.status()["notice"] == ""
    assert user.settings() == f"{text}ctx_size = 64\n"


@pytest.mark.slow_suite
def test_a_setting_that_cannot_be_saved_is_in_force_and_said_so(user: User) -> None:
    user.start()
    user.paths.settings_file.mkdir()
    code, out, err = user.type(*USE, "echo,load_ms=20")
    assert (code, out.startswith("Ready: ")) == (0, True)
    assert err.startswith(f"traypoint: {user.paths.settings_file}: can't be ")


@pytest.mark.slow_suite
def test_one_beside_the_first_keeps_to_its_flags_when_the_file_changes(user: User) -> None:
    user.start()
    port = free_port()
    beside = user.open("--no-tray", *FAKE, "--port", str(port))
    assert beside.stdout
    assert beside.stdout.readline() == f"Ready: http://127.0.0.1:{port}/v1 (model echo)\n"
    user.type("config", "set", "ctx_size", "128")
    wait_until(lambda: _ready_with(user, ctx_size=128), "the first app following")
    assert user.type("status", "--port", str(port))[0] == 0
    beside.terminate()
    assert beside.communicate(timeout=60) == ("", "")


@pytest.mark.parametrize("name", ["a model ü 模型.gguf", "plain.gguf"])
@pytest.mark.parametrize("provider", [None, "llamacpp"])
def test_a_relative_path_is_made_whole(user: User, tmp_path: Path, name: str, provider: str | None) -> None:
    (tmp_path / name).write_bytes(b"GGUF")
    words = ("--provider", provider) if provider else ()
    assert user.type("use", f"./{name}", *words, cwd=tmp_path)[0] == 0
    assert json.loads(user.type("config", "get", "model", "--json")[1])["value"] == str(tmp_path / name)


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_refused_and_is_not_the_folder_one_is_in(user: User, name: str) -> None:
    code, out, err = user.type("use", name)
    assert (code, out) == (2, "")
    assert "must be a text that isn't empty" in err
    assert user.settings() == ""


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody-knows/m.gguf", "a\0b"])
def test_a_name_that_can_be_no_path_is_only_not_found(user: User, name: str) -> None:
    with pytest.raises(OptionError, match="is installed"):
        find_model(name, None, user.paths)


def test_settings_of_the_model_come_back_with_it(user: User) -> None:
    user.start()
    assert user.type(*USE, "echo,load_ms=1")[0] == 0
    assert user.type("config", "set", "model.'echo,load_ms=1'.ctx_size", "128")[0] == 0
    wait_until(lambda: _ready_with(user, ctx_size=128), "the model with its own context")
    assert user.type(*USE, "echo")[0] == 0
    assert user.status()["settings"]["ctx_size"] is None
    assert user.type(*USE, "echo,load_ms=1")[0] == 0
    assert user.status()["settings"]["ctx_size"] == 128


def test_a_model_is_forced_until_another_one_is_used(user: User) -> None:
    user.start()
    assert user.type(*USE, "echo,load_ms=1", "--force")[0] == 0
    assert "--force" in user.child().cmdline()
    assert "force" not in user.settings()
    assert user.type(*USE, "echo")[0] == 0
    assert "--force" not in user.child().cmdline()


def test_force_needs_an_endpoint_that_runs(user: User) -> None:
    code, _, err = user.type(*USE, "echo", "--force")
    assert (code, "--force is for an endpoint that runs" in err) == (2, True)


def _ready_with(
    user: User, port: int | None = None, *, ctx_size: int | None = None, is_reverted: bool = False
) -> dict[str, Any] | None:
    status = user.status()
    fits = (
        status["state"] == "ready"
        and (port is None or status["port"] == port)
        and (ctx_size is None or status["settings"]["ctx_size"] == ctx_size)
        and (not is_reverted or status["reverted"])
    )
    return status if fits else None

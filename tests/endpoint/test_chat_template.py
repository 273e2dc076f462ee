"""`--chat-template`, from the command line to the prompt, and through an unload."""

from __future__ import annotations

from pathlib import Path

from endpoint.contract import Env, ExitCode
from tests.endpoint.process import live, run_to_end
from tests.endpoint.serving import wait_until

FAKE = ("--provider", "fake", "--model", "echo")
CHAT = {"messages": [{"role": "user", "content": "hello"}]}


def test_a_given_template_writes_the_prompts_and_is_told_by_its_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.jinja"
    path.write_text("{{ tools or '' }}{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}")
    with live(tmp_path, *FAKE, extra={Env.CHAT_TEMPLATE: str(path)}) as endpoint:
        endpoint.wait_for_status("healthy")
        status, answer = endpoint.post("/v1/chat/completions", CHAT)
        told = str(endpoint.get("/v1/models"))
    assert status == 200
    assert "[user] hello" in str(answer), "the fake model echoes its prompt"
    assert "'tools': True" in told, "what the template can take is found anew"
    assert "'chat_template': 'override', 'chat_template_file': 'mine.jinja'" in told
    assert str(tmp_path) not in told


def test_a_model_that_comes_back_has_the_template_it_was_started_with(tmp_path: Path) -> None:
    path = tmp_path / "mine.jinja"
    path.write_text("{% for m in messages %}<{{ m.content }}>{% endfor %}")
    with live(tmp_path, *FAKE, "--chat-template", str(path), "--idle-unload", "0.05") as endpoint:
        path.unlink()
        endpoint.wait_for_status("healthy")
        wait_until(lambda: endpoint.health()[1].get("unloaded") is True, "the model has gone")
        status, answer = endpoint.post("/v1/chat/completions", CHAT)
    assert (status, "<hello>" in str(answer)) == (200, True)


def test_a_mistake_in_it_ends_the_start_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.jinja"
    path.write_text("{{ bos_token }}\n{% endfor %}")
    done = run_to_end(tmp_path, *FAKE, "--chat-template", str(path))
    assert done.code == ExitCode.MODEL
    [line] = done.err.splitlines()
    assert line.startswith(f"traypoint-endpoint: error: The chat template {path} is broken in line 2: ")

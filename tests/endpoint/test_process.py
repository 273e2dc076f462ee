"""The endpoint's process: how it starts, what it refuses, how it ends."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import pytest

from endpoint.contract import ExitCode
from endpoint.providers.llamacpp.files import locate_model
from tests.endpoint.process import DEADLINE_S, Live, live, port_is_free, run_to_end

FAKE = ("--provider", "fake", "--model", "echo")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--model", "/no/such/model.gguf"), ExitCode.MODEL, "There is no file /no/such/model.gguf"),
        (("--model", "/"), ExitCode.MODEL, "is a directory"),
        (("--provider", "ollama"), ExitCode.PROVIDER, "Unknown provider 'ollama'"),
        (("--provider", "mlx"), ExitCode.MODEL, "There is no MLX starter model"),
        (("--provider", "mlx", "--model", "/"), ExitCode.MODEL, "has no config.json, so it is no MLX model"),
        (("--provider", "mlx", "--model", "no/such"), ExitCode.MODEL, "neither a folder nor in the cache"),
        (("--port", "99999"), ExitCode.USAGE, "a port is a number from 0 to 65535, got '99999'"),
        (("--port", "http"), ExitCode.USAGE, "a port is a number"),
        ((*FAKE, "--host", "192.0.2.1"), ExitCode.BIND, "192.0.2.1 is not an address of this machine"),
        ((*FAKE, "--host", "no.such.host.invalid"), ExitCode.BIND, "can't be resolved"),
        (("--threads", "99999"), ExitCode.USAGE, "from 1 to 512"),
        (("--model", ""), ExitCode.MODEL, "The model's name is empty"),
        (("--model", "/dev/zero"), ExitCode.MODEL, "is not a regular file"),
        ((*FAKE, "--chat-template", "/no/such.jinja"), ExitCode.MODEL, "There is no file /no/such.jinja"),
        ((*FAKE, "--temperature", "9"), ExitCode.USAGE, "it must be a number from 0 to 2, got '9'"),
        (("--nonsense",), ExitCode.USAGE, "unrecognized arguments: --nonsense (see --help)"),
    ],
)
def test_what_cannot_be_started_is_one_line_and_an_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: ExitCode, said: str
) -> None:
    done = run_to_end(tmp_path, *arguments)
    assert done.code == code
    assert said in done.err
    assert done.err.startswith("traypoint-endpoint: error: ")
    assert done.err.count("\n") == 1


def test_a_bad_variable_is_named(tmp_path: Path) -> None:
    done = run_to_end(tmp_path, extra={"ABSTRACTENDPOINT_PORT": "eight"})
    assert done.code == ExitCode.USAGE
    assert "ABSTRACTENDPOINT_PORT is 'eight'" in done.err


def test_a_busy_port_is_said_to_be_busy_and_its_holder_lives_on(tmp_path: Path) -> None:
    with live(tmp_path, *FAKE) as holder:
        done = run_to_end(tmp_path, *FAKE, "--port", str(holder.port))
        assert done.code == ExitCode.BIND
        assert f"Port {holder.port} on 127.0.0.1 is in use" in done.err
        holder.wait_for_status("healthy")


def test_a_managed_endpoint_reports_a_bind_problem_on_its_output_too(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        done = run_to_end(tmp_path, *FAKE, "--managed", "--port", str(held.getsockname()[1]))
    assert done.out.startswith("BIND ")
    assert done.code == ExitCode.BIND


def test_health_answers_while_loading_and_then_names_the_model(tmp_path: Path) -> None:
    with live(tmp_path, "--provider", "fake", "--model", "echo,load_ms=3000") as endpoint:
        status, body = endpoint.health()
        assert (status, body["status"]) == (503, "loading")
        assert isinstance(body["progress"], float)
        endpoint.wait_for_status("healthy")
        status, body = endpoint.health()
        assert (status, body["model"]) == (200, "echo")


def test_a_file_that_is_no_model_is_a_failed_load_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "notes.gguf"
    path.write_text("not a model")
    with live(tmp_path, "--model", str(path), "--failed-linger", "2") as endpoint:
        body = endpoint.wait_for_status("failed")
        assert "is not a GGUF file" in str(body["error"])
        assert endpoint.post("/v1/completions", {"prompt": "x"})[0] == 503
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.MODEL
        assert endpoint.process.stderr is not None
        assert "traypoint-endpoint: error: " in endpoint.process.stderr.read()


def test_on_a_terminal_a_failed_load_is_one_line_too(tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    path.write_bytes(locate_model("starter").read_bytes()[:3_000_000])
    done = run_to_end(tmp_path, "--model", str(path), "--port", "0", "--failed-linger", "0")
    assert done.code == ExitCode.MODEL
    assert done.err.startswith("traypoint-endpoint: error: llama.cpp can't load")
    assert done.err.count("\n") == 1


def test_a_truncated_model_is_a_failed_load(tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    path.write_bytes(locate_model("starter").read_bytes()[:3_000_000])
    with live(tmp_path, "--model", str(path), "--failed-linger", "0") as endpoint:
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.MODEL


def test_a_wedged_engine_thread_shows_in_health_although_http_answers(tmp_path: Path) -> None:
    hooks = {"TRAYPOINT_TEST_HOOKS": "1"}
    with live(tmp_path, *FAKE, "--wedged-after", "0.3", extra=hooks) as endpoint:
        endpoint.wait_for_status("healthy")
        endpoint.post("/test/wedge", {"seconds": 30})
        body = endpoint.wait_for_status("wedged")
        assert "no step" in str(body["error"])
        assert endpoint.health()[0] == 503


def test_without_test_hooks_there_is_no_way_to_wedge_it(tmp_path: Path) -> None:
    with live(tmp_path, *FAKE) as endpoint:
        endpoint.wait_for_status("healthy")
        assert endpoint.post("/test/wedge", {"seconds": 1})[0] == 404


def abandon(endpoint: Live) -> float:
    """Close its standard input, as the end of its parent does; the seconds until it has ended."""
    assert endpoint.process.stdin is not None
    started = time.monotonic()
    endpoint.process.stdin.close()
    endpoint.process.wait(DEADLINE_S)
    return time.monotonic() - started


@pytest.mark.alone
@pytest.mark.parametrize("model", ["echo", "echo,load_ms=60000"])
def test_it_is_gone_a_second_after_its_parent(tmp_path: Path, model: str) -> None:
    with live(tmp_path, "--provider", "fake", "--model", model) as endpoint:
        endpoint.wait_for_status("healthy", "loading")
        assert abandon(endpoint) < 1
        assert port_is_free(endpoint.port)


@pytest.mark.alone
def test_a_parent_that_dies_while_the_endpoint_still_imports_takes_it_along(tmp_path: Path) -> None:
    with live(tmp_path, *FAKE) as endpoint:  # the LISTEN line has come, the web framework is being imported
        assert abandon(endpoint) < 1


def test_a_stop_that_comes_while_the_endpoint_still_imports_is_not_lost(tmp_path: Path) -> None:
    with live(tmp_path, *FAKE) as endpoint:
        endpoint.tell("stop")
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.OK


@pytest.mark.alone
def test_a_wedged_endpoint_goes_with_its_parent_too(tmp_path: Path) -> None:
    hooks = {"TRAYPOINT_TEST_HOOKS": "1"}
    with live(tmp_path, *FAKE, "--wedged-after", "0.3", extra=hooks) as endpoint:
        endpoint.wait_for_status("healthy")
        endpoint.post("/test/wedge", {"seconds": 60})
        endpoint.wait_for_status("wedged")
        assert abandon(endpoint) < 1


def test_the_line_stop_ends_it_in_order(tmp_path: Path) -> None:
    with live(tmp_path, *FAKE) as endpoint:
        endpoint.wait_for_status("healthy")
        endpoint.tell("stop")
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.OK


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_exit_code_0(tmp_path: Path, number: signal.Signals) -> None:
    with live(tmp_path, *FAKE) as endpoint:
        endpoint.wait_for_status("healthy")
        endpoint.process.send_signal(number)
        assert endpoint.process.wait(DEADLINE_S) == ExitCode.OK


def test_a_wide_bind_makes_a_key_prints_it_once_and_keeps_it_private(tmp_path: Path) -> None:
    def start_and_stop() -> str:
        with live(tmp_path, *FAKE, "--host", "0.0.0.0") as endpoint:
            endpoint.wait_for_status("healthy")
            assert endpoint.post("/v1/completions", {"prompt": "hi"})[0] == 200, "this machine needs no key"
            endpoint.process.terminate()
            endpoint.process.wait(DEADLINE_S)
            assert endpoint.process.stderr is not None
            return endpoint.process.stderr.read()

    first, second = start_and_stop(), start_and_stop()
    path = tmp_path / "api-key"
    key = path.read_text().strip()
    assert path.stat().st_mode & 0o777 == 0o600
    assert key in first
    assert key not in second
    assert str(path) in second

"""What may be asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bench.__main__ import choose_contenders, read_wishes
from tests.bench.catalogue import MLX_WORKLOADS, WORKLOADS, UnknownWorkload, select
from tests.bench.contenders import CONTEXT, Launch, make_llamacpp_contenders, make_mlx_contenders
from tests.bench.metric import Workload
from tests.bench.prompts import chat, edit, story, write_prose

SERVER = Path("/opt/llama-server")


def test_words_pick_workloads_in_the_catalogues_order() -> None:
    assert [workload.name for workload in select("EDIT, one stream")] == ["one stream", "edit"]
    assert select("") == WORKLOADS


def test_an_unknown_word_is_answered_with_what_there_is() -> None:
    with pytest.raises(UnknownWorkload, match=r"No workload is called nonsense. There are: one stream, 8 streams"):
        select("edit,nonsense")


@pytest.mark.parametrize("workloads", [WORKLOADS, MLX_WORKLOADS])
def test_names_are_unique(workloads: tuple[Workload, ...]) -> None:
    assert len({workload.name for workload in workloads}) == len(workloads)
    for workload in workloads:
        assert len({metric.name for metric in workload.metrics}) == len(workload.metrics)


def test_a_contender_that_joins_only_some_workloads_names_real_ones() -> None:
    names = {workload.name for workload in WORKLOADS}
    for contender in make_llamacpp_contenders(SERVER):
        assert contender.only is None or contender.only <= names


def test_all_get_the_same_model_threads_and_cells() -> None:
    launch = Launch(Path("/models/m.gguf"), threads=3, port=8500)
    for contender in make_llamacpp_contenders(SERVER):
        command = contender.command(launch)
        assert {"/models/m.gguf", "3", "8500", str(CONTEXT)} <= set(command), contender.name


def test_both_mlx_servers_get_the_same_model_and_threads_and_are_warmed_up() -> None:
    launch = Launch(Path("/models/folder"), threads=3, port=8500)
    for contender in make_mlx_contenders():
        assert {"/models/folder", "3", "8500"} <= set(contender.command(launch)), contender.name
        assert contender.warm_up


def test_the_callers_settings_reach_no_contender(tmp_path: Path) -> None:
    caller = {"PATH": "/bin", "PYTHONPATH": "/extra", "TRAYPOINT_THREADS": "1", "LLAMA_ARG_THREADS": "1"}
    environment = make_llamacpp_contenders(SERVER)[0].environment(caller, tmp_path)
    assert set(environment) == {"PATH", "PYTHONPATH", "TRAYPOINT_CONFIG_DIR", "TRAYPOINT_CACHE_DIR"}
    assert environment["PYTHONPATH"].endswith(os.pathsep + "/extra")


def test_ours_and_the_first_peer_always_take_part() -> None:
    names = [contender.name for contender in choose_contenders(make_llamacpp_contenders(SERVER), "n-grams")]
    assert names == ["Traypoint", "llama-server", "llama-server, n-grams"]


@pytest.mark.parametrize("wish", [{"ROUNDS": "1"}, {"ONLY": "edit"}, {"PEERS": "1 slot"}])
def test_less_than_everything_writes_no_page_unless_told_where(wish: dict[str, str], tmp_path: Path) -> None:
    model = tmp_path / "m.gguf"
    model.touch()
    assert read_wishes({"MODEL": str(model), **wish}).page is None
    assert read_wishes({"MODEL": str(model), "PAGE": "x.md", **wish}).page == Path("x.md")
    whole = read_wishes({"MODEL": str(model)}).page
    assert whole is not None
    assert whole.name == "benchmarks.md"


def test_each_provider_has_a_page_and_rows_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "tokenizer.json").touch()
    wishes = read_wishes({"PROVIDER": "mlx", "MODEL": str(tmp_path)})
    assert wishes.model == tmp_path
    assert list(wishes.workloads) == list(MLX_WORKLOADS)
    assert wishes.page is not None
    assert wishes.page.name == "benchmarks-mlx.md"


def test_a_provider_that_is_not_measured_is_answered_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"PROVIDER=cuda is not measured. There are: llamacpp, mlx\."):
        read_wishes({"PROVIDER": "cuda"})


def test_prompts_are_the_same_in_every_run_and_differ_by_seed() -> None:
    assert write_prose(100, "a") == write_prose(100, "a")
    assert write_prose(100, "a")[:20] != write_prose(100, "b")[:20]
    assert story("a") != story("b")
    assert len(edit()) > 1000


def test_a_turn_begins_with_all_that_was_said_before() -> None:
    first = chat("be brief", (), "hi")
    second = chat("be brief", [("hi", "hello")], "more")
    assert second.startswith(first + "hello")

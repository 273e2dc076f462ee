"""A download by the real child from the stand-in: what comes, where it lies, and what is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from endpoint.hub_contract import Done, Progress, Started, Stopped, Waiting
from tests.hub.child import HubChild, make_env
from tests.hub.pulls import FILE, NAME, blobs, make_repo, pull
from tests.hub.repos import Repo, make_bytes
from tests.hub.standin import StandIn


def test_a_model_lies_in_the_standard_cache_as_huggingface_hub_lays_it(tmp_path: Path) -> None:
    with StandIn(make_repo()) as hub:
        end = pull(hub, tmp_path)
        assert isinstance(end, Done)
        home = blobs(tmp_path).parent
        assert Path(end.model) == home / "snapshots" / ("a" * 40) / FILE
        assert Path(end.model).is_symlink()
        assert (home / "refs" / "main").read_text() == "a" * 40
        assert [path.name for path in blobs(tmp_path).iterdir()] == [hub.repos[NAME].etag(FILE)]
        assert end.provider == "llamacpp"
        assert end.fetched == end.total == 400_000


def download_by_library(hub: StandIn, home: Path, **env: str) -> str:
    """As any other program does that uses huggingface_hub; returns the path."""
    program = f"from huggingface_hub import hf_hub_download as get; print(get({NAME!r}, {FILE!r}))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=make_env(hub, home, env), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_huggingface_hub_finds_what_came_and_we_find_what_it_brought(tmp_path: Path) -> None:
    with StandIn(make_repo()) as hub:
        ours = pull(hub, tmp_path / "one")
        assert isinstance(ours, Done)
        assert download_by_library(hub, tmp_path / "one", HF_HUB_OFFLINE="1") == ours.model
        theirs = download_by_library(hub, tmp_path / "two")
        assert pull(hub, tmp_path / "two") == Done("llamacpp", theirs, 400_000, 0)


def test_what_is_here_is_not_fetched_again(tmp_path: Path) -> None:
    with StandIn(make_repo()) as hub:
        pull(hub, tmp_path)
        end = pull(hub, tmp_path)
        assert isinstance(end, Done)
        assert end.fetched == 0
        assert hub.ledger.content == 400_000


def test_two_downloads_of_one_file_fetch_it_once(tmp_path: Path) -> None:
    with StandIn(make_repo(2_000_000), rate=20_000) as hub:
        first = HubChild(["pull", NAME], make_env(hub, tmp_path))
        assert hub.ledger.wait_for(1)
        second = HubChild(["pull", NAME], make_env(hub, tmp_path))
        waiting = Waiting("another program downloads the same file")
        assert waiting in second.events()  # read up to there
        hub.rate = 0
        end, _ = first.end()
        assert isinstance(end, Done)
        assert second.end()[0] == Done(end.provider, end.model, end.total, 0)
        assert hub.ledger.content == 2_000_000


def test_what_is_not_wanted_any_more_is_discarded_and_nothing_else(tmp_path: Path) -> None:
    folder = blobs(tmp_path)
    folder.mkdir(parents=True)
    half, others = (
        folder / f"{'a' * 64}.incomplete",
        [folder / ("b" * 64), folder / "x.1234.incomplete", tmp_path / "y"],
    )
    for path in (half, *others):
        path.write_bytes(b"x")
    with StandIn() as hub:
        env = make_env(hub, tmp_path)
        end, _ = HubChild(["discard", "--", *map(str, (half, *others))], env).end()
    assert end == Stopped("cancel")
    assert not half.exists()
    assert all(path.exists() for path in others)


def test_an_mlx_repository_comes_whole_but_for_what_mlx_does_not_need(tmp_path: Path) -> None:
    weights = {f"model-0000{n}-of-00002.safetensors": make_bytes(50_000, n) for n in (1, 2)}
    extra = {"config.json": b"{}", "tokenizer.json": b"[]", "pytorch_model.bin": b"x", "run.py": b"x", "a.png": b"x"}
    with StandIn(Repo("mlx-community/m", {**weights, **extra})) as hub:
        end = pull(hub, tmp_path, "mlx-community/m")
        assert end == Done("mlx", "mlx-community/m", 100_004, 100_004)
        [snapshot] = (tmp_path / "hub" / "models--mlx-community--m" / "snapshots").iterdir()
        assert {path.name for path in snapshot.iterdir()} == {*weights, "config.json", "tokenizer.json"}


def test_progress_tells_what_is_here_already(tmp_path: Path) -> None:
    parts = {f"m-Q8_0-0000{n}-of-00002.gguf": make_bytes(60_000, n) for n in (1, 2)}
    with StandIn(Repo(NAME, parts)) as hub:
        child = HubChild(["pull", NAME], make_env(hub, tmp_path))
        events = list(child.events())
        child.close()
        [started] = [event for event in events if isinstance(event, Started)]
        assert (started.files, started.done, started.total) == (2, 0, 120_000)
        told = [event.done for event in events if isinstance(event, Progress)]
        assert told == sorted(told)
        assert told[-1] == 120_000
        again, _ = HubChild(["pull", NAME], make_env(hub, tmp_path)).end()
        assert again == Done("llamacpp", events[-1].model if isinstance(events[-1], Done) else "", 120_000, 0)

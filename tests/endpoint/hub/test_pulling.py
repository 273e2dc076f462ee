"""A download by the real child from the stand-in: what comes, what is resumed, what is verified, what is told."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from endpoint.hub_contract import Done, Failed, FailureCode, HubEvent, Progress, Started, Stopped, Waiting
from tests.hub.child import HubChild, make_env
from tests.hub.repos import Fault, Repo, make_bytes
from tests.hub.standin import StandIn

NAME, FILE = "owner/model-GGUF", "model-Q4_K_M.gguf"


def make_repo(size: int = 400_000, seed: int = 1) -> Repo:
    return Repo(NAME, {FILE: make_bytes(size, seed), "README.md": b"# A model"})


def pull(hub: StandIn, home: Path, wanted: str = NAME, **env: str) -> HubEvent:
    end, errors = HubChild(["pull", wanted], make_env(hub, home, env)).end()
    assert not errors
    return end


def blobs(home: Path, name: str = NAME) -> Path:
    return home / "hub" / f"models--{name.replace('/', '--')}" / "blobs"


def kill_at_random(hub: StandIn, home: Path, size: int, kills: int, seed: int) -> None:
    """Kill a download `kills` times at random bytes, each some way behind the last; what is left is a beginning."""
    content, chance = hub.repos[NAME].files[FILE], random.Random(seed)
    for number in range(kills):
        child = HubChild(["pull", NAME], make_env(hub, home))
        low, high = hub.ledger.content, size * (number + 1) // (kills + 1)
        assert hub.ledger.wait_for(chance.randint(low + 1, max(low + 1, high)))
        child.kill()
        left = b"".join(path.read_bytes() for path in blobs(home).glob("*.incomplete"))
        assert content.startswith(left)


@pytest.mark.parametrize(
    ("size", "kills"), [(6_000_000, 4), pytest.param(40_000_000, 20, marks=[pytest.mark.slow_suite])]
)
def test_after_kills_at_any_byte_a_download_goes_on_and_fetches_little_twice(
    tmp_path: Path, size: int, kills: int
) -> None:
    with StandIn(make_repo(size), rate=8_000_000) as hub:
        kill_at_random(hub, tmp_path, size, kills, seed=kills)
        hub.rate = 0
        end = pull(hub, tmp_path)
        assert isinstance(end, Done)
        assert Path(end.model).read_bytes() == hub.repos[NAME].files[FILE]
        assert hub.ledger.content <= 1.1 * size, f"{hub.ledger.content / size:.3f} of the file after {kills} kills"


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


def test_pause_ends_the_child_and_keeps_what_has_come(tmp_path: Path) -> None:
    with StandIn(make_repo(4_000_000), rate=2_000_000) as hub:
        child = HubChild(["pull", NAME], make_env(hub, tmp_path))
        assert hub.ledger.wait_for(500_000)
        child.say("pause")
        end, _ = child.end()
        assert end == Stopped("pause")
        [left] = blobs(tmp_path).glob("*.incomplete")
        kept = left.stat().st_size
        assert kept > 0
        hub.rate = 0
        done = pull(hub, tmp_path)
        assert isinstance(done, Done)
        assert done.fetched == 4_000_000 - kept


def test_a_child_that_waits_for_a_silent_server_ends_all_the_same(tmp_path: Path) -> None:
    with StandIn(make_repo(), rate=1_000) as hub:  # a piece, then nothing for 16 seconds
        child = HubChild(["pull", NAME], make_env(hub, tmp_path))
        assert hub.ledger.wait_for(1)
        sent = hub.ledger.content
        child.say("pause")
        end, _ = child.end()
        assert end == Stopped("pause")
        assert hub.ledger.content == sent
        [left] = blobs(tmp_path).glob("*.incomplete")
        assert left.stat().st_size <= sent


def test_cancel_deletes_what_has_come(tmp_path: Path) -> None:
    with StandIn(make_repo(4_000_000), rate=2_000_000) as hub:
        child = HubChild(["pull", NAME], make_env(hub, tmp_path))
        assert hub.ledger.wait_for(500_000)
        child.say("cancel")
        end, _ = child.end()
        assert end == Stopped("cancel")
        assert not list(blobs(tmp_path).iterdir())


def test_the_child_ends_when_its_parent_has_gone_and_keeps_what_has_come(tmp_path: Path) -> None:
    with StandIn(make_repo(4_000_000), rate=2_000_000) as hub:
        child = HubChild(["pull", NAME], make_env(hub, tmp_path))
        assert hub.ledger.wait_for(500_000)
        child.hang_up()
        end, _ = child.end()
        assert end == Stopped("pause")
        assert child.process.returncode == 0
        assert list(blobs(tmp_path).glob("*.incomplete"))


def test_a_connection_that_is_reset_in_the_middle_is_taken_up_again(tmp_path: Path) -> None:
    repo = make_repo(2_000_000)
    repo.faults = [Fault(reset_after=700_000), Fault(reset_after=300_000), Fault(status=503)]
    with StandIn(repo) as hub:
        child = HubChild(["pull", NAME], make_env(hub, tmp_path))
        events = list(child.events())
        child.close()
        assert isinstance(events[-1], Done)
        assert {event.reason for event in events if isinstance(event, Waiting)} == {
            "the connection broke",
            "the hub failed (HTTP 503)",
        }
        assert hub.ledger.content <= 2_300_000


def test_a_server_that_asks_for_a_pause_gets_it(tmp_path: Path) -> None:
    repo = make_repo()
    repo.faults = [Fault(status=429, headers=(("Retry-After", "1"),))]
    with StandIn(repo) as hub:
        child = HubChild(["pull", NAME], make_env(hub, tmp_path))
        events = list(child.events())
        child.close()
        assert Waiting("the hub asks for a pause (HTTP 429)", 1) in events
        assert isinstance(events[-1], Done)


def test_a_server_that_knows_no_ranges_is_asked_for_everything_again(tmp_path: Path) -> None:
    repo = make_repo(1_000_000)
    repo.reads_ranges, repo.faults = False, [Fault(reset_after=500_000)]
    with StandIn(repo) as hub:
        end = pull(hub, tmp_path)
        assert isinstance(end, Done)
        assert Path(end.model).read_bytes() == repo.files[FILE]


def test_a_wrong_content_is_deleted_and_fetched_once_more(tmp_path: Path) -> None:
    repo = make_repo()
    repo.faults = [Fault(wrong=True)]
    with StandIn(repo) as hub:
        end = pull(hub, tmp_path)
        assert isinstance(end, Done)
        assert end.fetched == 800_000
        assert Path(end.model).read_bytes() == repo.files[FILE]


def test_a_content_that_stays_wrong_is_an_error_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    repo = make_repo()
    repo.faults = [Fault(wrong=True), Fault(wrong=True)]
    with StandIn(repo) as hub:
        end = pull(hub, tmp_path)
        assert isinstance(end, Failed)
        assert end.code == FailureCode.CORRUPT
        assert FILE in end.message
        assert not list(blobs(tmp_path).iterdir())
        assert not list(tmp_path.rglob(FILE))


def test_a_beginning_that_was_damaged_on_the_disk_is_found_out(tmp_path: Path) -> None:
    with StandIn(make_repo()) as hub:
        blobs(tmp_path).mkdir(parents=True)
        (blobs(tmp_path) / f"{hub.repos[NAME].etag(FILE)}.incomplete").write_bytes(b"\0" * 1000)
        end = pull(hub, tmp_path)
        assert isinstance(end, Done)
        assert Path(end.model).read_bytes() == hub.repos[NAME].files[FILE]


def test_a_file_that_changed_upstream_begins_anew_and_the_old_beginning_goes(tmp_path: Path) -> None:
    with StandIn(make_repo(3_000_000), rate=2_000_000) as hub:
        child = HubChild(["pull", NAME], make_env(hub, tmp_path))
        assert hub.ledger.wait_for(500_000)
        child.kill()
        fresh = make_repo(1_000_000, seed=2)
        fresh.commit = "c" * 40
        hub.repos[NAME], hub.rate = fresh, 0
        end = pull(hub, tmp_path)
        assert isinstance(end, Done)
        assert Path(end.model).read_bytes() == fresh.files[FILE]
        assert end.fetched == 1_000_000
        assert [path.name for path in blobs(tmp_path).iterdir()] == [fresh.etag(FILE)]


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


def test_cancelling_the_one_that_waits_leaves_the_other_what_it_has(tmp_path: Path) -> None:
    with StandIn(make_repo(2_000_000), rate=200_000) as hub:
        first = HubChild(["pull", NAME], make_env(hub, tmp_path))
        assert hub.ledger.wait_for(100_000)
        second = HubChild(["pull", NAME], make_env(hub, tmp_path))
        assert Waiting("another program downloads the same file") in second.events()  # read up to there
        second.say("cancel")
        assert second.end()[0] == Stopped("cancel")
        hub.rate = 0
        assert isinstance(first.end()[0], Done)
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


def test_a_beginning_that_is_longer_than_the_file_is_thrown_away(tmp_path: Path) -> None:
    with StandIn(make_repo()) as hub:
        blobs(tmp_path).mkdir(parents=True)
        (blobs(tmp_path) / f"{hub.repos[NAME].etag(FILE)}.incomplete").write_bytes(b"x" * 500_000)
        end = pull(hub, tmp_path)
        assert isinstance(end, Done)
        assert end.fetched == 400_000


def test_a_hub_that_fails_for_a_moment_is_asked_again(tmp_path: Path) -> None:
    repo = make_repo()
    repo.listing_status = 503
    with StandIn(repo) as hub:
        child = HubChild(["pull", NAME], make_env(hub, tmp_path))
        events = child.events()
        assert next(events) == Waiting("the hub failed (HTTP 503)", 1)
        repo.listing_status = 0
        assert isinstance(list(events)[-1], Done)
        child.close()


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

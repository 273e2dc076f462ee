"""Downloads that are broken off: by kills at any byte, wishes, the network, and contents that are wrong."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from endpoint.hub_contract import Done, Failed, FailureCode, Stopped, Waiting
from tests.hub.child import HubChild, make_env
from tests.hub.pulls import FILE, NAME, blobs, make_repo, pull
from tests.hub.repos import Fault
from tests.hub.standin import StandIn


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

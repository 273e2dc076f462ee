"""What can be in the way of a download, and what the child says of it. The token shows up nowhere."""

from __future__ import annotations

import contextlib
import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.hub.failure import HubFailure
from endpoint.hub.room import SPARE_BYTES, Room
from endpoint.hub_contract import Done, Failed, FailureCode, Waiting
from tests.hub.child import HubChild, make_env
from tests.hub.repos import Fault, Repo, make_bytes
from tests.hub.standin import StandIn

NAME, FILE = "owner/model-GGUF", "model-Q4_K_M.gguf"
TOKEN = "hf_secretsecretsecret"


@pytest.fixture
def hub() -> Iterator[StandIn]:
    with StandIn(Repo(NAME, {FILE: make_bytes(100_000)})) as hub:
        yield hub


def fail(hub: StandIn, home: Path, wanted: str = NAME, **env: str) -> Failed:
    end, errors = HubChild(["pull", wanted], make_env(hub, home, env)).end()
    assert isinstance(end, Failed), end
    assert not errors
    return end


def test_a_repository_that_is_not_there(hub: StandIn, tmp_path: Path) -> None:
    end = fail(hub, tmp_path, "owner/other")
    assert end.code == FailureCode.NOT_FOUND
    assert "no repository owner/other" in end.message


@pytest.mark.parametrize("wanted", ["model", "../../etc:passwd", "owner/model/more", "owner/..", "owner/a--b", ""])
def test_what_is_no_name_of_a_repository_is_not_asked_for(hub: StandIn, tmp_path: Path, wanted: str) -> None:
    assert fail(hub, tmp_path, wanted).code == FailureCode.BAD_NAME
    assert not hub.ledger.requests


@pytest.mark.parametrize(("token", "todo"), [("", "make a token at"), (TOKEN, "with the account that your token")])
def test_a_gated_model_says_what_to_do(hub: StandIn, tmp_path: Path, token: str, todo: str) -> None:
    hub.repos[NAME].gate = "hf_another"
    end = fail(hub, tmp_path, HF_TOKEN=token)
    assert end.code == FailureCode.GATED
    assert f"https://huggingface.co/{NAME}" in end.message
    assert todo in end.message


def test_a_token_opens_the_gate_and_is_shown_to_the_hub_alone(hub: StandIn, tmp_path: Path) -> None:
    hub.repos[NAME].gate = TOKEN
    child = HubChild(["pull", NAME], make_env(hub, tmp_path, {"HF_TOKEN": TOKEN}))
    assert child.process.stdout
    said = child.process.stdout.read()
    errors = child.close()
    assert '"event": "done"' in said
    assert TOKEN not in said + errors
    assert TOKEN not in " ".join(map(str, child.process.args))  # type: ignore[arg-type]  # a list, as it was given
    shown = {request.host for request in hub.ledger.requests if TOKEN in request.headers.get("authorization", "")}
    assert shown == {"hub"}
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


def test_a_token_that_the_hub_does_not_accept(hub: StandIn, tmp_path: Path) -> None:
    hub.bad_tokens.add(TOKEN)
    end = fail(hub, tmp_path, HF_TOKEN=TOKEN)
    assert end.code == FailureCode.UNAUTHORISED
    assert TOKEN not in end.message


@pytest.mark.slow_suite
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, FailureCode.UNAUTHORISED),
        (429, FailureCode.RATE_LIMITED),
        (500, FailureCode.SERVER),
        (418, FailureCode.SERVER),
    ],
)
def test_a_hub_that_refuses_to_list_a_repository(hub: StandIn, tmp_path: Path, status: int, code: FailureCode) -> None:
    hub.repos[NAME].listing_status = status
    assert fail(hub, tmp_path).code == code


@pytest.mark.slow_suite
def test_who_is_patient_goes_on_asking_for_half_a_minute(hub: StandIn, tmp_path: Path) -> None:
    hub.repos[NAME].listing_status = 503
    child = HubChild(["pull", "--patient", NAME], make_env(hub, tmp_path))
    waits = []
    for event in child.events():
        if isinstance(event, Waiting):
            waits.append(event.seconds)
            hub.repos[NAME].listing_status = 0 if len(waits) == 4 else 503
    assert waits == [1, 1, 2, 4]
    assert isinstance(event, Done)
    assert not child.close()


def test_a_listing_that_would_lead_out_of_the_cache_leads_nowhere(hub: StandIn, tmp_path: Path) -> None:
    hub.repos[NAME].files = {f"{up}evil.gguf": make_bytes(2000) for up in ("../../../", "/tmp/", "a/../../", "..\\")}
    assert fail(hub, tmp_path).code == FailureCode.BAD_NAME
    assert not list(tmp_path.rglob("*evil*"))


def test_a_commit_that_is_none_is_not_believed(hub: StandIn, tmp_path: Path) -> None:
    hub.repos[NAME].commit = "../../../evil"
    assert fail(hub, tmp_path).code == FailureCode.SERVER


def test_a_file_that_may_not_be_read_is_not_asked_for_again_and_again(hub: StandIn, tmp_path: Path) -> None:
    hub.repos[NAME].faults = [Fault(status=403)]
    assert fail(hub, tmp_path).code == FailureCode.UNAUTHORISED
    assert len([request for request in hub.ledger.requests if request.host == "store"]) == 1


@pytest.mark.slow_suite
def test_a_hub_that_is_not_there(hub: StandIn, tmp_path: Path) -> None:
    assert fail(hub, tmp_path, HF_ENDPOINT="http://127.0.0.1:1").code == FailureCode.NETWORK


def test_offline_mode_asks_nobody_and_finds_what_is_here(hub: StandIn, tmp_path: Path) -> None:
    end = fail(hub, tmp_path, HF_HUB_OFFLINE="1")
    assert end.code == FailureCode.OFFLINE
    assert "HF_HUB_OFFLINE" in end.message
    assert not hub.ledger.requests
    there, _ = HubChild(["pull", NAME], make_env(hub, tmp_path)).end()
    asked = len(hub.ledger.requests)
    here, _ = HubChild(["pull", f"{NAME}:q4_k_m"], make_env(hub, tmp_path, {"HF_HUB_OFFLINE": "1"})).end()
    assert isinstance(there, Done)
    assert here == Done(there.provider, there.model, there.total, 0)
    assert len(hub.ledger.requests) == asked


def test_all_goes_through_the_proxy_that_the_environment_names(hub: StandIn, tmp_path: Path) -> None:
    env = {"HTTP_PROXY": hub.url, "HF_ENDPOINT": "http://hub.invalid", "NO_PROXY": "localhost"}
    end, _ = HubChild(["pull", NAME], make_env(hub, tmp_path, env)).end()
    assert isinstance(end, Done)
    assert [request.path for request in hub.ledger.requests if request.path.startswith("http://hub.invalid/")]


@pytest.mark.slow_suite
def test_a_proxy_that_is_not_there(hub: StandIn, tmp_path: Path) -> None:
    end = fail(hub, tmp_path, HTTP_PROXY="http://127.0.0.1:1", HF_ENDPOINT="http://hub.invalid")
    assert end.code in (FailureCode.NETWORK, FailureCode.PROXY)


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of so many bytes. Where none can be mounted, the test is skipped."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_with_too_little_room_is_found_before_anything_is_fetched(tmp_path: Path) -> None:
    with StandIn(Repo(NAME, {FILE: make_bytes(3_000_000)})) as hub, small_disk(tmp_path / "small", "1m") as disk:
        end = fail(hub, tmp_path, HF_HUB_CACHE=str(disk))
        assert end.code == FailureCode.DISK_FULL
        assert "3.0 MB are still to come, and 1.0 MB are free" in end.message
        assert hub.ledger.content == 0


def test_a_disk_that_fills_up_meanwhile_keeps_what_has_come_and_the_download_goes_on_once_there_is_room(
    tmp_path: Path,
) -> None:
    with (
        StandIn(Repo(NAME, {FILE: make_bytes(3_000_000)}), rate=1_000_000) as hub,
        small_disk(tmp_path / "small", "40m") as disk,
    ):
        child = HubChild(["pull", NAME], make_env(hub, tmp_path, {"HF_HUB_CACHE": str(disk)}))
        assert hub.ledger.wait_for(500_000)
        others = disk / "others"
        with contextlib.suppress(OSError), others.open("wb") as file:
            while True:
                file.write(b"x" * (1 << 20))
        end, _ = child.end()
        assert isinstance(end, Failed)
        assert end.code == FailureCode.DISK_FULL
        [left] = disk.rglob("*.incomplete")
        kept = left.stat().st_size
        assert kept > 0
        others.unlink()
        hub.rate = 0
        done, _ = HubChild(["pull", NAME], make_env(hub, tmp_path, {"HF_HUB_CACHE": str(disk)})).end()
        assert isinstance(done, Done)
        assert done.fetched == 3_000_000 - kept


def test_the_room_that_is_asked_for_leaves_some_to_others() -> None:
    free = SPARE_BYTES + 10
    room = Room(Path("/"), lambda _: free)
    room.check(10)
    with pytest.raises(HubFailure) as caught:
        room.check(11)
    assert caught.value.code is FailureCode.DISK_FULL


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, FailureCode.DISK_FULL), (errno.EIO, FailureCode.DISK)])
def test_a_write_that_fails_says_why(number: int, code: FailureCode) -> None:
    assert Room(Path("/"), lambda _: 0).translate(OSError(number, "it failed"), 1000).code is code

"""What errors mean, said to a person: what happened, where, and what to do; no secret is in it."""

from __future__ import annotations

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

from endpoint.hub.failure import Interruption
from endpoint.hub.translating import TOKEN_PAGE, translate
from endpoint.hub_contract import FailureCode

REPO, TOKEN = "owner/model-GGUF", "hf_secretsecretsecret"
KEPT = " What has come is kept: pull again to go on."
CROWDED = "The hub has had too many requests from here (HTTP 429)."
ASKED = httpx2.Request("GET", f"https://hub.example/{REPO}/x?X-Amz-Signature=abc")


def answer(status: int) -> HfHubHTTPError:
    return HfHubHTTPError("no", response=httpx2.Response(status, request=ASKED))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            httpx2.ConnectError("[Errno -2] Name or service not known", request=ASKED),
            "hub.example can't be reached (Name or service not known). Is this machine online?",
        ),
        (
            httpx2.ReadError("[Errno 104] Connection reset by peer", request=ASKED),
            "The connection to hub.example breaks again and again (Connection reset by peer).",
        ),
        (httpx2.ReadTimeout("", request=ASKED), "The connection to hub.example breaks again and again (ReadTimeout)."),
        (httpx2.ReadError("lost"), "The connection to the hub breaks again and again (lost)."),
        (Interruption("The hub's answers end too early"), "The hub's answers end too early, again and again."),
    ],
)
def test_a_lost_connection_names_the_host_and_the_reason(error: Exception, told: str) -> None:
    failure = translate(error, REPO, None)
    assert (failure.code, str(failure)) == (FailureCode.NETWORK, told + KEPT)
    assert str(translate(error, "", None)) == told, "a search has nothing to go on with"


def test_a_proxy_is_named_where_it_is_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:1")
    refused = translate(httpx2.ConnectError("[Errno 111] Connection refused", request=ASKED), REPO, None)
    assert refused.code is FailureCode.PROXY
    assert str(refused).startswith("hub.example can't be reached by the proxy (Connection refused): see HTTPS_PROXY,")
    monkeypatch.setenv("NO_PROXY", "hub.example")
    direct = translate(httpx2.ConnectError("[Errno 111] Connection refused", request=ASKED), REPO, None)
    assert direct.code is FailureCode.NETWORK
    denied = translate(httpx2.ProxyError("407 at http://me:secret@proxy:1", request=ASKED), REPO, None)
    assert denied.code is FailureCode.PROXY
    assert "secret" not in str(refused) + str(denied)


@pytest.mark.parametrize(
    ("status", "token", "code", "told"),
    [
        (401, TOKEN, FailureCode.UNAUTHORISED, "The hub doesn't accept the token: make one at"),
        (401, None, FailureCode.UNAUTHORISED, f"The hub wants a token for {REPO}: make one at"),
        (403, TOKEN, FailureCode.UNAUTHORISED, f"The token may not read {REPO} (HTTP 403): see what it may do at"),
        (403, None, FailureCode.UNAUTHORISED, f"The hub, or something on the way there, refuses {REPO} (HTTP 403)."),
        (429, TOKEN, FailureCode.RATE_LIMITED, f"{CROWDED} Wait some minutes."),
        (
            429,
            None,
            FailureCode.RATE_LIMITED,
            f"{CROWDED} Wait some minutes; with a token (HF_TOKEN) more are allowed.",
        ),
        (500, None, FailureCode.SERVER, f"The hub answers HTTP 500 about {REPO}. Try again later.{KEPT}"),
    ],
)
def test_a_refusal_says_who_refuses_and_what_to_do(
    status: int, token: str | None, code: FailureCode, told: str
) -> None:
    failure = translate(answer(status), REPO, token)
    assert failure.code is code
    assert str(failure).startswith(told)
    assert (TOKEN_PAGE in str(failure)) is (code is FailureCode.UNAUTHORISED)
    assert TOKEN not in str(failure)
    assert REPO not in str(translate(answer(status), "", token))


def test_offline_mode_says_how_it_is_ended() -> None:
    told = str(translate(OfflineModeIsEnabled("x"), REPO, None))
    assert told == f"{REPO} isn't here whole, and offline mode is on: unset HF_HUB_OFFLINE to ask the hub."
    assert str(translate(OfflineModeIsEnabled("x"), "", None)).startswith("Offline mode is on: unset")


def test_a_file_that_can_not_be_written_is_named() -> None:
    failure = translate(PermissionError(13, "Permission denied", "/hub/blobs"), REPO, None)
    assert failure.code is FailureCode.DISK
    assert str(failure).startswith(
        "/hub/blobs: Permission denied. See that files can be written there, or set HF_HUB_CACHE"
    )

"""The one place where errors of huggingface_hub and its HTTP library become ours."""

from __future__ import annotations

import httpx2
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from endpoint.hub.failure import HubFailure, Interruption
from endpoint.hub.login import scrub
from endpoint.hub.network import UNCONNECTED, explain_network
from endpoint.hub.room import explain_disk
from endpoint.hub_contract import FailureCode

TOKEN_PAGE = "https://huggingface.co/settings/tokens"  # noqa: S105  # an address, no secret
_TRANSIENT = (408, 429, 500, 502, 503, 504)
_LONGEST_WAIT_S = 300.0


def is_transient(error: Exception) -> bool:
    """Whether trying again may help."""
    if isinstance(error, Interruption):
        return True
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in _TRANSIENT
    is_proxy = isinstance(error, httpx2.ProxyError)
    return (
        isinstance(error, httpx2.TimeoutException | httpx2.NetworkError | httpx2.RemoteProtocolError) and not is_proxy
    )


def find_wait(error: Exception) -> float:
    """Seconds that the server asks to be left alone for; 0: it doesn't say."""
    if not isinstance(error, HfHubHTTPError):
        return 0.0
    text = str(error.response.headers.get("Retry-After", ""))
    return min(float(text), _LONGEST_WAIT_S) if text.isdecimal() else 0.0


def tell_interruption(error: Exception) -> str:
    """What happened, in a few words, for somebody who need do nothing."""
    if isinstance(error, UNCONNECTED):
        return "the hub can't be reached"
    if not isinstance(error, HfHubHTTPError):
        return "the connection broke"
    code = error.response.status_code
    return (
        "the hub asks for a pause (HTTP 429)"
        if code == httpx2.codes.TOO_MANY_REQUESTS
        else f"the hub failed (HTTP {code})"
    )


def translate(error: Exception, repo: str, token: str | None) -> HubFailure:
    """What it means, and what to do. `repo`: what was to be pulled; empty where something else was asked."""
    if isinstance(error, HubFailure):
        return error
    if isinstance(error, Interruption):
        return HubFailure(FailureCode.NETWORK, f"{error}, again and again.{_go_on(repo)}")
    if isinstance(error, OfflineModeIsEnabled):
        missing = f"{repo} isn't here whole, and offline mode is on" if repo else "Offline mode is on"
        return HubFailure(FailureCode.OFFLINE, f"{missing}: unset HF_HUB_OFFLINE to ask the hub.")
    if isinstance(error, HfHubHTTPError):
        return _translate_answer(error, repo, has_token=bool(token))
    if isinstance(error, httpx2.HTTPError | httpx2.InvalidURL):
        failure = explain_network(error, token)
        return HubFailure(failure.code, f"{failure}{_go_on(repo)}")
    if isinstance(error, OSError):
        return explain_disk(error)
    return HubFailure(FailureCode.INTERNAL, f"{type(error).__name__}: {scrub(str(error), token)}")


def _go_on(repo: str) -> str:
    """For somebody who may have waited for hours."""
    return " What has come is kept: pull again to go on." if repo else ""


def _translate_answer(error: HfHubHTTPError, repo: str, *, has_token: bool) -> HubFailure:
    if isinstance(error, GatedRepoError):
        return _explain_gate(repo, has_token=has_token)
    if isinstance(error, RepositoryNotFoundError):
        private = "a token that may see it" if has_token else "a token (HF_TOKEN)"
        return HubFailure(
            FailureCode.NOT_FOUND,
            f"The hub has no repository {repo}: `traypoint search WORDS` finds names. A private one needs {private}.",
        )
    if isinstance(error, RevisionNotFoundError | RemoteEntryNotFoundError):
        return HubFailure(
            FailureCode.NO_FILE, f"A file of {repo} is no longer there: its owner has changed it. Pull again."
        )
    return _translate_status(error.response.status_code, repo, has_token=has_token)


def _translate_status(status: int, repo: str, *, has_token: bool) -> HubFailure:
    if status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        return HubFailure(FailureCode.UNAUTHORISED, _explain_refusal(status, repo, has_token=has_token))
    if status == httpx2.codes.TOO_MANY_REQUESTS:
        more = "" if has_token else "; with a token (HF_TOKEN) more are allowed"
        told = f"The hub has had too many requests from here (HTTP 429). Wait some minutes{more}.{_go_on(repo)}"
        return HubFailure(FailureCode.RATE_LIMITED, told)
    about = f" about {repo}" if repo else ""
    told = f"The hub answers HTTP {status}{about}. Try again later.{_go_on(repo)}"
    return HubFailure(FailureCode.SERVER, told)


def _explain_refusal(status: int, repo: str, *, has_token: bool) -> str:
    what = repo or "that"
    make = f"make one at {TOKEN_PAGE}, and set HF_TOKEN"
    if status == httpx2.codes.UNAUTHORIZED:
        return (
            f"The hub doesn't accept the token: {make}." if has_token else f"The hub wants a token for {what}: {make}."
        )
    if has_token:
        return f"The token may not read {what} (HTTP 403): see what it may do at {TOKEN_PAGE}."
    return f"The hub, or something on the way there, refuses {what} (HTTP 403). Where a token would help, {make}."


def _explain_gate(repo: str, *, has_token: bool) -> HubFailure:
    """A person must accept the model's terms in a browser; a token shows who that was."""
    page = f"https://huggingface.co/{repo}"
    if has_token:
        todo = f"open {page} with the account that your token belongs to, accept them, and pull again"
    else:
        todo = f"open {page}, accept them, make a token at {TOKEN_PAGE}, set HF_TOKEN to it, and pull again"
    return HubFailure(FailureCode.GATED, f"{repo} is given only to those who accept its terms: {todo}.")

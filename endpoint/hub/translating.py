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
    if not isinstance(error, HfHubHTTPError):
        return "the connection broke"
    code = error.response.status_code
    return (
        "the hub asks for a pause (HTTP 429)"
        if code == httpx2.codes.TOO_MANY_REQUESTS
        else f"the hub failed (HTTP {code})"
    )


def translate(error: Exception, repo: str, token: str | None) -> HubFailure:
    """What it means, and what to do."""
    if isinstance(error, HubFailure):
        return error
    if isinstance(error, Interruption):
        return HubFailure(FailureCode.NETWORK, f"{error}, again and again. What has come is kept: pull again to go on.")
    if isinstance(error, OfflineModeIsEnabled):
        return HubFailure(
            FailureCode.OFFLINE,
            f"{repo} isn't here whole, and offline mode is on: unset HF_HUB_OFFLINE to get it.",
        )
    if isinstance(error, HfHubHTTPError):
        return _translate_answer(error, repo, has_token=bool(token))
    if isinstance(error, httpx2.ProxyError):
        return HubFailure(
            FailureCode.PROXY,
            f"The proxy doesn't let us through: {scrub(str(error), token)}. See HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
        )
    if isinstance(error, httpx2.HTTPError | httpx2.InvalidURL):
        return HubFailure(
            FailureCode.NETWORK,
            f"The hub can't be reached: {scrub(str(error), token) or type(error).__name__}. "
            "What has come is kept: pull again to go on.",
        )
    if isinstance(error, OSError):
        return HubFailure(FailureCode.DISK, f"{error.filename or 'a file'}: {error.strerror or error}.")
    return HubFailure(FailureCode.INTERNAL, f"{type(error).__name__}: {scrub(str(error), token)}")


def _translate_answer(error: HfHubHTTPError, repo: str, *, has_token: bool) -> HubFailure:
    if isinstance(error, GatedRepoError):
        return _explain_gate(repo, has_token=has_token)
    if isinstance(error, RepositoryNotFoundError):
        private = "your token may not see it" if has_token else "it is private: then it needs a token (HF_TOKEN)"
        return HubFailure(FailureCode.NOT_FOUND, f"The hub has no repository {repo}, or {private}.")
    if isinstance(error, RevisionNotFoundError | RemoteEntryNotFoundError):
        return HubFailure(
            FailureCode.NO_FILE, f"A file of {repo} is no longer there: its owner has changed it. Pull again."
        )
    return _translate_status(error.response.status_code, repo)


def _translate_status(status: int, repo: str) -> HubFailure:
    if status == httpx2.codes.UNAUTHORIZED:
        return HubFailure(
            FailureCode.UNAUTHORISED,
            f"The hub doesn't accept the token: make one at {TOKEN_PAGE}, and set HF_TOKEN.",
        )
    if status == httpx2.codes.FORBIDDEN:
        return HubFailure(FailureCode.UNAUTHORISED, f"The token may not read {repo} (HTTP 403): see {TOKEN_PAGE}.")
    if status == httpx2.codes.TOO_MANY_REQUESTS:
        return HubFailure(
            FailureCode.RATE_LIMITED,
            "The hub has had too many requests from here (HTTP 429). Wait some minutes; a token is allowed more.",
        )
    return HubFailure(FailureCode.SERVER, f"The hub answers HTTP {status} about {repo}. Try again later.")


def _explain_gate(repo: str, *, has_token: bool) -> HubFailure:
    """A person must accept the model's terms in a browser; a token shows who that was."""
    page = f"https://huggingface.co/{repo}"
    if has_token:
        todo = f"open {page} with the account that your token belongs to, accept them, and pull again"
    else:
        todo = f"open {page}, accept them, make a token at {TOKEN_PAGE}, set HF_TOKEN to it, and pull again"
    return HubFailure(FailureCode.GATED, f"{repo} is given only to those who accept its terms: {todo}.")

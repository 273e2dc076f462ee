"""What a lost or refused connection means for the person who waits: who can't be reached, why, and by which way."""

from __future__ import annotations

import re
from urllib.request import getproxies, proxy_bypass

import httpx2

from endpoint.hub.failure import HubFailure
from endpoint.hub.login import scrub
from endpoint.hub_contract import FailureCode

PROXY_HINT = "see HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
_NUMBER = re.compile(r"^\[Errno -?\d+\] ")
UNCONNECTED = httpx2.ConnectError | httpx2.ConnectTimeout
"""Nobody answers at all."""


def explain_network(error: httpx2.HTTPError | httpx2.InvalidURL, token: str | None) -> HubFailure:
    """A sentence or two, without a word on what has come. No password and no signed address is in it."""
    why = scrub(_NUMBER.sub("", str(error)), token) or type(error).__name__
    if isinstance(error, httpx2.ProxyError):
        return HubFailure(FailureCode.PROXY, f"The proxy doesn't let us through ({why}): {PROXY_HINT}.")
    url = _find_url(error)
    host = url.host if url else "the hub"
    if not isinstance(error, UNCONNECTED):
        return HubFailure(FailureCode.NETWORK, f"The connection to {host} breaks again and again ({why}).")
    if url and _goes_by_proxy(url):
        return HubFailure(FailureCode.PROXY, f"{host} can't be reached by the proxy ({why}): {PROXY_HINT}.")
    return HubFailure(FailureCode.NETWORK, f"{host} can't be reached ({why}). Is this machine online?")


def _find_url(error: httpx2.HTTPError | httpx2.InvalidURL) -> httpx2.URL | None:
    try:
        return error.request.url if isinstance(error, httpx2.HTTPError) else None
    except RuntimeError:  # it belongs to no request
        return None


def _goes_by_proxy(url: httpx2.URL) -> bool:
    """As the HTTP library settles it, by the environment."""
    proxies = getproxies()
    return (url.scheme in proxies or "all" in proxies) and not proxy_bypass(url.host)

"""What is worth a desktop notification: tell(before, after) -> a note or none. Pure; delivering it is the shell's.

One event is told once, although it may pass through several states. So only a change of the endpoint's state is told,
and where one event makes two of them, the first: an endpoint that hangs is told of then, not again when its process has
gone and a restart is due. That it is given up instead could not be foreseen, and is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from tray.downloads.download import DownloadState
from tray.state import SERVING, AppState, EndpointState, Failure

MAX_TITLE = 63
MAX_TEXT = 255
"""Characters; Windows takes no more, and refuses the whole notification otherwise."""


@dataclass(frozen=True, slots=True)
class Note:
    """A notification: one line, and one or two more."""

    title: str
    text: str


def tell(before: AppState, after: AppState) -> Note | None:
    """The note that this change deserves; None for most."""
    if after.downloads != before.downloads:
        return _tell_download(before, after)
    if after.endpoint is before.endpoint:
        return None
    if after.endpoint in SERVING and before.endpoint is EndpointState.LOADING:
        if after.reverted:
            return _write(f"Traypoint is back with {after.model_name}", _explain(after.reverted))
        served = f"{after.model_name} · {after.provider_title}"
        return _write("Traypoint is ready", f"{served}\n{after.base_url}")
    if after.endpoint is EndpointState.WEDGED:
        return _write("Traypoint hangs", _explain(after.failure, "The endpoint is being stopped."))
    if after.endpoint is EndpointState.FAILED:
        return _tell_failure(before, after)
    return None


def _tell_download(before: AppState, after: AppState) -> Note | None:
    """One that has come, or has failed. Reports of downloads come by themselves, so no other change is passed over. One
    that failed before the app was started is in the first report, and is no news."""
    was = {each.wanted: each.state for each in before.downloads}
    for each in after.downloads:
        if each.state is was.get(each.wanted, each.state):
            continue
        if each.state is DownloadState.DONE:
            return _write("Download finished", f"{each.title}\nIt is in the menu, under Model.")
        if each.state is DownloadState.FAILED:
            return _write("Download failed", f"{each.title}\n{each.problem}")
    return None


def _tell_failure(before: AppState, after: AppState) -> Note | None:
    if after.retry_in_s is None:
        began = before.endpoint is EndpointState.LOADING
        return _write("Traypoint could not start" if began else "Traypoint has failed", _explain(after.failure))
    if before.endpoint is EndpointState.WEDGED:
        return None  # told when it began to hang
    return _write(
        "Traypoint's endpoint crashed", _explain(after.failure, f"It is started again in {after.retry_in_s:.0f} s.")
    )


def _write(title: str, text: str) -> Note:
    """A note that every system takes."""
    return Note(_shorten(title, MAX_TITLE), _shorten(text, MAX_TEXT))


def _explain(failure: Failure | None, *sentences: str) -> str:
    """What happened and what to do, then what else there is to say. The reason gives way where all is too long."""
    reason = " ".join(failure.reason.split()) if failure else "No reason was given; the log may tell."
    advice = (failure.advice,) if failure and failure.advice else ()
    rest = "".join(f" {sentence}" for sentence in (*advice, *sentences))
    if rest and reason[-1:] not in (".", "!", "?", "…"):
        reason += "."
    return _shorten(reason, max(MAX_TEXT - len(rest), MAX_TEXT // 2)) + rest


def _shorten(text: str, longest: int) -> str:
    """At most this many characters; lines stay, other runs of blanks become one."""
    flat = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"

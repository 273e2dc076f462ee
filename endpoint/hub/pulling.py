"""Downloads a model into Hugging Face's cache, so that other tools have it too. The working thread's whole job.

Asks what there is, settles what is wanted, and brings one file after the other: held by its lock, resumed, verified,
and only then given its name. What huggingface_hub doesn't do and this does: go on after a kill, and compare hashes.
"""

from __future__ import annotations

import os
from pathlib import Path

from endpoint.hub.checksum import matches
from endpoint.hub.choosing import Choice, Form, choose
from endpoint.hub.discarding import discard
from endpoint.hub.failure import HubFailure
from endpoint.hub.kept import find_kept
from endpoint.hub.listing import HubFile, Listing, read_listing
from endpoint.hub.locking import hold
from endpoint.hub.meter import Meter
from endpoint.hub.names import split_wanted
from endpoint.hub.patience import Patience
from endpoint.hub.reporter import Reporter
from endpoint.hub.room import Room
from endpoint.hub.shelf import Shelf
from endpoint.hub.transfer import Transfer
from endpoint.hub.translating import translate
from endpoint.hub.wishes import Wishes, WishHeard
from endpoint.hub_contract import Done, FailureCode, Started, Verifying, Waiting, Wish

REVISION = "main"
ASK_WAITS_S, PATIENT_WAITS_S = (0.5, 1.0, 2.0), (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Before each new try to ask the hub: where a person waits for the answer, and where nobody does. An app that starts at
login goes on with its downloads before the network is there."""
_TRIES = 2
"""For a content whose hash is wrong: once more from the beginning, then it is the hub's fault."""
_UNREACHABLE = (
    FailureCode.OFFLINE,
    FailureCode.NETWORK,
    FailureCode.PROXY,
    FailureCode.SERVER,
    FailureCode.RATE_LIMITED,
)
"""Then what is in the cache will do."""


class Pull:
    """One download into the cache at `hub`. `transfer` and `room` are for one thread, the one that calls `run`.
    `ask_waits_s`: seconds before each new try to ask what there is."""

    def __init__(
        self,
        hub: Path,
        token: str | None,
        reporter: Reporter,
        wishes: Wishes,
        transfer: Transfer,
        room: Room,
        ask_waits_s: tuple[float, ...] = ASK_WAITS_S,
    ) -> None:
        self._hub = hub
        self._token = token
        self._reporter = reporter
        self._wishes = wishes
        self._transfer = transfer
        self._room = room
        self._ask_waits_s = ask_waits_s

    def run(self, wanted: str) -> None:
        """Download `OWNER/NAME[:FILE|QUANT]` and say Done. Raises HubFailure, WishHeard, and what `translate` takes."""
        repo, what = split_wanted(wanted)
        shelf = Shelf(self._hub, repo)
        try:
            listing = self._ask(repo)
        except WishHeard:
            raise
        except Exception as error:
            failure = translate(error, repo, self._token)
            kept = find_kept(shelf, what) if failure.code in _UNREACHABLE else None
            if kept is None:
                raise failure from error
            self._finish(shelf, *kept, fetched=0)
            return
        choice = choose(repo, listing.files, what)
        discard(self._hub, shelf.list_stale(listing))
        fetched = self._bring_all(shelf, listing.commit, choice)
        shelf.set_main(listing.commit)
        self._finish(shelf, listing.commit, choice, fetched)

    def _ask(self, repo: str) -> Listing:
        """Raises WishHeard, and what `translate` takes."""
        patience = Patience(self._reporter, self._wishes, self._ask_waits_s)
        while True:
            try:
                return read_listing(repo, REVISION, self._token)
            except Exception as error:
                patience.bear(error)

    def _bring_all(self, shelf: Shelf, commit: str, choice: Choice) -> int:
        """All files, in order; returns the bytes that came from the network."""
        files = choice.files
        done = {file.path: shelf.count_done(commit, file) for file in files}
        meter = Meter({file.path: file.size for file in files}, done, self._reporter)
        partials = tuple(str(shelf.partial(file)) for file in files if not shelf.is_here(commit, file))
        first = files[0].path if choice.form is Form.GGUF else ""
        self._reporter.say(Started(shelf.repo, first, len(files), meter.done, meter.total, choice.note, partials))
        self._room.check(meter.remaining)
        try:
            for file in files:
                self._bring(shelf, commit, file, meter)
        except WishHeard as heard:
            if heard.wish is Wish.CANCEL:
                discard(self._hub, map(Path, partials))
            raise
        meter.show()
        return meter.fetched

    def _bring(self, shelf: Shelf, commit: str, file: HubFile, meter: Meter) -> None:
        """One file. What another program has brought meanwhile is taken as it is."""
        if shelf.is_here(commit, file):
            return
        with hold(shelf.lock(file.etag), self._wait_for_other):
            if not shelf.has_blob(file):
                self._download(shelf, commit, file, meter)
            shelf.point(commit, file)
        meter.set(file.path, file.size)

    def _wait_for_other(self) -> None:
        self._wishes.check()
        self._reporter.say_sometimes(Waiting("another program downloads the same file"))

    def _download(self, shelf: Shelf, commit: str, file: HubFile, meter: Meter) -> None:
        """Complete the content and verify it."""
        from huggingface_hub import hf_hub_url

        url, partial = hf_hub_url(shelf.repo, file.path, revision=commit), shelf.partial(file)
        for _ in range(_TRIES):
            self._transfer.fetch(url, file, partial, meter)
            if matches(partial, file.etag, lambda done: self._tell_verifying(file, done)):
                _settle(partial, shelf.blob(file))
                return
            partial.unlink(missing_ok=True)
            meter.set(file.path, 0)
        raise HubFailure(
            FailureCode.CORRUPT,
            f"{file.path} came twice with a content that isn't what the hub says it is (its hash differs), and was "
            "deleted. A proxy or a mirror may change it; try again later, or from another network.",
        )

    def _tell_verifying(self, file: HubFile, done: int) -> None:
        self._wishes.check()
        self._reporter.say_sometimes(Verifying(file.path, done, file.size))

    def _finish(self, shelf: Shelf, commit: str, choice: Choice, fetched: int) -> None:
        total = sum(file.size for file in choice.files)
        is_gguf = choice.form is Form.GGUF
        model = str(shelf.pointer(commit, choice.files[0])) if is_gguf else shelf.repo
        self._reporter.say(Done(choice.form.value, model, total, fetched))


def _settle(partial: Path, blob: Path) -> None:
    """To the disk first, then under its name: after a power failure it is there whole or not at all. Raises OSError."""
    with partial.open("r+b") as file:
        os.fsync(file.fileno())
    partial.replace(blob)

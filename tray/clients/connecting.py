"""Write a client's set-up into its settings file, and take it out again. Errors are ClientErrors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tray.clients.changes import Edited, Reverted, edit, is_blank, revert
from tray.clients.client import Client
from tray.clients.edits.members import BadDocument
from tray.clients.files import BY_HAND, back_up, find_real, read_bytes, remove, replace
from tray.clients.records import Record, Records, sum_of
from tray.clients.values import ClientFacts, FileSetup, Machine, Place
from tray.errors import ClientError


@dataclass(frozen=True, slots=True)
class Written:
    """How it ended: the file, its text before and after (the same: nothing was to do; None: no file), where the old
    text is kept, and which members were left alone because someone has changed them.
    """

    path: Path
    before: str | None
    after: str | None
    backup: Path | None = None
    left: tuple[str, ...] = ()


class Connector:
    """Knows the machine and what was done on it."""

    def __init__(self, machine: Machine, records: Records) -> None:
        self._machine = machine
        self._records = records

    def is_connected(self, client: Client) -> bool:
        """Whether something of ours is in its file, as far as we know."""
        return client.file is not None and self._records.load(client.name) is not None

    def locate(self, setup: FileSetup) -> Path:
        """Where the client looks for the file."""
        return setup.locate(self._machine).path

    def connect(self, client: Client, facts: ClientFacts) -> Written:
        """Write what is ours, in the place of what was ours before."""
        setup = _file_of(client)
        path = find_real(setup.locate(self._machine))
        record = self._records.load(client.name)
        if record is not None and record.path != path:
            raise ClientError(
                f"{client.title} is set up in {record.path} already, and looks into {path} now. "
                f"Take the first back: traypoint connect {client.name} --undo"
            )
        data = read_bytes(path)
        text = _decode(path, data)
        base = text if record is None else self._without_us(client, record, data, text).text
        edited = _edit(path, base, setup, facts)
        if edited.text == text:
            return Written(path, text, text)
        backup = self._save(client, path, data, base, edited, record)
        replace(path, edited.text.encode())
        return Written(path, None if data is None else text, edited.text, backup)

    def undo(self, client: Client) -> Written | None:
        """Take out what is ours; None where nothing is."""
        _file_of(client)
        record = self._records.load(client.name)
        if record is None:
            return None
        data = read_bytes(find_real(Place(record.path, record.path.parent)))
        text = _decode(record.path, data)
        reverted = self._without_us(client, record, data, text)
        restored = reverted.text.encode()
        gone = record.before is None and is_blank(reverted.text, _file_of(client).format)
        if gone:
            remove(record.path)
        elif data is not None and restored != data:
            replace(record.path, restored)
        backup = record.backup
        if backup is not None and read_bytes(backup) == restored:
            remove(backup)
            backup = None
        self._records.forget(client.name)
        return Written(record.path, text if data else None, None if gone else reverted.text, backup, reverted.left)

    def _without_us(self, client: Client, record: Record, data: bytes | None, text: str) -> Reverted:
        """The file as it would be without us: to the byte where nobody else has changed it."""
        if data is not None and sum_of(data) == record.after:
            if record.before is None:
                return Reverted("")
            kept = read_bytes(record.backup) if record.backup is not None else None
            if kept is not None and sum_of(kept) == record.before:
                return Reverted(kept.decode())
        try:
            return revert(text, _file_of(client).format, record.changes)
        except BadDocument as error:
            raise ClientError(
                f"{record.path} can't be read any more ({error}), so nothing was taken out of it. "
                f"Put it right first{f', with the help of {record.backup}' if record.backup else ''}."
            ) from error

    def _save(
        self, client: Client, path: Path, data: bytes | None, base: str, edited: Edited, record: Record | None
    ) -> Path | None:
        """Keep what was there, and note what is done, before it is done: then it can be taken back in any case."""
        existed = data is not None and (record is None or record.before is not None)
        backup = record.backup if record is not None else None
        if record is None and data is not None:
            backup = back_up(path, data)
        before = sum_of(base.encode()) if existed else None
        self._records.save(client.name, Record(path, before, sum_of(edited.text.encode()), backup, edited.changes))
        return backup


def _file_of(client: Client) -> FileSetup:
    if client.file is None:
        raise ClientError(f"{client.title} has no settings file: see traypoint connect {client.name} --print")
    return client.file


def _decode(path: Path, data: bytes | None) -> str:
    try:
        return (data or b"").decode()
    except UnicodeDecodeError as error:
        raise ClientError(f"{path} is not UTF-8 ({error}), so it was left as it is. {BY_HAND}") from error


def _edit(path: Path, text: str, setup: FileSetup, facts: ClientFacts) -> Edited:
    try:
        return edit(text, setup, facts)
    except BadDocument as error:
        raise ClientError(f"{path} was left as it is: {error}. {BY_HAND}") from error

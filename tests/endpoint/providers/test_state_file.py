from __future__ import annotations

import json
import os
import stat
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endpoint.errors import EndpointError, StateFault, StateNotWritten, StateUnusable
from endpoint.providers.saved_state import SavedState
from endpoint.providers.state_file import SLICE, StateSummary, pack_state, read_state, read_summary, write_state
from endpoint.providers.state_format import ALIGNMENT, MAGIC, START, VERSION

STATE = SavedState((1, 5, 2**32 - 1), (2, 3), '{"a": 1}', (b"x" * 1000, memoryview(b"part"), b""))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_state(tmp_path / "prefix", STATE, "f00d")
    return tmp_path / "prefix"


def fault_of(path: Path, fingerprint: str = "f00d") -> StateFault:
    with pytest.raises(StateUnusable, match="will be computed again") as caught:
        read_state(path, fingerprint)
    assert str(path) in str(caught.value)
    assert isinstance(caught.value, EndpointError)
    return caught.value.fault


def write_header(path: Path, fields: dict[str, object], claimed: int | None = None) -> None:
    """A file of a header alone, whose sum is right."""
    known: dict[str, object] = {"fingerprint": "f00d", "layout": "", "checkpoints": [], "blocks": [[0, 0]]}
    text = json.dumps(known | fields).encode()
    start = START.pack(MAGIC, VERSION, len(text) if claimed is None else claimed, zlib.crc32(text))
    path.write_bytes((start + text).ljust(-(-(START.size + len(text)) // ALIGNMENT) * ALIGNMENT, b"\0"))


def test_what_was_written_is_read(path: Path) -> None:
    state = read_state(path, "f00d")
    assert replace(state, parts=tuple(map(bytes, state.parts))) == replace(STATE, parts=tuple(map(bytes, STATE.parts)))


@settings(max_examples=40, deadline=None)  # each one waits for the disk
@given(
    tokens=st.lists(st.integers(0, 2**32 - 1), max_size=50),
    checkpoints=st.lists(st.integers(0, 2**40), max_size=9),
    layout=st.text(max_size=50),
    parts=st.lists(st.binary(max_size=200), max_size=5),
)
def test_any_state_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    tokens: list[int],
    checkpoints: list[int],
    layout: str,
    parts: list[bytes],
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    state = SavedState(tuple(tokens), tuple(checkpoints), layout, tuple(parts))
    write_state(path, state, "f00d")
    read = read_state(path, "f00d")
    assert replace(read, parts=tuple(map(bytes, read.parts))) == state


def test_parts_can_be_written_to_so_that_a_provider_takes_them_over_without_a_copy(path: Path) -> None:
    assert not any(memoryview(part).readonly for part in read_state(path, "f00d").parts)


def test_parts_begin_at_aligned_places(path: Path) -> None:
    content = path.read_bytes()
    assert content.index(b"x" * 1000) % ALIGNMENT == 0
    assert content.index(b"part") % ALIGNMENT == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_its_owner_can_read_it(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_takes_the_place_of_another_and_leaves_nothing_beside_it(path: Path) -> None:
    write_state(path, replace(STATE, tokens=(7,)), "f00d")
    assert read_state(path, "f00d").tokens == (7,)
    assert list(path.parent.iterdir()) == [path]


def test_where_it_cant_be_written_the_old_one_stays_and_nothing_is_left(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StateNotWritten, match="No space left"):
        write_state(path, replace(STATE, tokens=(7,)), "f00d")
    monkeypatch.undo()
    assert read_state(path, "f00d").tokens == STATE.tokens
    assert list(path.parent.iterdir()) == [path]


def test_where_there_is_no_folder_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(StateNotWritten, match="No such file"):
        write_state(tmp_path / "nowhere" / "prefix", STATE, "f00d")


def test_each_byte_of_it_counts(path: Path) -> None:
    content = path.read_bytes()
    state = read_state(path, "f00d")
    end = content.index(b"]]}") + 3  # of the header
    tokens = -(-end // ALIGNMENT) * ALIGNMENT
    first, second = content.index(b"x" * 1000), content.index(b"part")
    filler = {*range(end, tokens), *range(tokens + 12, first), *range(first + 1000, second), *range(second + 4, 10**4)}
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        if place in filler:
            assert read_state(path, "f00d") == state
        else:
            assert fault_of(path) in {StateFault.NOT_OURS, StateFault.CHECKSUM}


def test_a_file_cut_anywhere_is_torn(path: Path) -> None:
    content = path.read_bytes()
    for size in range(START.size, len(content), 13):
        path.write_bytes(content[:size])
        assert fault_of(path) is StateFault.TORN
    path.write_bytes(content + b"\0")
    assert fault_of(path) is StateFault.TORN


def test_a_file_that_is_something_else_is_not_ours(path: Path) -> None:
    for content in (b"", b"GGUF", b"x" * 5000, MAGIC + (VERSION + 1).to_bytes(4, "little") + bytes(100)):
        path.write_bytes(content)
        assert fault_of(path) is StateFault.NOT_OURS


def test_another_fingerprint_is_told(path: Path) -> None:
    assert fault_of(path, "beef") is StateFault.OTHER_FINGERPRINT


def test_a_file_that_is_missing_or_no_file_is_told(path: Path) -> None:
    assert fault_of(path.with_name("other")) is StateFault.MISSING
    assert fault_of(path.parent) is StateFault.UNREADABLE


@pytest.mark.parametrize(
    "fields",
    [
        {"blocks": []},
        {"blocks": [[3, 0]]},
        {"blocks": [[-4, 0]]},
        {"blocks": [[4.0, 0]]},
        {"blocks": [[True, 0]]},
        {"blocks": [[2**63, 0]]},
        {"blocks": [4, 0]},
        {"blocks": [[4]]},
        {"blocks": None},
        {"checkpoints": ["a"]},
        {"checkpoints": 7},
        {"layout": None},
        {"fingerprint": 1},
    ],
    ids=str,
)
def test_a_header_that_makes_no_sense_is_not_ours(path: Path, fields: dict[str, object]) -> None:
    write_header(path, fields)
    assert fault_of(path) is StateFault.NOT_OURS


def test_huge_sizes_take_no_memory(path: Path) -> None:
    tracemalloc.start()
    try:
        write_header(path, {"blocks": [[0, 0], [2**61, 0]]})
        assert fault_of(path) is StateFault.TORN
        write_header(path, {"blocks": [[0, 0], *[[2**40, 0]] * 50]})
        assert fault_of(path) is StateFault.TORN
        write_header(path, {}, claimed=2**32 - 1)
        assert fault_of(path) is StateFault.CHECKSUM
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_deep_header_is_not_ours(path: Path) -> None:
    text = b"[" * 200_000
    path.write_bytes(START.pack(MAGIC, VERSION, len(text), zlib.crc32(text)) + text)
    assert fault_of(path) is StateFault.NOT_OURS


def test_a_summary_tells_of_the_prefix_and_doesnt_read_its_parts(path: Path) -> None:
    summary = StateSummary(STATE.tokens, STATE.checkpoints, path.stat().st_size)
    assert read_summary(path, "f00d") == summary
    content = path.read_bytes()
    path.write_bytes(content.replace(b"xxx", b"yyy"))
    assert read_summary(path, "f00d") == summary
    assert fault_of(path) is StateFault.CHECKSUM
    path.write_bytes(content[:-1])
    with pytest.raises(StateUnusable, match=StateFault.TORN):
        read_summary(path, "f00d")
    words = b"\x01\0\0\0\x05\0\0\0"
    assert words in content
    path.write_bytes(content.replace(words, b"\x02" + words[1:]))
    with pytest.raises(StateUnusable, match=StateFault.CHECKSUM):
        read_summary(path, "f00d")


@pytest.mark.skipif(os.name == "nt", reason="links take privileges on Windows")
def test_links_are_not_followed(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    assert fault_of(link) is StateFault.UNREADABLE


class Patience:
    """Wants it so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self) -> bool:
        self.times -= 1
        return self.times >= 0


def test_large_parts_are_read_and_written_in_slices_as_long_as_they_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "prefix"
    state = replace(STATE, parts=(os.urandom(2 * SLICE + 5), b"end"))
    slices = 1 + 3 + 1  # of the tokens, the large part and the small one
    with pytest.raises(StateNotWritten, match="isn't wanted"):
        pack_state(state, "f00d", Patience(slices - 1))
    packed = pack_state(state, "f00d", Patience(slices))
    with pytest.raises(StateNotWritten, match="isn't wanted"):
        packed.fill(packed.begin(path), Patience(slices))  # the header is another one
    assert not list(tmp_path.iterdir())
    packed.fill(packed.begin(path), Patience(slices + 1))
    assert path.stat().st_size == packed.size
    with pytest.raises(StateUnusable, match="isn't wanted"):
        read_state(path, "f00d", Patience(slices - 1))
    read = read_state(path, "f00d", Patience(slices))
    assert tuple(map(bytes, read.parts)) == state.parts
    assert not any(memoryview(part).readonly for part in read.parts)

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.errors import LoadError
from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.identity import identify_model
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.llamacpp.split import list_files
from endpoint.providers.options import LoadOptions
from tests.tiny.models import write_tiny


def fingerprint(path: Path, options: LoadOptions) -> str:
    provider = load(str(path), options, lambda _share: None)
    try:
        return provider.fingerprint
    finally:
        provider.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.gguf"
    write_tiny(MemoryKind.SLIDING_WINDOW, path)
    return path


def test_what_changes_at_every_start_changes_nothing(path: Path) -> None:
    one = fingerprint(path, LoadOptions(n_ctx=512, parallel=1, threads=1))
    shutil.move(path, other := path.with_name("moved.gguf"))
    assert fingerprint(other, LoadOptions(n_ctx=1024, parallel=4, threads=2)) == one


def test_another_template_or_device_is_another_fingerprint(path: Path) -> None:
    options = LoadOptions(n_ctx=512, parallel=1, threads=1)
    one = fingerprint(path, options)
    other_device = fingerprint(path, LoadOptions(n_ctx=512, parallel=1, threads=1, gpu_layers=0))
    write_tiny(MemoryKind.SLIDING_WINDOW, path, {"tokenizer.chat_template": "{{ messages }}"})
    assert len({one, other_device, fingerprint(path, options)}) == 3


def test_a_template_that_is_given_counts_in_the_place_of_the_own_one(path: Path) -> None:
    options = LoadOptions(n_ctx=512, parallel=1, threads=1)
    given = replace(options, chat_template="{{ messages }}")
    assert fingerprint(path, given) != fingerprint(path, options)
    provider = load(str(path), given, lambda _share: None)
    try:
        assert provider.info.chat_template == "{{ messages }}"
    finally:
        provider.close()


def test_positions_that_are_stretched_from_some_length_on_are_not_those_below_it(path: Path) -> None:
    write_tiny(MemoryKind.SLIDING_WINDOW, path, {"gemma3.rope.scaling.original_context_length": 700})
    one, same, other = (
        fingerprint(path, LoadOptions(n_ctx=n_ctx, parallel=1, threads=1)) for n_ctx in (256, 512, 1024)
    )
    assert one == same
    assert one != other


def test_all_files_of_a_split_model_count(tmp_path: Path) -> None:
    names = [f"big-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    paths = tuple(tmp_path / name for name in names)
    for path in paths:
        path.write_bytes(b"GGUF" + path.name.encode())
        os.utime(path, ns=(0, 10**18))
    assert list_files(paths[0]) == paths
    before = identify_model(paths[0])
    paths[2].write_bytes(b"GGUF and more")
    assert identify_model(paths[0]) != before
    paths[1].unlink()
    with pytest.raises(LoadError, match=r"big-00002-of-00003\.gguf can't be read: No such file"):
        identify_model(paths[0])


def test_a_name_that_only_looks_split_stands_for_itself(tmp_path: Path) -> None:
    for name in ("model.gguf", "model-1-of-2.gguf", "model-00001-of-00002.gguf.bak"):
        assert list_files(tmp_path / name) == (tmp_path / name,)

"""Saved state is for the model that made it: same weights, vocabulary, settings and template, wherever they lie."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from endpoint.contract import ModelRef
from endpoint.providers.base import MemoryKind
from tests.endpoint.providers.driving import opened
from tests.tiny.mlx_models import write_tiny_mlx


def fingerprint(folder: Path) -> str:
    with opened(ModelRef("mlx", str(folder))) as provider:
        return provider.fingerprint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tiny_mlx(MemoryKind.ATTENTION, tmp_path / "here")
    return tmp_path / "here"


def flip_a_weight(folder: Path) -> None:
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-400, 2)
        byte = file.read(1)
        file.seek(-400, 2)
        file.write(bytes([byte[0] ^ 1]))


def rewrite(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return change


CHANGES: dict[str, Callable[[Path], object]] = {
    "a weight": flip_a_weight,
    "a setting": rewrite("config.json", '"rope_theta": 10000.0', '"rope_theta": 20000.0'),
    "the tokenizer's settings": rewrite("tokenizer_config.json", '"add_bos_token": true', '"add_bos_token": false'),
    "the vocabulary": rewrite("tokenizer.json", '"<unk>"', '"<odd>"'),
    "a template": lambda folder: (folder / "chat_template.jinja").write_text("{{ messages }}"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_the_model_changes_its_fingerprint(folder: Path, change: Callable[[Path], object]) -> None:
    before = fingerprint(folder)
    change(folder)
    assert fingerprint(folder) != before


def test_the_same_files_elsewhere_have_the_same_fingerprint(folder: Path, tmp_path: Path) -> None:
    before = fingerprint(folder)
    moved = Path(shutil.move(folder, tmp_path / "there"))
    assert fingerprint(moved) == before


def test_a_readme_beside_it_changes_nothing(folder: Path) -> None:
    before = fingerprint(folder)
    (folder / "README.md").write_text("A model.")
    assert fingerprint(folder) == before

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.files import locate_model
from tests.tiny.encoder import write_tiny_encoder
from tests.tiny.gguf import Value
from tests.tiny.models import write_tiny
from tests.tray.models.homes import ADAPTER, HEADER, PROJECTOR, add_gguf
from tray.models.facts import Facts, Role
from tray.models.gguf_facts import read_gguf
from tray.models.model import AttentionKind, Capability, MemoryShape


def read(tmp_path: Path, **changes: Value) -> Facts:
    names = {key.replace("__", "."): value for key, value in changes.items()}
    return read_gguf([add_gguf(tmp_path / "model.gguf", {**HEADER, **names})])


def test_the_starter_is_told_as_what_it_is() -> None:
    assert read_gguf([locate_model("starter")]) == Facts(
        family="llama",
        lineage="smollm2 135m",
        parameters=134_515_008,
        quantisation="Q4_1",
        n_ctx=8192,
        shape=MemoryShape(cell_bytes=23040, counted_bytes=23040, heads=9, width=576, vocabulary=49152),
    )


def test_a_projector_a_lora_and_a_vocabulary_are_no_models(tmp_path: Path) -> None:
    assert read_gguf([add_gguf(tmp_path / "a.gguf", PROJECTOR)]).role is Role.PROJECTOR
    assert read_gguf([add_gguf(tmp_path / "b.gguf", ADAPTER)]).role is Role.ADAPTER
    assert read_gguf([add_gguf(tmp_path / "c.gguf", weights=0)]).role is Role.OTHER


def test_what_has_no_layers_is_no_language_model(tmp_path: Path) -> None:
    assert read_gguf([add_gguf(tmp_path / "a.gguf", {"general.architecture": "flux"})]).role is Role.OTHER


def test_parts_are_counted_together_though_the_first_holds_no_weights(tmp_path: Path) -> None:
    first = add_gguf(tmp_path / "a.gguf", {**HEADER, "split.count": 2}, weights=0)
    second = add_gguf(tmp_path / "b.gguf", {"split.count": 2}, weights=96)
    facts = read_gguf([first, second])
    assert (facts.role, facts.parameters, facts.family) == (Role.MODEL, 96, "llama")


def test_a_part_whose_name_hides_that_it_is_one_is_a_problem(tmp_path: Path) -> None:
    assert "one of 2 parts" in read_gguf([add_gguf(tmp_path / "a.gguf", {**HEADER, "split.count": 2})]).problem


def test_where_the_mixture_is_not_named_the_format_of_most_weights_is_told(tmp_path: Path) -> None:
    header = {key: value for key, value in HEADER.items() if key != "general.file_type"}
    assert read_gguf([add_gguf(tmp_path / "a.gguf", header)]).quantisation == "F32"
    assert read(tmp_path, general__file_type=9999).quantisation == "F32"


@pytest.mark.parametrize(
    ("template", "capabilities"),
    [
        ("{{ messages }}", ()),
        ("{% if tools %}…{% endif %}", (Capability.TOOLS,)),
        ("<think>", (Capability.REASONING,)),
        ("{% if tools %}{% if enable_thinking %}", (Capability.TOOLS, Capability.REASONING)),
        ("<|channel|>analysis", (Capability.REASONING,)),
        ("toolshed rethinking", ()),
    ],
)
def test_the_template_gives_away_what_the_model_can(
    template: str, capabilities: tuple[Capability, ...], tmp_path: Path
) -> None:
    assert read(tmp_path, tokenizer__chat_template=template).capabilities == capabilities


def test_a_pooling_means_embeddings_but_not_one_that_ranks(tmp_path: Path) -> None:
    assert read(tmp_path, llama__pooling_type=3).capabilities == (Capability.EMBEDDINGS,)
    assert read(tmp_path, llama__pooling_type=4).capabilities == ()


def test_an_encoder_embeds_and_keeps_nothing_of_its_input(tmp_path: Path) -> None:
    write_tiny_encoder(tmp_path / "bert.gguf")
    facts = read_gguf([tmp_path / "bert.gguf"])
    assert facts.capabilities == (Capability.EMBEDDINGS,)
    assert facts.shape.cell_bytes == 0
    assert facts.role is Role.MODEL


@pytest.mark.parametrize("kind", [MemoryKind.RECURRENT, MemoryKind.HYBRID, MemoryKind.SLIDING_WINDOW])
def test_the_kind_of_memory_is_seen_in_the_metadata(kind: MemoryKind, tmp_path: Path) -> None:
    write_tiny(kind, tmp_path / "tiny.gguf")
    assert read_gguf([tmp_path / "tiny.gguf"]).attention is AttentionKind(kind)


def test_a_file_that_ends_early_is_half_downloaded_and_still_told_apart(tmp_path: Path) -> None:
    path = add_gguf(tmp_path / "a.gguf", PROJECTOR, weights=10_000)
    path.write_bytes(path.read_bytes()[:-20_000])
    facts = read_gguf([path])
    assert facts.problem == "half-downloaded: 20 kB of 40 kB are there"
    assert facts.role is Role.PROJECTOR


def test_what_is_no_gguf_or_names_no_architecture_has_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_text("hello")
    assert "no GGUF file" in read_gguf([tmp_path / "a.gguf"]).problem
    assert "names no architecture" in read_gguf([add_gguf(tmp_path / "b.gguf", {"general.name": "x"})]).problem
    assert "can't be read" in read_gguf([tmp_path / "nowhere.gguf"]).problem
    assert read_gguf([]).problem

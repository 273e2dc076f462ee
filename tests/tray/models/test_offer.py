"""What is offered for download, as the menu has it, on several machines and on this very one."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.contract import Env, ModelRef
from tests.tray.models.test_ranking import ENTRIES, machine
from tray.downloads.records import Records, write_records
from tray.menu.downloads import offer_menu
from tray.models.catalogue import Kind
from tray.models.machine import Machine
from tray.models.offer import MOST_OFFERS, is_same, list_offers, rank_known, read_here
from tray.models.ranking import rank
from tray.paths import find_paths
from tray.state import AppState
from tray.surroundings import Surroundings

LIST = 'schema = 1\n[[models]]\nname = "Tiny"\nrepo = "o/tiny"\nform = "gguf"\nsize_gb = 0.1\nmemory_gb = 0.001\n'
NETBOOK = machine(4, cores=2)
HUB = "/home/me/.cache/huggingface/hub"


def read_menu(here: Machine, *models: ModelRef) -> list[str]:
    """The lines under "Download for this machine"."""
    offers = list_offers(rank(ENTRIES, here), models)
    return [item.label for item in offer_menu(AppState(around=Surroundings(offers=offers))).children]


@pytest.mark.parametrize(
    ("here", "first"),
    [
        (machine(8), "Qwen3.5 4B · 3.6 GB · about 10 min"),
        (machine(8, cores=4), "Qwen3.5 2B · 2.0 GB · about 5 min"),
        (machine(8, apple=True), "Qwen3.5 4B · 3.0 GB · about 8 min"),
        (machine(16), "Gemma 4 E4B · 6.0 GB · about 16 min"),
        (machine(16, apple=True), "Gemma 4 12B · 7.3 GB · about 19 min"),
        (machine(24, cores=2), "LFM2.5 8B A1B · 5.2 GB · about 14 min"),
        (machine(32, cores=16, card=24), "Qwen3.8 27B · 18.8 GB · about 50 min"),
        (machine(64, cores=16, apple=True), "Qwen3.6 35B A3B · 20.4 GB · about 54 min"),
        (NETBOOK, "LFM2.5 1.2B Instruct · 730 MB · about 2 min"),
    ],
    ids=[
        "an 8 GB laptop",
        "one of 4 cores",
        "an 8 GB M1",
        "a 16 GB laptop",
        "a 16 GB M2",
        "2 cores and 24 GB",
        "a 24 GB NVIDIA card",
        "a 64 GB M3",
        "an old netbook",
    ],
)
def test_the_first_line_is_what_suits_the_machine_best_with_size_and_time(here: Machine, first: str) -> None:
    menu = read_menu(here)
    assert menu[0] == first
    assert len(menu) <= MOST_OFFERS


def test_a_model_in_two_forms_is_offered_once() -> None:
    names = [label.partition(" · ")[0] for label in read_menu(machine(64, apple=True))]
    assert len(set(names)) == len(names) == MOST_OFFERS


def test_nothing_is_offered_where_nothing_fits_and_nothing_to_talk_with() -> None:
    assert read_menu(machine(16, disk=0)) == []
    only = [entry for entry in ENTRIES if entry.kind is Kind.EMBEDDINGS]
    assert list_offers(rank(only, machine(64)), ()) == ()


@pytest.mark.parametrize(
    ("wanted", "model"),
    [
        ("unsloth/Qwen3-0.6B-GGUF:Q4_0", f"{HUB}/models--unsloth--Qwen3-0.6B-GGUF/snapshots/abc/Qwen3-0.6B-Q4_0.gguf"),
        ("unsloth/Qwen3-0.6B-GGUF:Q4_0", "/home/me/.lmstudio/models/unsloth/Qwen3-0.6B-GGUF/qwen3-0.6b-q4_0.gguf"),
        ("ggml-org/gpt-oss-20b-GGUF", f"{HUB}/models--ggml-org--gpt-oss-20b-GGUF/snapshots/a/gpt-oss-20b-mxfp4.gguf"),
        ("mlx-community/Qwen3-4B-4bit", "mlx-community/Qwen3-4B-4bit"),
    ],
)
def test_what_is_here_is_known_by_where_it_lies(wanted: str, model: str) -> None:
    same = [entry.wanted for entry in ENTRIES if is_same(entry, ModelRef("any", model))]
    assert same == [wanted]


@pytest.mark.parametrize(
    "model", ["starter", "", "/unsloth/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf", "/m/Qwen3-0.6B-Q4_0.gguf"]
)
def test_other_files_are_not_taken_for_it(model: str) -> None:
    assert not any(is_same(entry, ModelRef("llamacpp", model)) for entry in ENTRIES)


def test_what_is_here_is_not_offered() -> None:
    first, second, *_ = read_menu(NETBOOK)
    here = ModelRef("llamacpp", f"{HUB}/models--LiquidAI--LFM2.5-1.2B-Instruct-GGUF/snapshots/a/LFM2.5-Q4_K_M.gguf")
    assert first.startswith("LFM2.5 1.2B")
    assert read_menu(NETBOOK, here)[0] == second


def test_the_list_that_was_fetched_last_is_offered_at_the_pace_of_the_last_download(tmp_path: Path) -> None:
    paths = find_paths({Env.CONFIG_DIR: str(tmp_path)})
    paths.catalogue_file.parent.mkdir(parents=True)
    paths.catalogue_file.write_text(LIST)
    here = read_here(paths)
    assert [(each.entry.wanted, each.download_s) for each in rank_known(here, paths)] == [("o/tiny", 16)]
    write_records(paths.downloads_file, Records(bytes_per_s=1_000_000))
    assert [each.download_s for each in rank_known(here, paths)] == [100]

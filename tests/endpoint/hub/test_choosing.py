"""Which of a repository's files `OWNER/NAME[:FILE|QUANT]` means."""

from __future__ import annotations

import pytest

from endpoint.hub.choosing import Form, choose
from endpoint.hub.failure import HubFailure
from endpoint.hub.listing import HubFile
from endpoint.hub.quants import find_quant
from endpoint.hub_contract import FailureCode

REPO = "owner/name-GGUF"
MANY = (
    "name-Q4_K_M.gguf",
    "name-Q4_K_S.gguf",
    "name-UD-Q4_K_XL.gguf",
    "name-UD-Q2_K_XL.gguf",
    "name-Q8_0.gguf",
    "BF16/name-BF16-00001-of-00002.gguf",
    "BF16/name-BF16-00002-of-00002.gguf",
    "mmproj-F16.gguf",
    "imatrix_unsloth.gguf",
    "README.md",
)


def files(*names: str) -> list[HubFile]:
    return [HubFile(name, 1_000_000_000, "0" * 64) for name in names]


def chosen(wanted: str, *names: str) -> list[str]:
    return [file.path for file in choose(REPO, files(*names), wanted).files]


def refusal(wanted: str, *names: str) -> HubFailure:
    with pytest.raises(HubFailure) as caught:
        choose(REPO, files(*names), wanted)
    return caught.value


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("Q4_K_M", ["name-Q4_K_M.gguf"]),
        ("q8_0", ["name-Q8_0.gguf"]),
        ("UD-Q4_K_XL", ["name-UD-Q4_K_XL.gguf"]),
        ("Q4_K_XL", ["name-UD-Q4_K_XL.gguf"]),
        ("bf16", ["BF16/name-BF16-00001-of-00002.gguf", "BF16/name-BF16-00002-of-00002.gguf"]),
        ("name-Q8_0.gguf", ["name-Q8_0.gguf"]),
        (
            "name-BF16-00002-of-00002.gguf",
            ["BF16/name-BF16-00001-of-00002.gguf", "BF16/name-BF16-00002-of-00002.gguf"],
        ),
    ],
)
def test_a_quantisation_or_a_file_means_that_model_with_all_its_parts(wanted: str, names: list[str]) -> None:
    assert chosen(wanted, *MANY) == names


@pytest.mark.parametrize("wanted", ["Q4_K", "Q4", "F16", "Q2_K", "other.gguf", "mmproj-F16.gguf"])
def test_a_part_of_a_name_or_a_projector_means_nothing_and_the_choices_are_listed(wanted: str) -> None:
    failure = refusal(wanted, *MANY)
    assert failure.code is FailureCode.NO_FILE
    assert "Q4_K_M (1.00 GB)" in str(failure)


def test_without_a_word_the_usual_one_is_taken_and_said() -> None:
    choice = choose(REPO, files(*MANY), "")
    assert [file.path for file in choice.files] == ["name-Q4_K_M.gguf"]
    assert "6 quantisations: taking Q4_K_M" in choice.note
    assert choice.form is Form.GGUF


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["a-Q8_0.gguf", "a-UD-Q4_K_XL.gguf"], "a-UD-Q4_K_XL.gguf"),
        (["a-Q8_0.gguf", "a-Q4_0.gguf", "a-F16.gguf"], "a-Q4_0.gguf"),
        (["gpt-oss-20b-mxfp4.gguf"], "gpt-oss-20b-mxfp4.gguf"),
        (["model.gguf"], "model.gguf"),
    ],
)
def test_the_next_usual_one_is_taken_where_the_first_is_missing(names: list[str], taken: str) -> None:
    assert chosen("", *names) == [taken]


def test_where_none_is_usual_the_choices_are_listed() -> None:
    failure = refusal("", "a-Q2_K.gguf", "a-Q3_K_M.gguf")
    assert failure.code is FailureCode.AMBIGUOUS
    assert "Q2_K (1.00 GB), Q3_K_M (1.00 GB)" in str(failure)


def test_two_models_of_one_quantisation_must_be_told_apart_by_file() -> None:
    failure = refusal("Q4_0", "a-Q4_0.gguf", "b-Q4_0.gguf")
    assert failure.code is FailureCode.AMBIGUOUS
    assert "a-Q4_0.gguf, b-Q4_0.gguf" in str(failure)
    unnamed = refusal("", "a-Q4_0.gguf", "b-Q4_0.gguf")
    assert "has a-Q4_0.gguf, b-Q4_0.gguf; name one, as in" in str(unnamed)
    assert str(unnamed).endswith(":a-Q4_0.gguf.")


def test_a_split_model_that_lacks_a_part_is_not_begun() -> None:
    assert refusal("", "a-Q4_0-00001-of-00003.gguf", "a-Q4_0-00003-of-00003.gguf").code is FailureCode.NO_FILE


def test_a_repository_without_a_model_is_refused() -> None:
    assert refusal("", "README.md", "pytorch_model.bin").code is FailureCode.BAD_NAME
    assert refusal("", "config.json", "original/x.safetensors").code is FailureCode.BAD_NAME


def test_an_mlx_repository_has_no_quantisations_to_name() -> None:
    assert refusal("Q4_K_M", "config.json", "model.safetensors").code is FailureCode.NO_FILE


def test_of_an_mlx_repository_only_what_mlx_reads_is_taken() -> None:
    wanted = ["config.json", "model.safetensors", "model.safetensors.index.json", "tokenizer.model", "merges.txt"]
    others = ["run.py", "a.png", "consolidated.safetensors", "original/model.safetensors", "README.md", "x.bin"]
    choice = choose(REPO, files(*wanted, *others), "")
    assert {file.path for file in choice.files} == set(wanted)
    assert choice.form is Form.MLX


@pytest.mark.parametrize(
    ("stem", "quant"),
    [
        ("Qwen3-4B-Q4_K_M", "Q4_K_M"),
        ("gemma-3-270m-it-IQ4_XS", "IQ4_XS"),
        ("Q8_0/model", "Q8_0"),
        ("model.Q5_K_S", "Q5_K_S"),
        ("Phi-4-mini", ""),
        ("x-UD-IQ2_XXS", "UD-IQ2_XXS"),
    ],
)
def test_a_quantisation_is_read_from_a_name(stem: str, quant: str) -> None:
    assert find_quant(stem) == quant

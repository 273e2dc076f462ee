from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tray.models.homes import CONFIG, add_mlx
from tray.models.facts import Facts, Role
from tray.models.mlx_config import read_mlx
from tray.models.model import Capability


def read(tmp_path: Path, **changes: object) -> Facts:
    return read_mlx(add_mlx(tmp_path, CONFIG | changes), 4_500)


def test_the_config_tells_family_context_and_bits(tmp_path: Path) -> None:
    facts = read(tmp_path)
    assert (facts.role, facts.family, facts.n_ctx, facts.quantisation) == (Role.MODEL, "llama", 4096, "4-bit")
    assert facts.problem == ""


def test_the_parameters_are_reckoned_from_the_weights_size(tmp_path: Path) -> None:
    assert read(tmp_path).parameters == 8000  # four bits and, for 64 of them, two numbers of sixteen
    assert read(tmp_path, quantization=None, torch_dtype="bfloat16").parameters == 2250
    assert read(tmp_path, quantization=None).parameters == 0


@pytest.mark.parametrize(
    ("changes", "called"),
    [
        ({"quantization": {"bits": 4, "group_size": 32, "mode": "mxfp4"}}, "MXFP4"),
        ({"quantization": None, "torch_dtype": "bfloat16"}, "BF16"),
        ({"quantization": None, "dtype": "float32"}, "F32"),
        ({"quantization": None, "quantization_config": {"quant_method": "awq"}}, "AWQ"),
        ({"quantization": {"bits": 1 << 30}}, ""),
        ({"quantization": None, "torch_dtype": ["bfloat16"]}, ""),
    ],
)
def test_weights_are_called_by_their_bits_or_their_type(
    changes: dict[str, object], called: str, tmp_path: Path
) -> None:
    assert read(tmp_path, **changes).quantisation == called


def test_the_text_part_of_a_model_that_sees_counts(tmp_path: Path) -> None:
    text = {"max_position_embeddings": 131072, "num_hidden_layers": 2, "hidden_size": 64}
    facts = read(tmp_path, max_position_embeddings=None, text_config=text, vision_config={"depth": 3})
    assert facts.n_ctx == 131072
    assert facts.capabilities == (Capability.VISION,)


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ({"architectures": ["BertModel"]}, Role.OTHER),
        ({"architectures": ["Qwen3ForCausalLM"]}, Role.MODEL),
        ({"architectures": ["WhisperForConditionalGeneration"], "is_encoder_decoder": True}, Role.OTHER),
        ({"architectures": None}, Role.MODEL),
        ({"architectures": None, "quantization": None}, Role.OTHER),
        ({"architectures": [3, None]}, Role.OTHER),
    ],
)
def test_what_does_not_write_text_is_no_model(changes: dict[str, object], role: Role, tmp_path: Path) -> None:
    assert read(tmp_path, **changes).role is role


def test_the_chat_template_is_found_wherever_it_is_kept(tmp_path: Path) -> None:
    folder = add_mlx(tmp_path)
    settings = {
        "chat_template": [{"name": "default", "template": "plain"}, {"name": "tool_use", "template": "{{tools}}"}]
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    assert read_mlx(folder, 1).capabilities == (Capability.TOOLS,)
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": "<think>"}))
    assert read_mlx(folder, 1).capabilities == (Capability.REASONING,)
    (folder / "chat_template.jinja").write_text("{% if tools %}<think>")
    assert read_mlx(folder, 1).capabilities == (Capability.TOOLS, Capability.REASONING)


def test_a_model_of_sentence_transformers_embeds(tmp_path: Path) -> None:
    (add_mlx(tmp_path) / "1_Pooling").mkdir()
    assert read_mlx(tmp_path, 1).capabilities == (Capability.EMBEDDINGS,)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "[" * 100_000, '{"model_type": 3}', "{}", "\xff", '{"a": ' + "9" * 5000 + "}"]
)
def test_a_config_that_can_not_be_used_is_a_problem(text: str, tmp_path: Path) -> None:
    add_mlx(tmp_path)
    (tmp_path / "config.json").write_bytes(text.encode("latin-1"))
    assert "config.json" in read_mlx(tmp_path, 1).problem


def test_code_of_its_own_is_a_problem(tmp_path: Path) -> None:
    assert "code of its own" in read(tmp_path, model_file="evil.py").problem

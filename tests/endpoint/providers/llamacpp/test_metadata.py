from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.options import LoadOptions
from tests.tiny.gguf import Value
from tests.tiny.models import write_tiny


@pytest.mark.parametrize(
    ("file", "says", "called"),
    [
        ("Tiny-Q8_0.gguf", {"general.name": "Other"}, "Tiny-Q8_0"),
        ("Tiny.GGUF", {}, "Tiny"),
        ("sha256-0a1b2c", {"general.name": "Tiny  Model"}, "Tiny-Model"),
        ("sha256-0a1b2c", {}, "sha256-0a1b2c"),
    ],
)
def test_clients_call_a_model_by_its_file_or_by_what_the_file_says(
    file: str, says: dict[str, Value], called: str, tmp_path: Path
) -> None:
    write_tiny(MemoryKind.RECURRENT, tmp_path / file, says)
    provider = load(str(tmp_path / file), LoadOptions(n_ctx=256, parallel=1, threads=1), lambda _share: None)
    assert provider.info.id == called
    provider.close()

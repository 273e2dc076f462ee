from __future__ import annotations

import pytest

from endpoint.contract import ModelRef
from tray.state import AppState


@pytest.mark.parametrize(
    ("host", "base", "short"),
    [
        ("127.0.0.1", "http://127.0.0.1:8001/v1", "localhost:8001/v1"),
        ("localhost", "http://127.0.0.1:8001/v1", "localhost:8001/v1"),
        ("0.0.0.0", "http://127.0.0.1:8001/v1", "localhost:8001/v1"),
        ("::", "http://[::1]:8001/v1", "localhost:8001/v1"),
        ("192.168.1.5", "http://192.168.1.5:8001/v1", "192.168.1.5:8001/v1"),
        ("fe80::1", "http://[fe80::1]:8001/v1", "[fe80::1]:8001/v1"),
    ],
)
def test_the_url_is_one_that_works_on_this_machine(host: str, base: str, short: str) -> None:
    state = AppState(host=host)
    assert (state.base_url, state.short_url) == (base, short)


def test_the_model_is_shown_without_folders_and_the_provider_by_its_title() -> None:
    state = AppState(ref=ModelRef("HuggingFace", "/models/Qwen3.gguf"))
    assert (state.model_name, state.provider_title) == ("Qwen3", "llama.cpp")
    assert AppState(ref=ModelRef("other", "m")).provider_title == "other"

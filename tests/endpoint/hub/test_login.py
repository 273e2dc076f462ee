"""Where the token comes from, and that it is in nothing that is told."""

from __future__ import annotations

import pytest

from endpoint.hub.login import find_token, scrub

TOKEN = "hf_secretsecretsecret"


@pytest.fixture
def _no_login(monkeypatch: pytest.MonkeyPatch, tmp_path: pytest.TempPathFactory) -> None:
    from huggingface_hub import constants

    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", f"{tmp_path}/none")


@pytest.mark.usefixtures("_no_login")
def test_the_environment_comes_before_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_token(lambda: "of-the-keyring") == "of-the-keyring"
    assert find_token(lambda: None) is None
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert find_token(lambda: "of-the-keyring") == TOKEN


@pytest.mark.parametrize("token", [TOKEN, "an-odd-token", None])
def test_a_message_holds_neither_token_nor_what_signs_an_address(token: str | None) -> None:
    said = scrub(f"{token or TOKEN}: https://cdn.example/x?X-Amz-Signature=abc failed for {TOKEN}", token)
    assert (token or TOKEN) not in said
    assert TOKEN not in said
    assert "Signature" not in said
    assert "https://cdn.example/x" in said


def test_a_proxys_password_is_in_no_message() -> None:
    assert scrub("can't reach http://me:secret@proxy:3128", None) == "can't reach http://proxy:3128"

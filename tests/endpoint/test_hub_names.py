"""What may be asked of the hub is a name, and never leads elsewhere."""

from __future__ import annotations

import pytest

from endpoint.hub_names import LONGEST_WANTED, is_wanted


@pytest.mark.parametrize(
    "text",
    [
        "owner/name",
        "owner/name:Q4_K_M",
        "o-w_n.er/Name-GGUF:UD-Q4_K_XL",
        "owner/name:folder/model-00001-of-00002.gguf",
        f"o/{'n' * 96}",
    ],
)
def test_a_repository_alone_or_with_what_of_it_can_be_wanted(text: str) -> None:
    assert is_wanted(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "/etc/passwd",
        "../owner/name",
        "owner/..",
        "owner/na--me",
        "owner/name:",
        "owner/name:../x",
        "owner/name:a/../b",
        "owner/name:/etc/passwd",
        "owner/name:C:x",
        "owner/name:x y",
        "owner/name\n",
        "owner/name:Q4\n",
        "--help/x",
        "C:\\models\\x",
        "https://huggingface.co/owner/name",
        "öwner/name",
        f"o/{'n' * 97}",
        f"o/n:{'q' * LONGEST_WANTED}",
    ],
)
def test_anything_else_can_not(text: str) -> None:
    assert not is_wanted(text)

"""What the hub says becomes paths here: each name is checked first."""

from __future__ import annotations

import pytest

from endpoint.hub.names import is_commit, is_etag, is_file, split_wanted


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "",
        "a\\b",
        "C:x",
        "a\0b",
        "..",
        "a/.",
        "nul\n",
        "x" * 500,
        "a. ",
        7,
        None,
    ],
)
def test_a_path_that_could_lead_elsewhere_is_none(path: object) -> None:
    assert not is_file(path)


@pytest.mark.parametrize("path", ["model.gguf", "BF16/model-00001-of-00002.gguf", ".gitattributes", "a b/ü.json"])
def test_a_plain_relative_path_is_one(path: str) -> None:
    assert is_file(path)


@pytest.mark.parametrize("etag", ["", "../x", "a" * 39, "A" * 40, "g" * 64, None, 7])
def test_only_whole_hashes_name_contents(etag: object) -> None:
    assert not is_etag(etag)
    assert not is_commit(etag)


@pytest.mark.parametrize(
    ("text", "repo", "what"),
    [
        ("owner/name", "owner/name", ""),
        ("owner/name:Q4_K_M", "owner/name", "Q4_K_M"),
        ("https://huggingface.co/owner/name", "owner/name", ""),
        (" owner/name:folder/x.gguf ", "owner/name", "folder/x.gguf"),
    ],
)
def test_what_is_asked_for_is_a_repository_and_a_part_of_it(text: str, repo: str, what: str) -> None:
    assert split_wanted(text) == (repo, what)

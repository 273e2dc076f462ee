from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as Library
from tokenizers import normalizers

from endpoint.contract import DEFAULT_MODEL
from endpoint.providers.fake import END, FakeTokenizer
from endpoint.providers.llamacpp.files import locate_model
from endpoint.providers.mlx.tokenizer import HfTokenizer, load_tokenizer
from endpoint.text.seams import Seams, find_seams
from tests.endpoint.providers.mlx.tokenizers import byte_level, metaspace, sentence_piece, write_folder
from tests.endpoint.text.vocabularies import open_vocabulary, unpack_vocabulary
from tests.tiny.gemma import locate_gemma

PIECES = (
    *(
        "Hello there",
        " world",
        "x",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        ".",
        ",",
        "'s",
        "don't",
        "1234",
        "e\u0301",
        "\u0301",
    ),
    *(
        "你好",
        "，",
        "。",
        "世界",
        "と",
        "、",
        "한국",
        "Привет",
        " мир",
        "😀",
        "“q”",
        "\u00a0",
        "\u3000",
        "{",
        '"',
        "= ",
        "> </",
    ),
    *("<|im_start|>", "<|im_end|>", "<|im_", "end|>", "<start_of_turn>", "</s>", "<|end|>", "</think>"),
)
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=12).map("".join)
PROMPT = "<|im_start|>system\nBe brief, and kind. Say no more.<|im_end|>\n<|im_start|>user\n"


def hold(seams: Seams, text: str, more: str) -> None:
    tokens = seams.tokenizer.encode(text, add_bos=True)
    kept = seams.cut(tokens)
    assert seams.tokenizer.encode(text + more, add_bos=True)[:kept] == tokens[:kept]


def keep(seams: Seams, text: str) -> str:
    tokens = seams.tokenizer.encode(text, add_bos=False)
    return b"".join(map(seams.tokenizer.written, tokens[: seams.cut(tokens)])).decode()


@pytest.fixture(scope="module")
def starter() -> Iterator[Seams]:
    with open_vocabulary(locate_model(DEFAULT_MODEL)) as tokenizer:
        yield find_seams(tokenizer, tokenizer.n_vocab)


@pytest.fixture(scope="module")
def gemma() -> Iterator[Seams]:
    with open_vocabulary(locate_gemma()) as tokenizer:
        yield find_seams(tokenizer, tokenizer.n_vocab)


def composing() -> Library:
    """As Qwen's: a letter and the accent behind it are made one character."""
    tokenizer = byte_level()
    tokenizer.normalizer = normalizers.NFC()
    return tokenizer


@cache
def fake() -> Seams:
    return find_seams(FakeTokenizer(), END + 1)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(text=TEXTS, more=TEXTS)
def test_what_is_kept_of_a_text_stays_whatever_follows_it(starter: Seams, text: str, more: str) -> None:
    hold(starter, text, more)
    hold(fake(), text, more)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(text=TEXTS, more=TEXTS)
def test_also_where_tokens_are_found_in_the_whole_text_and_not_in_its_words(gemma: Seams, text: str, more: str) -> None:
    hold(gemma, text, more)


@pytest.mark.parametrize("make", [byte_level, composing, sentence_piece, metaspace])
def test_also_by_the_other_library(make: Callable[[], Library], tmp_path: Path) -> None:
    tokenizer: HfTokenizer = load_tokenizer(write_folder(tmp_path / "model", make()), 400)
    seams = find_seams(tokenizer, tokenizer.n_vocab)

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(
        st.lists(st.sampled_from(("hello", "he", " ", "\n", "l", "</s>", "ü", "u\u0308", "!")), max_size=9).map(
            "".join
        ),
        TEXTS,
    )
    def hold_always(text: str, more: str) -> None:
        hold(seams, text, more)

    hold_always()


def test_a_text_is_cut_behind_its_last_control_token(starter: Seams, gemma: Seams) -> None:
    assert keep(starter, PROMPT) == PROMPT.removesuffix("user\n")
    turn = "<start_of_turn>user\nBe brief.<end_of_turn>\n<start_of_turn>"
    assert keep(gemma, turn + "model\n") == turn


def test_else_before_a_word_a_line_or_a_mark(starter: Seams, gemma: Seams) -> None:
    assert keep(starter, "Be brief, and ki") == "Be brief, and"
    assert keep(starter, "Be brief.\n\nAnd") == "Be brief.\n\n"
    assert keep(gemma, "请用中文回答，谢谢") == "请用中文回答"


def test_white_space_at_the_end_goes_as_more_of_it_may_follow(starter: Seams, gemma: Seams) -> None:
    for seams in (starter, gemma):
        assert keep(seams, "Be brief. \n ") == "Be"


def test_a_part_of_a_control_token_goes_with_the_word_before_it(starter: Seams) -> None:
    assert keep(starter, "Be brief.<|im_") == "Be"


class _Joining(FakeTokenizer):
    """Bytes, and above them three tokens that reach across what is a seam elsewhere."""

    extra = (b"o w", b"\nx", b"<|end|>!")

    def written(self, token: int) -> bytes:
        return self.extra[token - END - 1] if token > END else super().written(token)

    def piece(self, token: int) -> bytes:
        return self.extra[token - END - 1] if token > END else super().piece(token)


def test_what_a_token_of_the_vocabulary_joins_is_no_seam() -> None:
    seams = find_seams(_Joining(), END + 4)
    assert keep(seams, "so work") == ""
    assert keep(seams, "as work") == "as"
    assert keep(seams, "a\nxy") == ""
    assert keep(seams, "a\nyx") == "a\n"
    assert keep(seams, "<|end|>") == ""
    assert keep(fake(), "<|end|>") == "<|end|>"


@pytest.mark.slow_suite
@pytest.mark.parametrize(
    "name",
    ["llama-bpe", "llama-spm", "qwen2", "gemma-4", "deepseek-llm", "deepseek-coder", "gpt-2", "phi-3", "falcon"],
)
def test_what_is_kept_stays_by_the_vocabularies_of_many_models(name: str, tmp_path: Path) -> None:
    path = unpack_vocabulary(name, tmp_path)
    if path is None:
        pytest.skip("llama-cpp-python's source archive isn't in the cache: see docs/setup.md")
    with open_vocabulary(path) as tokenizer:
        seams = find_seams(tokenizer, tokenizer.n_vocab)

        @settings(max_examples=1500, deadline=None)
        @given(TEXTS, TEXTS)
        def hold_always(text: str, more: str) -> None:
            hold(seams, text, more)

        hold_always()

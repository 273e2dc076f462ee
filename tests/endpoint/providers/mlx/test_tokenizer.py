"""Texts become tokens and tokens bytes, in every family of vocabularies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from endpoint.errors import LoadError
from endpoint.providers.infill import InfillTokens
from endpoint.providers.mlx.tokenizer import HfTokenizer, load_tokenizer
from endpoint.text.constraints.vocabulary import make_vocabulary
from endpoint.text.detokenizer import Detokenizer
from tests.endpoint.providers.mlx.tokenizers import (
    SETTINGS,
    add,
    byte_level,
    metaspace,
    sentence_piece,
    word_piece,
    write_folder,
    write_texts,
)


def load(tokenizer: Tokenizer, folder: Path, settings: Mapping[str, object] | None = None) -> HfTokenizer:
    write_folder(folder, tokenizer, settings)
    return load_tokenizer(folder, max(tokenizer.get_vocab().values()) + 1)


def find(tokenizer: Tokenizer, *names: str) -> list[int]:
    numbers = tokenizer.get_vocab()
    return [numbers[name] for name in names]


@pytest.mark.parametrize("make", [byte_level, sentence_piece])
def test_the_pieces_of_a_text_join_to_its_bytes(make: Callable[[], Tokenizer], tmp_path: Path) -> None:
    tokenizer = load(make(), tmp_path)
    for text in write_texts():
        if "<s>" not in text and "</s>" not in text:  # a blank goes behind a control token too
            data = text.encode("utf-8", "replace")
            joined = b"".join(map(tokenizer.piece, tokenizer.encode(text, add_bos=False)))
            assert joined == (data if make is byte_level or not data else b" " + data)


def test_a_character_may_be_split_over_tokens(tmp_path: Path) -> None:
    tokenizer = load(byte_level(), tmp_path)
    tokens = tokenizer.encode("ü€", add_bos=False)
    assert [tokenizer.piece(token) for token in tokens] == ["ü".encode(), b"\xe2", b"\x82", b"\xac"]


def test_blanks_before_words_are_kept_when_answers_are_read(tmp_path: Path) -> None:
    tokenizer = load(sentence_piece(), tmp_path)
    reader = Detokenizer(tokenizer.piece)
    tokens = tokenizer.encode("hello world€", add_bos=False)
    assert "".join(map(reader.feed, tokens)) == " hello world€"
    assert tokenizer.piece(tokens[0]) == b" h"


def test_the_other_families_spell_blanks_too(tmp_path: Path) -> None:
    unigram = load(metaspace(), tmp_path / "unigram")
    assert [unigram.piece(token) for token in unigram.encode("hello hol", add_bos=False)] == [
        *(b" hello", b" ", b"h", b"o", b"l")
    ]
    settings = {"eos_token": "[SEP]"}
    words = load(word_piece(), tmp_path / "words", settings)
    assert [words.piece(token) for token in words.encode("hellos !", add_bos=False)] == [b" hello", b"s", b" !"]


def test_control_tokens_are_no_text_but_can_be_written(tmp_path: Path) -> None:
    library = byte_level()
    add(library, "<think>", special=False)
    add(library, "<|hidden|>")
    tokenizer = load(library, tmp_path)
    tokens = tokenizer.encode("<think><|hidden|></s>", add_bos=False)
    assert [tokenizer.piece(token) for token in tokens] == [b"<think>", b"", b""]
    assert [tokenizer.written(token) for token in tokens] == [b"<think>", b"<|hidden|>", b"</s>"]


def test_runs_of_blanks_that_were_added_are_blanks(tmp_path: Path) -> None:
    library = sentence_piece()
    add(library, "▁▁▁", special=False)
    add(library, "▁<PRE>")
    tokenizer = load(library, tmp_path)
    blanks, mark = find(library, "▁▁▁", "▁<PRE>")
    assert (tokenizer.piece(blanks), tokenizer.written(mark)) == (b"   ", "▁<PRE>".encode())


def test_a_vocabulary_without_a_decoder_is_taken_as_it_is_written(tmp_path: Path) -> None:
    library = byte_level()
    library.decoder = None
    assert load(library, tmp_path).piece(*find(library, "ll")) == b"ll"


def test_numbers_without_a_token_are_empty_and_end_nothing(tmp_path: Path) -> None:
    write_folder(tmp_path, byte_level())
    tokenizer = load_tokenizer(tmp_path, 1000)
    for token in (999, 1000, 10**9, -1):
        assert (tokenizer.piece(token), tokenizer.written(token), tokenizer.is_end(token)) == (b"", b"", False)


def test_no_token_beyond_the_model_is_ever_made(tmp_path: Path) -> None:
    library = byte_level()
    size = library.get_vocab_size()
    add(library, "<extra>")
    write_folder(tmp_path, library)
    text = "a<extra>b"
    assert max(load_tokenizer(tmp_path, size + 1).encode(text, add_bos=False)) == size
    tokenizer = load_tokenizer(tmp_path, size)
    tokens = tokenizer.encode(text, add_bos=False)
    assert max(tokens) < size
    assert b"".join(map(tokenizer.piece, tokens)) == text.encode()
    with pytest.raises(LoadError, match=rf"has token {size - 1}, but the model only {size - 1}"):
        load_tokenizer(tmp_path, size - 1)


def test_a_start_is_added_once_and_only_where_the_model_wants_one(tmp_path: Path) -> None:
    plain, marked = byte_level(), sentence_piece()
    for name, library, wish, expected in (
        ("plain", plain, None, False),
        ("plain that wants one", plain, True, True),
        ("marked", marked, None, True),
        ("marked that wants none", marked, False, False),
    ):
        settings = SETTINGS | ({} if wish is None else {"add_bos_token": wish})
        tokenizer = load(library, tmp_path / name, settings)
        assert (tokenizer.encode("hello", add_bos=True)[0] == 1) is expected, name
        assert tokenizer.encode("<s>hello", add_bos=True).count(1) == 1, name
        assert 1 not in tokenizer.encode("hello", add_bos=False), name


def test_a_whole_text_has_the_marks_of_the_post_processor(tmp_path: Path) -> None:
    words = load(word_piece(), tmp_path / "words", {"eos_token": "[SEP]"})
    assert [words.written(token) for token in words.encode_whole("hello")] == [b"[CLS]", b" hello", b"[SEP]"]
    assert [words.written(token) for token in words.encode_whole("hello", marks=False)] == [b" hello"]
    ending = load(byte_level(), tmp_path / "ending", SETTINGS | {"add_bos_token": True, "add_eos_token": True})
    marked = ending.encode_whole("he")
    assert (marked[0], marked[-1], marked.count(1), marked.count(2)) == (1, 2, 1, 1)


def test_a_limit_that_was_saved_with_a_tokenizer_cuts_no_prompt(tmp_path: Path) -> None:
    library = byte_level()
    library.enable_truncation(4)
    library.enable_padding(length=8)
    assert len(load(library, tmp_path).encode("x" * 50, add_bos=False)) == 50


def test_ends_are_those_that_the_files_name_and_the_well_known(tmp_path: Path) -> None:
    library = byte_level()
    add(library, "<|im_end|>", "<|fim_pad|>", "<|mine|>")
    write_folder(tmp_path, library)
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": [5, true, "7", -1, 99999]}')
    (tmp_path / "config.json").write_text('{"eos_token_id": 6, "text_config": {"eos_token_id": 8}}')
    tokenizer = load_tokenizer(tmp_path, library.get_vocab_size())
    ends = {token for token in range(tokenizer.n_vocab) if tokenizer.is_end(token)}
    assert ends == {2, 5, 6, 8, *find(library, "<|im_end|>", "<|fim_pad|>")}


def test_a_model_that_could_never_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"ends an answer.* eos_token_id in generation_config\.json"):
        load(word_piece(), tmp_path, {})


def test_gaps_can_be_filled_where_all_three_marks_are_there(tmp_path: Path) -> None:
    library = byte_level()
    add(library, "<fim_prefix>", "<fim_suffix>")
    assert load(library, tmp_path / "two").infill() is None
    add(library, "<fim_middle>", special=False)
    tokenizer = load(library, tmp_path / "three")
    marks = find(library, "<fim_prefix>", "<fim_suffix>", "<fim_middle>")
    assert tokenizer.infill() == InfillTokens(*marks)
    assert [tokenizer.piece(token) for token in marks] == [b"", b"", b""]


def test_a_broken_tokenizer_is_told_with_its_path(tmp_path: Path) -> None:
    write_folder(tmp_path, byte_level())
    (tmp_path / "tokenizer.json").write_text('{"model": 3}')
    with pytest.raises(LoadError, match=r"tokenizer\.json can't be read"):
        load_tokenizer(tmp_path, 300)


def test_a_vocabulary_in_another_format_is_converted(tmp_path: Path) -> None:
    library = byte_level()
    document = json.loads(library.to_str())
    (tmp_path / "vocab.json").write_text(json.dumps(document["model"]["vocab"]))
    merges = "\n".join(" ".join(pair) for pair in document["model"]["merges"])
    (tmp_path / "merges.txt").write_text(f"#version: 0.2\n{merges}\n")
    settings = {"tokenizer_class": "GPT2Tokenizer", "unk_token": "<unk>"} | SETTINGS
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    tokenizer = load_tokenizer(tmp_path, 300)
    assert tokenizer.encode(" hell</s>", add_bos=False) == library.encode(" hell</s>").ids


def test_a_folder_without_any_tokenizer_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(LoadError, match=r"has no tokenizer\.json, and no other tokenizer in it can be used"):
        load_tokenizer(tmp_path, 300)


@pytest.mark.parametrize("make", [byte_level, sentence_piece, metaspace])
def test_constraints_can_read_the_vocabulary(make: Callable[[], Tokenizer], tmp_path: Path) -> None:
    tokenizer = load(make(), tmp_path)
    vocabulary = make_vocabulary(tokenizer, tokenizer.n_vocab, tokenizer.eos_text)
    assert vocabulary.ends == (2,)
    tokens = vocabulary.library.tokenize_str("hello")
    assert b"".join(map(tokenizer.piece, tokens)) == b"hello"

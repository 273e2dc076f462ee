"""Small tokenizers of each family, made by hand, in folders as models have them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SETTINGS = {"bos_token": "<s>", "eos_token": "</s>"}
NAMES = ["<unk>", "<s>", "</s>"]

POOLS = [
    "abc XYZ  \t\n\r0123456789.,'\"!?-_",
    "äöüßéñçœ ",
    "世界你好，。 ",
    "😀👩‍👧🏽‍♂️🇩🇪 ",
    "אבגדהו ابت ",
    "\u00a0\u2003\u200b\ufeff\u0301x ",
    "it's I'll we'RE they've ",
    "²³¼½①Ⅷ٣४ 12",
    "{}[]()<>|=+*/#@\\`~^&%$;:",
]
WRITTEN = ["<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "<|im_", "</s>", "<repo_name>x", "a\ud800b", ""]


def write_texts() -> list[str]:
    """Random ones, the same each time."""
    choose = random.Random(5)
    texts = [*WRITTEN, "def f(x):\n    return x**2  # 12345\n\n\n\tif a:\n\t\tb()"]
    for _ in range(3000):
        pool = choose.choice(POOLS) + choose.choice(POOLS)
        text = "".join(choose.choice(pool) for _ in range(choose.randrange(1, 40)))
        texts.append(text + choose.choice(WRITTEN) + text[::-1] if choose.random() < 0.1 else text)
    return texts


def write_folder(folder: Path, tokenizer: Tokenizer, settings: Mapping[str, object] | None = None) -> Path:
    """A model's folder without a model."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(SETTINGS if settings is None else settings))
    return folder


def add(tokenizer: Tokenizer, *names: str, special: bool = True) -> None:
    """Add tokens to the vocabulary, or to what is known of it."""
    added = [AddedToken(name, special=special, normalized=False) for name in names]
    if special:
        tokenizer.add_special_tokens(added)
    else:
        tokenizer.add_tokens(added)


def byte_level() -> Tokenizer:
    """GPT-2's family: each byte a token, and " he", "ll"."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("Ġ", "h"), ("Ġh", "e"), ("l", "l"), ("Ã", "¼")]
    merged = [first + second for first, second in merges]
    tokenizer = Tokenizer(models.BPE(vocab=_number([*NAMES, *letters, *merged]), merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    add(tokenizer, *NAMES)
    return tokenizer


def sentence_piece() -> Tokenizer:
    """Llama 2's and Gemma's family: blanks are ▁, unknown characters are bytes, a blank goes before a text."""
    letters = [*"▁helowrd!", "▁h", "ll", "ü"]
    merges = [("▁", "h"), ("l", "l")]
    spelled = _number([*NAMES, *(f"<0x{byte:02X}>" for byte in range(256)), *letters])
    tokenizer = Tokenizer(
        models.BPE(vocab=spelled, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    tokenizer.decoder = decoders.Sequence(steps)
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s> $B", [("<s>", 1)])
    add(tokenizer, *NAMES)
    return tokenizer


def metaspace() -> Tokenizer:
    """T5's family: whole pieces with their likelihoods."""
    pieces = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), ("▁hello", -1.0), ("▁", -2.0), *((c, -3.0) for c in "helo")]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    add(tokenizer, *NAMES)
    return tokenizer


def word_piece() -> Tokenizer:
    """BERT's family: what goes on in a word begins with ##."""
    words = ["[UNK]", "[CLS]", "[SEP]", "hello", "hell", "##o", "##s", "!"]
    tokenizer = Tokenizer(models.WordPiece(vocab=_number(words), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    marks = [("[CLS]", 1), ("[SEP]", 2)]
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", marks)
    add(tokenizer, *words[:3])
    return tokenizer


def _number(tokens: list[str]) -> dict[str, int]:
    return {token: number for number, token in enumerate(tokens)}

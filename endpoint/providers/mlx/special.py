"""Which added tokens end an answer, stand around a gap, or are never shown: by their names, as llama.cpp does it, so
that a model says the same through either provider (llama.cpp, src/llama-vocab.cpp, the end of load()). Pure.

Only added tokens are looked at. llama.cpp looks at all, and so takes the "</s>" that Qwen's vocabulary has among its
ordinary text for an end; here it is text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from endpoint.providers.infill import InfillTokens


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ENDS = _names(
    "<|eot_id|> <|im_end|> <|end|> <|return|> <|call|> <|flush|> <|calls|> <end_of_turn> <|endoftext|> </s> <|eom_id|> "
    "<EOT> _<EOT> [EOT] [EOS] <|end_of_text|> <end_of_utterance> <eos> <turn|> <|tool_response> "
    "<｜end▁of▁sentence｜> [e~["
)
_FILE_ENDS = _names(
    "<|fim_pad|> <fim-pad> <fim_pad> <PAD> [PAD] <|fim_repo|> <|repo_name|> <fim-repo> <REPO> <reponame> <|file_sep|>"
)
"""Where a model that was trained on files leaves the one that it was asked for."""

_PREFIXES = _names("<|fim_prefix|> <fim-prefix> <fim_prefix> <｜fim▁begin｜> <PRE> ▁<PRE> <|code_prefix|> <|prefix|>")
_SUFFIXES = _names("<|fim_suffix|> <fim-suffix> <fim_suffix> <｜fim▁hole｜> <SUF> ▁<SUF> <|code_suffix|> <|suffix|>")
_MIDDLES = _names("<|fim_middle|> <fim-middle> <fim_middle> <｜fim▁end｜> <MID> ▁<MID> <|code_middle|> <|middle|>")

_SHOWN = _names("<|channel|> <|message|> <|start|> <|constrain|>")
"""gpt-oss writes its channels with these: they are read from the answer's text."""
_INNER_END = "<|end|>"
"""Ends a message of an answer, not the answer, where there are tokens to end that."""
_ENDS_AROUND = (frozenset({"<|return|>", "<|call|>"}), frozenset({"<|calls|>", "<|flush|>"}))
_PLAIN_END = "</s>"
"""Only text to Gemma 4, which has other ends."""
_OTHER_END = "<|tool_response>"

_ENDING = frozenset(_ENDS + _FILE_ENDS)
_KNOWN = _ENDING | frozenset(_PREFIXES + _SUFFIXES + _MIDDLES)


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """`control`: tokens that are no text; `ends`: those that end an answer; `infill` None: it can't fill gaps."""

    control: frozenset[int]
    ends: frozenset[int]
    infill: InfillTokens | None


def find_special(names: Mapping[int, str], special: frozenset[int], declared: frozenset[int]) -> SpecialTokens:
    """`names`: the added tokens'; `special`: those that the tokenizer calls so; `declared`: the ends that the model's
    files name, which may be any tokens."""
    tokens = {name: token for token, name in names.items()}
    shown = _find_shown(frozenset(tokens))
    named = {token for name, token in tokens.items() if name in _ENDING and name not in shown}
    text = {tokens[name] for name in shown if name in tokens} - declared
    control = special | {token for name, token in tokens.items() if name in _KNOWN}
    return SpecialTokens(frozenset(control - text), declared | named, _find_infill(tokens))


def _find_shown(names: frozenset[str]) -> frozenset[str]:
    shown = set(_SHOWN)
    if any(ends <= names for ends in _ENDS_AROUND):
        shown.add(_INNER_END)
    if _OTHER_END in names:
        shown.add(_PLAIN_END)
    return frozenset(shown)


def _find_infill(tokens: Mapping[str, int]) -> InfillTokens | None:
    found = [
        next((tokens[name] for name in names if name in tokens), None) for names in (_PREFIXES, _SUFFIXES, _MIDDLES)
    ]
    prefix, suffix, middle = found
    if prefix is None or suffix is None or middle is None:
        return None
    return InfillTokens(prefix, suffix, middle)

"""What of a repository is downloaded: one GGUF model with all its parts, or the files that MLX needs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from endpoint.hub.failure import HubFailure
from endpoint.hub.listing import HubFile
from endpoint.hub.quants import SUFFIX, Variant, find_variants
from endpoint.hub_contract import FailureCode

USUAL = ("Q4_K_M", "UD-Q4_K_XL", "Q4_0", "MXFP4", "UD-Q4_K_M", "Q4_K_S", "IQ4_XS", "Q5_K_M", "Q8_0")
"""What is taken when nobody names a quantisation, the first that there is."""
_MLX_NEEDS = re.compile(r"(?!consolidated|pytorch_|tf_|flax_)[^/]+\.(?:safetensors|json|jinja|txt|model|tiktoken)")
"""At the root of a repository; no code, no pictures, no weights in other forms."""
_MOST_NAMED = 12


class Form(StrEnum):
    """The provider that runs it."""

    GGUF = "llamacpp"
    MLX = "mlx"


@dataclass(frozen=True, slots=True)
class Choice:
    """`files` in the order in which they are fetched; `note`: what was settled for the user, or empty."""

    form: Form
    files: tuple[HubFile, ...]
    note: str = ""


def choose(repo: str, files: Sequence[HubFile], wanted: str) -> Choice:
    """What `wanted` (a file, a quantisation, or "") means among these files. Raises HubFailure."""
    variants = find_variants(files)
    if variants:
        return _make_choice(*_choose_variant(repo, variants, wanted), repo)
    weights = [file for file in files if file.path.endswith(".safetensors") and "/" not in file.path]
    if not weights or not any(file.path == "config.json" for file in files):
        raise HubFailure(
            FailureCode.BAD_NAME,
            f"{repo} holds no model that could be run here: neither GGUF files nor MLX weights with a config.json.",
        )
    if wanted:
        raise HubFailure(
            FailureCode.NO_FILE, f"{repo} has no GGUF files, so no {wanted}; `{repo}` alone takes its MLX weights."
        )
    needed = [file for file in files if _MLX_NEEDS.fullmatch(file.path)]
    # Small ones first: what is missing of them shows early.
    return Choice(Form.MLX, tuple(sorted(needed, key=lambda file: (file.size, file.path))))


def _choose_variant(repo: str, variants: Sequence[Variant], wanted: str) -> tuple[Variant, str]:
    if not wanted:
        return _choose_usual(repo, variants)
    if wanted.lower().endswith(SUFFIX):
        found = [variant for variant in variants if _has_file(variant, wanted)]
    else:
        quant = wanted.upper()
        found = [each for each in variants if each.quant == quant]
        found = found or [each for each in variants if each.quant.removeprefix("UD-") == quant]
    if not found:
        raise HubFailure(FailureCode.NO_FILE, f"{repo} has no {wanted}. It has {_list(variants)}.")
    if len(found) > 1:
        raise HubFailure(FailureCode.AMBIGUOUS, f"{repo} has several {wanted}; name the file: {_list_files(found)}.")
    return found[0], ""


def _has_file(variant: Variant, wanted: str) -> bool:
    """By the whole path, or by its last part; any part of a split model stands for all."""
    name = wanted.lower()
    return any(name in (file.path.lower(), file.path.lower().rpartition("/")[2]) for file in variant.files)


def _choose_usual(repo: str, variants: Sequence[Variant]) -> tuple[Variant, str]:
    if len(variants) == 1:
        return variants[0], ""
    for quant in USUAL:
        found = [variant for variant in variants if variant.quant == quant]
        if len(found) == 1:
            others = [variant for variant in variants if variant is not found[0]]
            return found[0], f"{repo} has {len(variants)} quantisations: taking {quant}. Others: {_list(others)}"
    is_told_apart = len({variant.title for variant in variants}) == len(variants)
    named, one = (_list(variants), variants[0].title) if is_told_apart else (_list_files(variants), _name(variants[0]))
    raise HubFailure(FailureCode.AMBIGUOUS, f"{repo} has {named}; name one, as in {repo}:{one}.")


def _make_choice(variant: Variant, note: str, repo: str) -> Choice:
    if variant.missing:
        raise HubFailure(
            FailureCode.NO_FILE, f"{repo} lacks {variant.missing} of the parts of {variant.stem}: it can't be used."
        )
    return Choice(Form.GGUF, variant.files, note)


def _list(variants: Iterable[Variant]) -> str:
    named = [f"{each.title} ({each.size / 1e9:.2f} GB)" for each in variants]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + more


def _list_files(variants: Iterable[Variant]) -> str:
    return ", ".join([_name(each) for each in variants][:_MOST_NAMED])


def _name(variant: Variant) -> str:
    return variant.files[0].path

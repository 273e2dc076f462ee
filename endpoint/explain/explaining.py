"""From a remembered request to the reason why no more of it was reused. Pure; takes milliseconds for a long prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endpoint.cache.report import Shortfall
from endpoint.explain.explanation import Divergence, Explanation
from endpoint.explain.kinds import Kind
from endpoint.explain.reasons import Reason, find_reason
from endpoint.explain.records import Record
from endpoint.explain.texts import TOKEN_BYTES, Parting, common_tokens, part, unpack
from endpoint.explain.wording import make_sentence, tell_rest


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What shares `shared` tokens with the prompt, and goes on otherwise; `maker`: the request that it came from."""

    tokens: bytes
    shared: int
    maker: Record | None


def explain(record: Record, others: Sequence[Record]) -> Explanation:
    """`others`: the requests that are remembered beside it, the newest first."""
    candidate = _find_candidate(record, others)
    if candidate is None:
        return Explanation(record, Kind(record.shortfall.value), make_sentence(tell_rest(record)), None)
    parting = _part(record, candidate)
    maker = candidate.maker
    reason = find_reason(parting, maker.asker.asked if maker is not None else None, record.asker.asked)
    kind, summary = _conclude(record, reason)
    told = Divergence(
        candidate.shared,
        parting.at,
        parting.before,
        parting.earlier_behind,
        parting.new_behind,
        reason.place,
        reason.sentence,
        maker.asker.request_id if maker is not None else None,
    )
    return Explanation(record, kind, make_sentence(summary), told)


def _conclude(record: Record, reason: Reason) -> tuple[Kind, str]:
    detail = f" ({record.detail})" if record.detail else ""
    if record.shortfall is Shortfall.DIVERGED:
        return reason.kind, reason.sentence + detail
    if record.shortfall is Shortfall.NEW:
        return reason.kind, f"{tell_rest(record)}; beside the request before it, {reason.sentence}"
    if record.shortfall is Shortfall.UNCUTTABLE:
        return Kind.UNCUTTABLE, f"{tell_rest(record)}; {reason.sentence}"
    return Kind(record.shortfall.value), tell_rest(record)


def _find_candidate(record: Record, others: Sequence[Record]) -> _Candidate | None:
    """None where the prompt goes on behind all of it, or there is none."""
    alike = [other for other in others if other is not record and other.asker.model is record.asker.model]
    if record.tail and record.shared < record.prompt_tokens:
        tokens = record.prompt[: record.shared * TOKEN_BYTES] + record.tail
        return _Candidate(tokens, record.shared, _find_maker(tokens, record.shared, alike))
    if record.shortfall is not Shortfall.NEW:
        return None
    return _find_last(record, alike)


def _find_maker(tokens: bytes, shared: int, others: Sequence[Record]) -> Record | None:
    """The request whose prompt is the candidate's beginning: the one that has most of it, the newest of these."""
    best: tuple[int, Record | None] = (0, None)
    for other in others:
        depth = common_tokens(other.prompt, tokens)
        if depth > best[0] and (depth > shared or depth == other.prompt_tokens):
            best = (depth, other)
    return best[1]


def _find_last(record: Record, others: Sequence[Record]) -> _Candidate | None:
    """The conversation before, to compare with where nothing that is held has even the first token in common."""
    if record.asker.asked is None:
        return None
    for other in others:
        if other.asker.asked is not None and other.asker.at <= record.asker.at:
            shared = common_tokens(other.prompt, record.prompt)
            is_beginning = shared in (other.prompt_tokens, record.prompt_tokens)
            return None if is_beginning else _Candidate(other.prompt, shared, other)
    return None


def _part(record: Record, candidate: _Candidate) -> Parting:
    written = record.asker.model.tokenizer.written
    cut = candidate.shared * TOKEN_BYTES
    # What both begin with is read once: most of a long prompt.
    begin = b"".join(map(written, unpack(record.prompt[:cut])))
    earlier, new = (
        begin + b"".join(map(written, unpack(tokens[cut:]))) for tokens in (candidate.tokens, record.prompt)
    )
    return part(earlier.decode("utf-8", "replace"), new.decode("utf-8", "replace"))

"""What a chat template's text gives away of its model. Pure, and a guess: the endpoint, which tries the template out,
knows better once the model is loaded."""

from __future__ import annotations

import re

from tray.models.model import Capability

_TOOLS = re.compile(r"\btools\b|\btool_calls?\b|\bcustom_tools\b")
_REASONING = re.compile(
    r"</?think(?:ing)?>|\[/?THINK\]|<\|channel\|?>|<\|open\|>think|\benable_thinking\b|\breasoning_content\b"
    r"|\breasoning_effort\b|<seed:think>|<\|?inner_thoughts|<\|START_THINKING\|>|to=self"
)


def find_marks(template: str) -> tuple[Capability, ...]:
    """What the template's text speaks of: tools, reasoning."""
    marks = ((Capability.TOOLS, _TOOLS), (Capability.REASONING, _REASONING))
    return tuple(capability for capability, mark in marks if mark.search(template))

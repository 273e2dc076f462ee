"""Facts that no set-up may take for more than texts."""

from __future__ import annotations

from tray.clients.values import ClientFacts

TEXTS = (
    "plain",
    "two words",
    'it\'s "quoted" \\ and `ticked` $HOME $(id)',
    "line one\nline two\ttabbed",
    "ключ 模型 🦙 é",
    "a: b # c",
    "- item",
    "*/ // <!-- -->",
    "yes",
    "12",
    "~",
    "{x}",
    "\x7f\x85\u2028\ufeff end",
    "'''",
    "org/name:tag@1",
    "1:30",
    "a:b:c",
    "",
)
FACTS = tuple(ClientFacts(f"http://127.0.0.1:8001/{text}/v1", text, text or None, 4096) for text in TEXTS)
PLAIN = ClientFacts("http://127.0.0.1:8001/v1", "starter", None, 65536)
"""As an endpoint on this machine would have them."""

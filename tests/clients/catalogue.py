"""The clients that `make test-clients` runs, their versions pinned. docs/clients.md shows how each is set up."""

from __future__ import annotations

from tests.clients.client import Api, Client, Model, Registry

_WELL = "went well"
_TOOLS = "stream, usage, 2nd turn, tools"

LIBRARIES = (
    Client(
        "openai-python",
        Registry.PYPI,
        ("openai==3.54.0",),
        Api.CHAT,
        Model.STARTER,
        generations=4,
        script="openai_python.py",
        says=_WELL,
        checked=_TOOLS,
    ),
    Client(
        "openai-node",
        Registry.NPM,
        ("openai@6.49.0",),
        Api.CHAT,
        Model.STARTER,
        generations=3,
        script="openai_node.mjs",
        says=_WELL,
        checked=_TOOLS,
    ),
    Client(
        "langchain-openai",
        Registry.PYPI,
        ("langchain-openai==1.7.3",),
        Api.CHAT,
        Model.STARTER,
        generations=3,
        script="langchain_openai_chat.py",
        says=_WELL,
        checked=_TOOLS,
    ),
    Client(
        "pydantic-ai",
        Registry.PYPI,
        ("pydantic-ai-slim[openai]==2.68.0",),
        Api.CHAT,
        Model.STARTER,
        generations=2,
        script="pydantic_ai_chat.py",
        says=_WELL,
        checked=_TOOLS,
    ),
    Client(
        "litellm",
        Registry.PYPI,
        ("litellm==1.106.2",),
        Api.CHAT,
        Model.STARTER,
        generations=2,
        script="litellm_chat.py",
        says=_WELL,
    ),
    Client(
        "llama-index",
        Registry.PYPI,
        ("llama-index-llms-openai-like==0.8.1",),
        Api.CHAT,
        Model.STARTER,
        generations=3,
        script="llama_index_chat.py",
        says=_WELL,
    ),
    Client(
        "smolagents",
        Registry.PYPI,
        ("smolagents[openai]==1.26.0",),
        Api.CHAT,
        Model.STARTER,
        generations=2,
        script="smolagents_chat.py",
        says=_WELL,
    ),
    Client(
        "openai-agents",
        Registry.PYPI,
        ("openai-agents==0.24.0",),
        Api.CHAT,
        Model.STARTER,
        generations=2,
        script="openai_agents_chat.py",
        says=_WELL,
        checked=_TOOLS,
    ),
    Client(
        "ai-sdk",
        Registry.NPM,
        ("ai@6.0.326", "@ai-sdk/openai-compatible@2.0.91"),
        Api.CHAT,
        Model.STARTER,
        generations=2,
        script="ai_sdk.mjs",
        says=_WELL,
        checked=_TOOLS,
    ),
)
PROGRAMS = (
    Client("llm", Registry.PYPI, ("llm==0.36",), Api.CHAT, Model.SPEAKER, generations=2),
    Client("aider", Registry.PYPI, ("aider-chat==0.86.2",), Api.CHAT, Model.SPEAKER, generations=2),
    Client("pi", Registry.NPM, ("@mariozechner/pi-coding-agent@0.73.1",), Api.CHAT, Model.SPEAKER, generations=2),
    Client("opencode", Registry.NPM, ("opencode-ai@1.18.33",), Api.CHAT, Model.SPEAKER, generations=3),
    Client("continue", Registry.NPM, ("@continuedev/cli@1.5.47",), Api.CHAT, Model.SPEAKER, generations=2),
    Client(
        "qwen-code",
        Registry.NPM,
        ("@qwen-code/qwen-code@0.15.10",),
        Api.CHAT,
        Model.SPEAKER,
        generations=4,  # after each answer it asks once more, what of it to remember
        obeys_no_proxy=False,
    ),
    Client("copilot", Registry.NPM, ("@github/copilot@1.0.102",), Api.CHAT, Model.SPEAKER, generations=2),
)
CLIENTS = (*LIBRARIES, *PROGRAMS)

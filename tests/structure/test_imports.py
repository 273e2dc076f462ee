"""The one-way rule: who may import whom. docs/architecture.md tells why."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.structure.sources import Import, all_imports, imports_of

# All that the tray may import of endpoint/.
CONTRACTS = frozenset(
    f"endpoint.{name}" for name in ("app_contract", "contract", "hub_contract", "hub_names", "memory_limits")
)
# Plain values that pass between the layers; they know nothing above themselves.
VALUES = frozenset(
    f"endpoint.{name}"
    for name in (
        "addresses",
        "app_contract",
        "contract",
        "conversation",
        "hub_contract",
        "hub_names",
        "errors",
        "keycontent",
        "memory_limits",
        "output",
        "segments",
        "settings",
        "providers.base",
        "providers.constraint",
        "providers.infill",
        "providers.logprobs",
        "providers.options",
        "providers.embedding",
        "providers.file_draft",
        "providers.sampling_wish",
        "providers.saved_state",
        "providers.state_file",
        "providers.state_format",
        "cache.report",
        "engine.control",
        "engine.health",
        "engine.metrics",
        "engine.model",
        "engine.request",
        "engine.stream",
    )
)
# Arithmetic that every provider does alike, and the fake one's other files.
SHARED_BY_PROVIDERS = frozenset(
    {
        "endpoint.providers.acceptance",
        "endpoint.providers.chains",
        "endpoint.providers.chunks",
        "endpoint.providers.constrained",
        "endpoint.providers.costs",
        "endpoint.providers.counts",
        "endpoint.providers.drafts",
        "endpoint.providers.fairness",
        "endpoint.providers.fake_embedding",
        "endpoint.providers.fit",
        "endpoint.providers.fake_logprobs",
        "endpoint.providers.likelihood",
        "endpoint.providers.machine",
        "endpoint.providers.pooling",
        "endpoint.providers.fake_prefixes",
        "endpoint.providers.fake_rows",
        "endpoint.providers.fingerprint",
        "endpoint.providers.generation_config",
        "endpoint.providers.stops",
        "endpoint.providers.tally",
        "endpoint.providers.trust",
    }
)
# Layer -> the layers of ours it may import, besides itself and the values. Not listed: the entry points at the root of
# endpoint/, which tie everything together, and which nothing below imports.
MAY_IMPORT = {
    "providers": (),
    "cache": (),
    "text": (),
    "explain": (),
    "hub": (),
    "protocol": ("explain",),
    "engine": ("text", "cache"),
    "guards": ("protocol",),
    "routes": ("protocol", "text", "engine", "explain", "guards"),
}
# Library -> the one place of ours that may import it.
OWNED = {
    "pystray": "tray.shell",
    "llama_cpp": "endpoint.providers.llamacpp",
    "mlx": "endpoint.providers.mlx",
    "mlx_lm": "endpoint.providers.mlx",
    "llguidance": "endpoint.text.constraints",
}
WEB = ("fastapi", "starlette", "uvicorn")
HEAVY = (*WEB, "pydantic", "numpy", "httpx", "huggingface_hub", "llama_cpp", "mlx", "mlx_lm", "jinja2", "orjson")


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def breaks_layers(found: Import) -> bool:
    """Whether a file inside endpoint/ imports something above it, or beside it."""
    if not within(found.module, "endpoint") or found.module in VALUES:
        return False
    if found.importer in VALUES:
        return True
    layer = found.importer.split(".")[1]
    if layer not in MAY_IMPORT:
        return False
    return not any(within(found.module, f"endpoint.{name}") for name in (layer, *MAY_IMPORT[layer]))


def listing(found: list[Import]) -> str:
    return "\n".join(map(str, found))


def test_the_tray_imports_nothing_of_the_endpoint_but_its_contracts() -> None:
    wrong = [found for found in all_imports("tray") if within(found.module, "endpoint")]
    wrong = [found for found in wrong if found.module not in CONTRACTS]
    assert not wrong, listing(wrong)


def test_the_contracts_need_nothing_but_the_standard_library() -> None:
    wrong = [found for found in all_imports("endpoint") if found.importer in CONTRACTS]
    wrong = [found for found in wrong if found.module.split(".")[0] not in sys.stdlib_module_names]
    wrong = [found for found in wrong if found.module not in CONTRACTS]
    assert not wrong, listing(wrong)


def test_the_hub_child_and_the_server_do_not_know_each_other() -> None:
    """docs/adr/0017-hub-child.md"""
    inside = [found for found in all_imports("endpoint/hub") if within(found.module, "endpoint")]
    wrong = [found for found in inside if not within(found.module, "endpoint.hub") and found.module not in CONTRACTS]
    outside = [found for found in all_imports("endpoint") if not within(found.importer, "endpoint.hub")]
    wrong += [found for found in outside if within(found.module, "endpoint.hub")]
    assert not wrong, listing(wrong)


def test_the_tray_imports_no_heavy_library_anywhere() -> None:
    wrong = [found for found in all_imports("tray") if found.module.split(".")[0] in HEAVY]
    assert not wrong, listing(wrong)


def test_what_others_import_needs_nothing_but_the_standard_library() -> None:
    light = {"endpoint.client", "endpoint.contract", "endpoint.memory_limits"}
    found = [each for each in all_imports("endpoint") if each.importer in light]
    assert {each.importer for each in found} == light
    wrong = [each for each in found if each.module.split(".")[0] not in sys.stdlib_module_names]
    wrong = [each for each in wrong if each.module not in light]
    assert not wrong, listing(wrong)


def test_the_endpoint_never_imports_the_tray() -> None:
    wrong = [found for found in all_imports("endpoint") if within(found.module, "tray")]
    assert not wrong, listing(wrong)


def test_each_layer_of_the_endpoint_imports_only_what_is_below_it() -> None:
    wrong = [found for found in all_imports("endpoint") if breaks_layers(found)]
    assert not wrong, listing(wrong)


@pytest.mark.parametrize("layer", ["protocol", "text", "engine", "cache", "providers"])
def test_only_routes_guards_and_entry_points_know_the_web(layer: str) -> None:
    wrong = [found for found in all_imports(f"endpoint/{layer}") if found.module.split(".")[0] in WEB]
    assert not wrong, listing(wrong)


@pytest.mark.parametrize("library", OWNED)
def test_a_native_library_is_imported_in_one_place_only(library: str) -> None:
    users = [found for found in all_imports("tray", "endpoint") if within(found.module, library)]
    wrong = [found for found in users if not within(found.importer, OWNED[library])]
    assert not wrong, listing(wrong)


def test_the_providers_do_not_know_each_other() -> None:
    wrong = [
        found
        for found in all_imports("endpoint/providers")
        if within(found.module, "endpoint.providers")
        and found.module not in VALUES | SHARED_BY_PROVIDERS
        and found.importer != "endpoint.providers.registry"
        and found.importer.split(".")[:3] != found.module.split(".")[:3]
    ]
    assert not wrong, listing(wrong)


@pytest.mark.parametrize(
    ("importer", "module", "breaks"),
    [
        ("endpoint.text.stops", "endpoint.engine.engine", True),
        ("endpoint.protocol.sse", "endpoint.text.template", True),
        ("endpoint.settings", "endpoint.routes.chat", True),
        ("endpoint.providers.fake", "endpoint.app", True),
        ("endpoint.engine.loop", "endpoint.text.stops", False),
        ("endpoint.routes.chat", "endpoint.engine.engine", False),
        ("endpoint.text.prompt", "endpoint.engine.model", False),
        ("endpoint.app", "endpoint.routes.chat", False),
    ],
)
def test_the_layer_rule_itself_tells_right_from_wrong(importer: str, module: str, breaks: bool) -> None:
    assert breaks_layers(Import(importer, module, 1)) is breaks


def test_an_import_is_found_wherever_it_hides() -> None:
    source = "def late():\n    from endpoint import contract\n    import numpy.linalg\nfrom tray import menu, nothing\n"
    found = {(each.module, each.line) for each in imports_of(ast.parse(source), "somewhere")}
    assert found == {("endpoint.contract", 2), ("numpy.linalg", 3), ("tray.menu", 4), ("tray", 4)}

"""How things stand as plain data: what `traypoint status` tells, from the same state that the menu is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from endpoint.contract import HealthStatus
from tray.actions import HealthReport
from tray.downloads.words import describe_for_programs
from tray.menu.header import status_lines
from tray.options import Options
from tray.state import AppState, EndpointState, Failure

_STATES = {
    HealthStatus.LOADING: EndpointState.LOADING,
    HealthStatus.HEALTHY: EndpointState.READY,
    HealthStatus.FAILED: EndpointState.FAILED,
    HealthStatus.WEDGED: EndpointState.WEDGED,
    HealthStatus.STOPPING: EndpointState.STOPPING,
}


def describe_status(state: AppState) -> Mapping[str, object]:
    """The state as JSON has it. `lines` are the menu's first ones."""
    failure = state.failure
    return {
        "state": state.endpoint.value,
        "model": state.model_name,
        "provider": state.provider,
        "base_url": state.base_url,
        "port": state.port,
        "active": state.active,
        "queued": state.queued,
        "progress": state.progress,
        "unloaded": state.is_unloaded,
        "failure": {"reason": failure.reason, "advice": failure.advice} if failure else None,
        "retry_in_s": state.retry_in_s,
        "reverted": state.reverted.reason if state.reverted else None,
        "notice": state.notice,
        "lines": list(status_lines(state)),
        "figures": asdict(state.figures) if state.figures else None,
        "prompt_cache": asdict(state.cache) if state.cache else None,
        "downloads": [describe_for_programs(download) for download in state.downloads],
        "settings": _describe_settings(state),
        "hidden": state.is_hidden,
    }


def _describe_settings(state: AppState) -> Mapping[str, object]:
    """What is in force, whoever said it."""
    return {
        "model": state.ref.model,
        "host": state.host,
        **asdict(state.tuning),
        "idle_unload": state.idle_unload_s,
        "persist": state.saves_prompts,
        **asdict(state.preferences),
        "start_at_login": state.starts_at_login,
    }


def observe(options: Options, report: HealthReport) -> AppState:
    """An endpoint that no app runs, from one look at its /health: as the app would show it."""
    state = AppState(ref=options.ref, host=options.host, port=options.port)
    if report.status is None:
        return state
    busy = report.status is HealthStatus.HEALTHY and report.active + report.queued > 0
    return replace(
        state,
        endpoint=EndpointState.BUSY if busy else _STATES[report.status],
        model=report.model,
        progress=report.progress,
        active=report.active,
        queued=report.queued,
        failure=Failure(report.error) if report.error else None,
        figures=report.figures,
        is_unloaded=report.is_unloaded,
    )

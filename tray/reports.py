"""The half of the state machine that answers the child and the poller. Pure; see tray/machine.py.

Callers have checked that the report is about the child that is alive.
"""

from __future__ import annotations

from dataclasses import replace

from endpoint.contract import ExitCode, HealthStatus
from tray.actions import (
    CacheReport,
    ChildBindFailed,
    ChildExited,
    ChildListening,
    ChildReport,
    HealthReport,
    SpawnFailed,
)
from tray.backoff import GIVE_UP_AFTER
from tray.changes import find_way_back, go_back
from tray.effects import ChildEffect, Effect, Finish, RememberModel, ScheduleRetry, WatchHealth
from tray.exits import FATAL, describe_bind, describe_exit
from tray.lifecycle import Intent, Lifecycle, Step, begin, press, rest
from tray.state import EndpointState, Failure

SILENCE_SERVING_S = 20.0
SILENCE_LOADING_S = 120.0
"""How long no answer of /health is put up with. Loading may keep Python busy for a while; serving may not."""


def advance_report(life: Lifecycle, report: ChildReport, now: float) -> Step:
    """What follows from a report about the child that is alive."""
    if isinstance(report, HealthReport):
        return _see_health(life, report, now)
    if isinstance(report, CacheReport):
        return replace(life, app=replace(life.app, cache=report.figures)), ()
    if isinstance(report, ChildListening):
        app = replace(life.app, port=report.port)
        return replace(life, app=app), (WatchHealth(life.run, app.host, report.port),)
    if isinstance(report, ChildBindFailed):
        failure = describe_bind(report, life.app.host, life.app.port)
        return replace(life, app=replace(life.app, failure=failure)), ()
    after, effects = _see_gone(replace(life, alive=False), report, now)
    return after, (ChildEffect.FORGET, *effects)


def _see_health(life: Lifecycle, report: HealthReport, now: float) -> Step:
    if life.told is ChildEffect.DRAIN:
        return _see_draining(life, report)
    if life.intent is not Intent.NONE or life.app.failure:
        return life, ()  # on its way out: what it says of itself no longer counts
    match report.status:
        case HealthStatus.HEALTHY:
            return _serve(life, report, now)
        case HealthStatus.LOADING:
            app = replace(life.app, endpoint=EndpointState.LOADING, progress=report.progress)
            return replace(life, app=app), ()
        case HealthStatus.FAILED:
            return _see_failed(life, report)
        case HealthStatus.STOPPING:
            return life, ()
    why = _find_hang(life, report)
    return _see_wedged(life, why) if why else (life, ())


def _find_hang(life: Lifecycle, report: HealthReport) -> str:
    """Why it counts as hanging; empty where it doesn't."""
    if report.status is HealthStatus.WEDGED:
        return report.error or "the engine has stopped making progress"
    limit = SILENCE_LOADING_S if life.app.endpoint is EndpointState.LOADING else SILENCE_SERVING_S
    return "" if report.status or report.silent_s < limit else f"no answer from /health for {report.silent_s:.0f} s"


def _see_draining(life: Lifecycle, report: HealthReport) -> Step:
    """What is left to do before the switch; one that hangs meanwhile isn't waited for."""
    if _find_hang(life, report):
        return press(life, life.intent, ChildEffect.STOP)
    if report.status is None:
        return life, ()
    return replace(life, app=replace(life.app, active=report.active, queued=report.queued)), ()


def _serve(life: Lifecycle, report: HealthReport, now: float) -> Step:
    busy = report.active + report.queued > 0
    app = replace(
        life.app,
        endpoint=EndpointState.BUSY if busy else EndpointState.READY,
        model=report.model,
        progress=None,
        active=report.active,
        queued=report.queued,
        is_unloaded=report.is_unloaded,
        figures=report.figures,
    )
    if life.ready_at is not None:
        return replace(life, app=app), ()
    served = replace(life, app=app, has_served=True, ready_at=now, good=life.places, good_port=app.port)
    return served, (RememberModel(app.ref),)


def _see_failed(life: Lifecycle, report: HealthReport) -> Step:
    code = ExitCode.FAILURE if life.ready_at is not None else ExitCode.MODEL
    failure = Failure(report.error or "The endpoint failed and gave no reason.", exit_code=code)
    # What is going to be undone isn't shown as failed first.
    state = EndpointState.STOPPING if find_way_back(life) else EndpointState.FAILED
    app = replace(life.app, endpoint=state, failure=failure)
    return replace(life, app=app, told=ChildEffect.STOP), (ChildEffect.STOP,)


def _see_wedged(life: Lifecycle, why: str) -> Step:
    failure = Failure(f"The endpoint hangs: {why}")
    app = replace(life.app, endpoint=EndpointState.WEDGED, failure=failure)
    return replace(life, app=app, intent=Intent.RETRY, told=ChildEffect.STOP), (ChildEffect.STOP,)


def _see_gone(life: Lifecycle, report: ChildExited | SpawnFailed, now: float) -> Step:
    life = replace(life, app=replace(life.app, active=0, queued=0, progress=None, is_unloaded=False))
    if life.intent is Intent.QUIT:
        return rest(life)[0], (Finish(),)
    if life.intent is Intent.START_AGAIN:
        return begin(life)
    if life.intent is Intent.REST:
        return rest(life)
    if isinstance(report, SpawnFailed):
        return _judge(life, Failure(f"Can't start the endpoint: {report.text}"), now)
    failure = life.app.failure or describe_exit(report)
    if report.code in FATAL:
        failure = replace(failure, exit_code=report.code)
    return _judge(life, failure, now)


def _judge(life: Lifecycle, failure: Failure, now: float) -> Step:
    """A failed start is final, unless something else served before; a crash of what has served is worth another try,
    a few times."""
    good = find_way_back(life)
    if good is not None:
        return go_back(life, good, failure)
    if failure.exit_code in FATAL or not life.has_served:
        return _fail(life, failure)
    crashes = life.crashes.after_crash(0.0 if life.ready_at is None else now - life.ready_at)
    life = replace(life, crashes=crashes)
    if crashes.delay_s is None:
        advice = f"Not started again: {GIVE_UP_AFTER} crashes in a row. {failure.advice}"
        return _fail(life, replace(failure, advice=advice))
    app = replace(life.app, endpoint=EndpointState.FAILED, failure=failure, retry_in_s=crashes.delay_s)
    return replace(life, app=app, intent=Intent.NONE), (ScheduleRetry(life.run, crashes.delay_s),)


def _fail(life: Lifecycle, failure: Failure) -> Step:
    app = replace(life.app, endpoint=EndpointState.FAILED, failure=failure, retry_in_s=None)
    effects: tuple[Effect, ...] = (Finish(failure.exit_code),) if life.is_headless or app.is_hidden else ()
    return replace(life, app=app, intent=Intent.NONE), effects

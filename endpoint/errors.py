"""The endpoint's errors. Only app.py turns them into HTTP; only __main__.py turns them into exit codes.

EndpointError
├── LoadError                 the model can't be loaded            exit 3
├── ProviderUnavailable       unknown or not installed             exit 4
├── SettingsError             a flag or a variable makes no sense  exit 2
├── StateError                about a file that holds a saved prefix; logged, never a request's matter
│   ├── StateNotWritten       disk full, not allowed
│   └── StateUnusable         can't be read back; `fault` says why
└── RequestError              becomes an HTTP answer
    ├── InvalidRequest        400, names the parameter
    │   ├── ContextLengthExceeded
    │   └── InputTooLong      one to embed or tokenise
    ├── AccessDenied          403: a Host or an Origin that is not allowed, or a caller that isn't on this machine
    ├── KeyRequired           401: no API key, or not ours
    ├── BodyTooLarge          413
    ├── TemplateFailed        500: the model's chat template is broken, or does too much work
    ├── ModelNotFound         404, with --strict-model
    ├── PromptCacheRefused    400, 404, 501: the prompt cache's control plane, by AbstractCore's codes
    ├── StateNotKept          409: a prefix can't be saved, or there is no place to
    ├── NoApp                 409: no app started this endpoint, so nobody has downloads
    ├── ResponseNotFound      404: a response that isn't kept, or not any more
    ├── NotReady              503, Retry-After: the model is loading
    ├── Unavailable           503: failed, wedged or stopping
    ├── Draining              503, Retry-After: it ends once what was begun is done
    ├── Overloaded            503, Retry-After: the queue is full, or memory is short
    ├── DeadlineExceeded      408: its time was up before its answer was whole
    └── GenerationFailed      500: the provider gave up on this sequence
"""

from __future__ import annotations

from enum import StrEnum


class EndpointError(Exception):
    """Base of all; `str(error)` says what happened, where, and what to do, in one line."""


class LoadError(EndpointError):
    """The model is missing, damaged, or not one that the provider can run."""


class ProviderUnavailable(EndpointError):
    """The provider's name is unknown, or its library is not installed here."""


class SettingsError(EndpointError):
    """A flag or an environment variable can't be used."""


class StateFault(StrEnum):
    """Why a file of saved state can't be used."""

    MISSING = "missing"
    UNREADABLE = "unreadable"  # not allowed, or the disk fails
    NOT_OURS = "not ours"  # something else, or of another version of the format
    OTHER_FINGERPRINT = "other fingerprint"  # another model, template or library
    TORN = "torn"  # shorter or longer than it says
    CHECKSUM = "checksum"  # as long as it should be, but changed


class StateError(EndpointError):
    """About one file of saved state."""


class StateNotWritten(StateError):
    """The file could not be written; nothing is left of it."""


class StateUnusable(StateError):
    """The file can't be read back. The prefix it held has to be computed again; the file may be deleted."""

    def __init__(self, path: str, fault: StateFault, detail: str) -> None:
        super().__init__(f"The saved state in {path} can't be used ({fault}): {detail}. It will be computed again.")
        self.fault = fault


class RequestError(EndpointError):
    """An error with an HTTP answer. `kind` and `code` are OpenAI's `type` and `code`."""

    status = 500
    kind = "server_error"
    code: str | None = None
    param: str | None = None
    retry_after_s: int | None = None
    is_worth_retrying: bool | None = None  # None: the status says enough


class InvalidRequest(RequestError):
    """The request can't be served as sent; `param` names the field."""

    status = 400
    kind = "invalid_request_error"

    def __init__(self, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.param = param
        self.code = code


class ContextLengthExceeded(InvalidRequest):
    """The prompt doesn't fit; clients act on the code. Never truncated instead. Not `is_exact`: it has more tokens."""

    def __init__(self, prompt_tokens: int, context_tokens: int, param: str, *, at_least: bool = False) -> None:
        self.prompt_tokens, self.context_tokens, self.is_exact = prompt_tokens, context_tokens, not at_least
        count = f"at least {prompt_tokens}" if at_least else str(prompt_tokens)
        super().__init__(
            f"This model's context is {context_tokens} tokens, of which at least 1 is for the answer, "
            f"but the prompt has {count} tokens. Shorten the prompt, or start the endpoint with a larger "
            "--ctx-size if the model allows it.",
            param,
            "context_length_exceeded",
        )


class InputTooLong(InvalidRequest):
    """A text to embed or tokenise is too long; the code is a prompt's. Never truncated instead."""

    def __init__(self, length: int, longest: int, param: str, *, at_least: bool = False, unit: str = "tokens") -> None:
        count = f"at least {length}" if at_least else str(length)
        super().__init__(
            f"{param} has {count} {unit}, but at most {longest} can be taken at once here. Split it up.",
            param,
            "context_length_exceeded",
        )


class AccessDenied(RequestError):
    """The Host or Origin header names something that is not allowed here, or the caller isn't where it must be."""

    status = 403
    kind = "invalid_request_error"
    code = "access_denied"


class KeyRequired(RequestError):
    """The caller has to show the API key, and didn't, or showed another one."""

    status = 401
    kind = "invalid_request_error"
    code = "invalid_api_key"


class BodyTooLarge(RequestError):
    """The request's body is longer than the limit."""

    status = 413
    kind = "invalid_request_error"
    code = "request_too_large"


class TemplateFailed(RequestError):
    """The model's chat template can't be used: wrong in itself, or it does too much work."""

    status = 500
    code = "chat_template_failed"


class ModelNotFound(RequestError):
    """Strict mode only: the request names a model that is not the one served."""

    status = 404
    kind = "invalid_request_error"
    code = "model_not_found"
    param = "model"


class ResponseNotFound(RequestError):
    """There is no such response among those that are kept."""

    status = 404
    kind = "invalid_request_error"
    code = "response_not_found"
    param = "response_id"

    def __init__(self, response_id: str) -> None:
        super().__init__(
            f"No response {response_id!r} is kept here: it was never stored (`store: false`), deleted, pushed out by "
            "newer ones, or the endpoint was started anew."
        )


class PromptCacheRefused(RequestError):
    """The control plane can't do it; `code` is one of AbstractCore's."""

    kind = "invalid_request_error"

    def __init__(self, message: str, code: str, status: int, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.param = param


class StateNotKept(RequestError):
    """What was to be saved, or to be found again, can't be: the disk is off, full, or has nothing of it."""

    status = 409
    kind = "invalid_request_error"
    code = "prompt_cache_not_saved"


class NoApp(RequestError):
    """The wish is one for the app that started the endpoint, and there is none."""

    status = 409
    kind = "invalid_request_error"
    code = "no_app"


class NotReady(RequestError):
    """The model is still loading."""

    status = 503
    code = "model_loading"
    retry_after_s = 1


class Unavailable(RequestError):
    """The engine has failed, hangs, or is stopping."""

    status = 503
    code = "engine_unavailable"


class Draining(RequestError):
    """The endpoint takes nothing new: it ends, or starts anew, once what it has begun is done."""

    status = 503
    code = "endpoint_stopping"
    retry_after_s = 5

    def __init__(self) -> None:
        super().__init__(
            "The endpoint is stopping: it finishes what it has begun, takes nothing new, and is about to be restarted "
            "or to end. Try again soon."
        )


class Overloaded(RequestError):
    """The queue is full, or memory is short."""

    status = 503
    code = "overloaded"
    retry_after_s = 5


class DeadlineExceeded(RequestError):
    """The request's time was up; `standing` says how far it had come. Not a 5xx: it was the request's own wish, or the
    limit that it was told of."""

    status = 408
    kind = "timeout_error"
    code = "deadline_exceeded"
    is_worth_retrying = False

    def __init__(self, timeout_s: float, standing: str) -> None:
        super().__init__(
            f"The request's time of {timeout_s:g} s was up {standing}. Allow more (`timeout` in the request, "
            "--request-timeout at the start of the endpoint), or ask for less."
        )


class GenerationFailed(RequestError):
    """The provider could not go on with this sequence."""

    status = 500
    code = "generation_failed"

"""A client of Signalbox: publish and gate events of a platform, register its resources, verify webhooks."""

from ._errors import (
    BreaksFilters,
    Conflict,
    ConnectionFailed,
    FieldProblem,
    Forbidden,
    FunctionFailed,
    HookDenied,
    HookError,
    HookFailed,
    InvalidRequest,
    NotAnnounced,
    NotFound,
    PreconditionFailed,
    QuotaExceeded,
    SignalboxError,
    TaskTimeout,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnexpectedAnswer,
    ValidationError,
)
from ._retries import Retries, no_retries
from ._verbs import Agreement, Announced
from .aclient import AsyncClient
from .aio import AsyncEventService, AsyncHost
from .client import Client
from .events import Event, EventType, PublishedData, PublishResult, StartedTask
from .host import AsyncResult, EventService, Host
from .inbox import apublish_in, publish_in
from .operations import AsyncOperation, Operation
from .tasks import AsyncTask, Task
from .webhooks import Webhook, WebhookRefused, sign, verify

__all__ = [
    "Agreement",
    "Announced",
    "AsyncClient",
    "AsyncEventService",
    "AsyncHost",
    "AsyncOperation",
    "AsyncResult",
    "AsyncTask",
    "BreaksFilters",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "Event",
    "EventService",
    "EventType",
    "FieldProblem",
    "Forbidden",
    "FunctionFailed",
    "HookDenied",
    "HookError",
    "HookFailed",
    "Host",
    "InvalidRequest",
    "NotAnnounced",
    "NotFound",
    "Operation",
    "PreconditionFailed",
    "PublishResult",
    "PublishedData",
    "QuotaExceeded",
    "Retries",
    "SignalboxError",
    "StartedTask",
    "Task",
    "TaskTimeout",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "UnexpectedAnswer",
    "ValidationError",
    "Webhook",
    "WebhookRefused",
    "apublish_in",
    "no_retries",
    "publish_in",
    "sign",
    "verify",
]

"""Every setting there is, frozen, and the only home of defaults. Reads neither file nor environment by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretBytes, field_validator, model_validator

from jobrunner.config.addresses import hook_url, key_url, networks, on_this_machine, origins, site_url
from jobrunner.config.definition import DefinitionSettings
from jobrunner.config.folders import folder
from jobrunner.config.secret import key_file, secret, secrets
from jobrunner.config.section import Section
from jobrunner.config.values import (
    duration,
    faulty,
    flag,
    is_loopback,
    modules,
    number,
    one_of,
    own_routes,
    path,
    refused,
    size,
    some_of,
    text,
    whole,
)

MOST_SLOTS = 1_024
MOST_COUNTED = 1_000_000
_NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_NAME = text(_NAME_PATTERN, "a name of letters, digits and _ . -, at most 64 of them")
_HOST = text(r"[A-Za-z0-9.:_%-]+", '"localhost", an IP address or a host name')
_BASE_PATH = text(
    r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", 'nothing, or a path such as "/jobrunner", without a slash at its end'
)
_MOUNT = text(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+", 'a path such as "/examples", without a slash at its end')
_ALGORITHMS = some_of(
    r"[RPE]S(256|384|512)|EdDSA",
    "a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 and EdDSA, at least one of them",
    least=1,
)
_ALLOW = some_of(
    rf"read|submit(:{_NAME_PATTERN})?|cancel|retry|upload",
    'a list of "read", "submit", "submit:TYPE", "cancel", "retry" and "upload"',
)
_MEMBER = text(r"(?s)[^\0]{1,100}", "the name of a member, 1 to 100 characters")
_CLAIM = text(r".{1,1000}", "text of 1 to 1000 characters")
_USER = text(r"(?s).{1,200}", "the id of a user, 1 to 200 characters")


class ServerSettings(Section):
    """Say where and how HTTP is served."""

    host: Annotated[str, _HOST] = "127.0.0.1"
    port: Annotated[int, whole(0, 65_535)] = 8080  # 0: any free one
    base_path: Annotated[str, _BASE_PATH] = ""
    public_url: Annotated[str, site_url()] | None = None  # where others reach it, the base path included
    max_body: Annotated[int, size()] = 1_000_000
    max_bulk_body: Annotated[int, size()] = 32_000_000
    max_upload: Annotated[int, size()] = 200_000_000
    drain_timeout: Annotated[timedelta, duration(zero=True)] = timedelta(seconds=20)
    header_timeout: Annotated[timedelta, duration()] = timedelta(seconds=10)
    body_timeout: Annotated[timedelta, duration()] = timedelta(seconds=30)  # between two bytes, not for all of them
    trusted_proxies: Annotated[tuple[str, ...], networks()] = ()  # whose X-Forwarded-* are believed
    cors_origins: Annotated[tuple[str, ...], origins()] = ()  # as browsers write them, or just "*"
    insecure: Annotated[bool, flag()] = False


class AuthSettings(Section):
    """Say whose tokens are believed; API keys are, whatever stands here."""

    jwt_secrets: Annotated[tuple[SecretBytes, ...], secrets()] = ()  # two while rotating
    jwks_url: Annotated[str, key_url()] | None = None
    jwks_file: Annotated[Path, key_file()] | None = None
    algorithms: Annotated[tuple[str, ...], _ALGORITHMS] = ("RS256", "ES256", "EdDSA")  # of tokens signed by a JWKS key
    audience: Annotated[str, _CLAIM] = "jobrunner"
    issuer: Annotated[str, _CLAIM] | None = None  # None: any
    leeway: Annotated[timedelta, duration(zero=True, most="5m")] = timedelta(seconds=10)
    default_allow: Annotated[tuple[str, ...], _ALLOW] = ("read",)  # of a token without the claim `allow`
    token_ttl: Annotated[timedelta, duration()] = timedelta(hours=24)  # of the tokens that we issue, at most
    session_ttl: Annotated[timedelta, duration()] = timedelta(hours=12)

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        if self.jwks_url is not None and self.jwks_file is not None:
            raise faulty("only one of jwks_url and jwks_file can be given", "jwks_file")
        named = "jwks_url" if self.jwks_url is not None else "jwks_file"
        if getattr(self, named) is not None and find_spec("cryptography") is None:
            raise faulty('needs the package cryptography; install it by pip install "jobrunner[jwks]"', named)
        return self


class LimitSettings(Section):
    """Say how much one user, or one application, may have; None is no limit."""

    submissions_per_minute: Annotated[int, whole(1, MOST_COUNTED)] | None = None
    submissions_per_hour: Annotated[int, whole(1, MOST_COUNTED)] | None = None
    max_queued: Annotated[int, whole(1, 1_000_000_000)] | None = None
    open_streams: Annotated[int, whole(1, MOST_COUNTED)] | None = None
    upload_per_day: Annotated[int, size()] | None = None


class LimitsSettings(LimitSettings):
    """Hold the limits of everybody; in `users` None is what everybody has."""

    users: Mapping[Annotated[str, _USER], LimitSettings] = {}


class TypeLimitSettings(Section):
    """Say how much of one type each user, or application, may submit, besides all else; None is no limit."""

    submissions_per_minute: Annotated[int, whole(1, MOST_COUNTED)] | None = None
    submissions_per_hour: Annotated[int, whole(1, MOST_COUNTED)] | None = None


class RetentionSettings(Section):
    """Say how long a finished job is kept; None is for ever, `"never"` in the file."""

    completed: Annotated[timedelta | None, duration(zero=True, never=True)] = timedelta(days=30)
    failed: Annotated[timedelta | None, duration(zero=True, never=True)] = timedelta(days=90)
    cancelled: Annotated[timedelta | None, duration(zero=True, never=True)] = timedelta(days=7)


class StorageSettings(Section):
    """Say where jobs are kept, how safely and how long."""

    data_dir: Annotated[Path, path()] = Path("data")  # below the current directory unless absolute
    synchronous: Annotated[Literal["full", "normal"], one_of("full", "normal")] = "full"
    retention: RetentionSettings = RetentionSettings()
    upload_ttl: Annotated[timedelta, duration()] = timedelta(hours=24)  # for a job whose files do not arrive
    min_free: Annotated[int, size(least=0)] = 100_000_000  # with less left on the disk intake stops


class WorkerSettings(Section):
    """Say what is run and how much of it at once, all queues together."""

    imports: Annotated[tuple[str, ...], modules()] = ()
    concurrency: Annotated[int, whole(1, MOST_SLOTS)] = 8
    cancel_grace: Annotated[timedelta, duration(zero=True)] = timedelta(seconds=5)
    jobs_per_process: Annotated[int, whole(1, 1_000_000)] = 100  # then a worker process is replaced


class QueueSettings(Section):
    """Say how much of one queue runs at once, in which order, and how much may wait."""

    concurrency: Annotated[int, whole(1, MOST_SLOTS)] = 8
    seconds_per_priority: Annotated[int, whole(0, 1_000_000)] = 60
    strict_priority: Annotated[bool, flag()] = False
    fair: Annotated[bool, flag()] = True
    max_queued: Annotated[int, whole(1, 1_000_000_000)] = 100_000


class BackoffSettings(Section):
    """Override how long a failed job waits for its next attempt; None is what the decorator says."""

    first: Annotated[timedelta, duration(zero=True)] | None = None
    factor: Annotated[float, number(1, 100)] | None = None
    max: Annotated[timedelta, duration(zero=True)] | None = None
    jitter: Annotated[float, number(0, 1)] | None = None

    @model_validator(mode="after")
    def _first_below_max(self) -> Self:
        if self.first is not None and self.max is not None and self.first > self.max:
            raise refused(self.max, "a duration not below `first`", "max")
        return self


class TypeSettings(DefinitionSettings):
    """Override what the decorator says of one type, or define one; None is what the decorator says, or its default."""

    queue: Annotated[str, _NAME] | None = None
    timeout: Annotated[timedelta, duration()] | None = None  # one attempt
    deadline: Annotated[timedelta, duration()] | None = None  # the whole job
    max_attempts: Annotated[int, whole(1, 1_000_000)] | None = None
    max_manual_retries: Annotated[int, whole(0, 1_000_000)] | None = None
    backoff: BackoffSettings | None = None
    poll_interval: Annotated[timedelta, duration()] | None = None
    on_interrupt: Annotated[Literal["retry", "fail"], one_of("retry", "fail")] | None = None
    max_result: Annotated[int, size()] | None = None
    execution: Annotated[Literal["process"], one_of("process")] | None = None
    memory: Annotated[int, size()] | None = None  # of each process
    cpu_time: Annotated[timedelta, duration()] | None = None  # of each process, for one attempt
    limits: TypeLimitSettings | None = None
    routes: Annotated[tuple[str, ...], own_routes()] | None = None
    envelope: Annotated[str, _MEMBER] | None = None  # of what is sent to a route: the member that is the payload
    cache_ttl: Annotated[timedelta, duration(zero=True)] | None = None
    admission_url: Annotated[str, hook_url()] | None = None
    admission_secret: Annotated[SecretBytes, secret()] | None = None  # signs what is sent there
    admission_timeout: Annotated[timedelta, duration()] | None = None


class Settings(Section):
    """Hold everything that can be set; there is always a queue `default`. Without `auth` there are no rights."""

    server: ServerSettings = ServerSettings()
    auth: AuthSettings | None = None
    limits: LimitsSettings = LimitsSettings()
    storage: StorageSettings = StorageSettings()
    workers: WorkerSettings = WorkerSettings()
    queues: Mapping[Annotated[str, _NAME], QueueSettings] = Field(default={}, validate_default=True)
    types: Mapping[Annotated[str, _NAME], TypeSettings] = {}
    pages: Mapping[Annotated[str, _MOUNT], Annotated[Path, folder()]] = {}  # by the path under which they are served

    @field_validator("queues")
    @classmethod
    def _with_default(cls, queues: Mapping[str, QueueSettings]) -> Mapping[str, QueueSettings]:
        return {"default": QueueSettings(), **queues}

    @model_validator(mode="after")
    def _open_by_intent(self) -> Self:
        if self.auth is None and not self.server.insecure and not is_loopback(self.server.host):
            local = '"127.0.0.1", "::1" or "localhost"; anything else needs [auth], or --insecure to serve it unchecked'
            raise refused(self.server.host, local, "server", "host")
        return self

    @model_validator(mode="after")
    def _services_can_report(self) -> Self:
        for type_ in self.types.values():
            if type_.url is not None and self.server.public_url is None and not on_this_machine(type_.url):
                raise faulty("is needed: a service on another machine has to reach this one", "server", "public_url")
        return self

    @model_validator(mode="after")
    def _queues_exist(self) -> Self:
        for name, type_ in self.types.items():
            if type_.queue is not None and type_.queue not in self.queues:
                known = ", ".join(self.queues)
                raise refused(type_.queue, f"{known}; another needs its [queues.{type_.queue}]", "types", name, "queue")
        return self

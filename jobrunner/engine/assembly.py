"""The parts of an engine, put together: who hands what to whom. It starts nothing and moves no job."""

from __future__ import annotations

import asyncio

from jobrunner.config import Settings
from jobrunner.engine.admissions import Admissions
from jobrunner.engine.allowance import Allowance
from jobrunner.engine.attempt_tokens import AttemptTokens
from jobrunner.engine.attempts import Attempts
from jobrunner.engine.cache import Cache
from jobrunner.engine.callbacks import Callbacks
from jobrunner.engine.changes import Changes
from jobrunner.engine.children import Children
from jobrunner.engine.clock import Clock
from jobrunner.engine.delays import Delays
from jobrunner.engine.dependencies import Dependencies
from jobrunner.engine.dispatcher import Dispatcher, settings_of
from jobrunner.engine.estimates import Estimates, work_of
from jobrunner.engine.execution.assignment import Means
from jobrunner.engine.execution.calls import Calls
from jobrunner.engine.execution.process import check_limits, modules_of
from jobrunner.engine.execution.survivors import Mark
from jobrunner.engine.execution.thread import Threads
from jobrunner.engine.execution.workers import Workers
from jobrunner.engine.gate import Gate
from jobrunner.engine.idempotency import Idempotency
from jobrunner.engine.intake import Intake
from jobrunner.engine.lifecycle import Lifecycle
from jobrunner.engine.limits import Limits
from jobrunner.engine.live import Table
from jobrunner.engine.outcome import Outcome
from jobrunner.engine.pauses import Pauses
from jobrunner.engine.pool import Pool
from jobrunner.engine.recent import Recent
from jobrunner.engine.registry import Registry
from jobrunner.engine.release import Release
from jobrunner.engine.reload import Reload
from jobrunner.engine.retention import Retention
from jobrunner.engine.running import Running
from jobrunner.engine.site import Site
from jobrunner.engine.templates import Templates
from jobrunner.engine.watchdog import Watchdog
from jobrunner.storage.database import Database
from jobrunner.storage.files import Files
from jobrunner.storage.reader import Reader
from jobrunner.storage.secret import own_secret
from jobrunner.storage.sleeping import Sleeping
from jobrunner.storage.workdirs import Workdirs
from jobrunner.storage.writer import Writer


class Assembly:
    """Hold the parts of an engine on one data directory."""

    def __init__(self, settings: Settings, registry: Registry, database: Database, clock: Clock) -> None:
        """Put the engine together; `Runner.open` is the way to one that runs."""
        self.settings = settings
        self.registry = registry
        self.clock = clock
        self.database = database
        self.changes = Changes()
        self.table = Table()
        self.files = Files(database.path)
        self.writer = Writer(database.writing, database.head, database.marker)
        self.reader = Reader(database.reading, self.writer)
        self.recent = Recent(self.reader)
        self.watchdog = Watchdog()
        self.died: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self.stopped = False
        self.reloading: Reload | None = None
        self._assemble()

    def _assemble(self) -> None:
        settings, clock = self.settings, self.clock
        sleeping = self._sleeping = Sleeping(self.writer)
        allowance = self.allowance = Allowance(settings)
        counts = allowance.bounds_queued
        release = self.release = Release(self.writer, self.changes, self.recent, self.table, count_users=counts)
        lifecycle = self.lifecycle = Lifecycle(self.writer, sleeping, self.table, release)
        of_queue = settings_of(settings.queues)
        slots, grace_s = settings.workers.concurrency, settings.workers.cancel_grace.total_seconds()
        self.pool = Pool(slots, lambda name: of_queue(name).concurrency, self._ended, self._freed)
        self.dispatcher = Dispatcher(clock, self.writer, sleeping, self.table, self.pool, of_queue, lifecycle.claim)
        self.estimates = Estimates(clock, work_of(self.pool, self.dispatcher), release.queued_types)
        ttl_ms = round(settings.storage.upload_ttl.total_seconds() * 1000)
        self.intake = Intake(self.registry, self.dispatcher, settings.queues, ttl_ms)
        self.idempotency = Idempotency(clock, self.reader, self.writer)
        self._assemble_kin()
        self.means = self._assemble_means()
        self.attempts = Attempts(clock, self.table, self.registry, self.means, self.pool, self.estimates, grace_s)
        self.pauses = Pauses(clock, self.writer, self.dispatcher)
        self.delays = Delays(clock, sleeping, lifecycle.wake)
        release.dispatcher, release.attempts, release.delays = self.dispatcher, self.attempts, self.delays
        self.attempts.lifecycle = lifecycle
        free, files, queued, queued_of = settings.storage.min_free, self.files, release.queued, release.queued_of
        self.gate = Gate(clock, self.writer, files, free, of_queue, queued, allowance, queued_of)
        self.callbacks = Callbacks(self.table, self.attempts, self.changes, self.recent, self.reader, self.means.tokens)
        self.limits = Limits(clock, self.reader, allowance)
        self.cache = Cache(clock, self.reader, self.registry)
        self.admissions = Admissions(clock, self.registry)
        self.templates = Templates(clock, self.reader, self.writer)
        self.retention = Retention(clock, self.writer, self.files, self.table, self.recent, settings.storage.retention)

    def _assemble_means(self) -> Means:
        """Put together what attempts use."""
        directory = self.database.path
        self.site = Site(self.settings.server.public_url)
        tokens = AttemptTokens(lambda: own_secret(directory))
        check_limits(self.registry)
        mark, modules = Mark.of(directory), modules_of(self.registry)
        workers = Workers(self.clock, mark, self.settings.workers.jobs_per_process, modules)
        return Means(
            self.files, Workdirs(directory), Threads(), self.children.of, self.site, tokens, Calls(), mark, workers
        )  # fmt: skip

    def _assemble_kin(self) -> None:
        """Put together what jobs have to do with one another."""
        lifecycle, sleeping, release = self.lifecycle, self._sleeping, self.release
        self.dependencies = Dependencies(self.clock, sleeping, lifecycle.depended)
        self.children = Children(
            self.clock, self.table, sleeping, self.recent, self.intake, self.idempotency, lifecycle.cancel_child
        )
        release.dependencies, release.children = self.dependencies, self.children
        self.writer.on_well = self._go_on

    def _go_on(self) -> None:
        """Do what could not be done while the disk was ill."""
        self.dispatcher.pump()
        self.dependencies.look_again()
        self.children.look_again()

    def _ended(self, running: Running, outcome: Outcome) -> None:
        self.attempts.ended(running, outcome)
        self.dispatcher.pump()  # a suspect that was fenced no longer keeps the others from beginning

    def _freed(self, running: Running) -> None:
        self.attempts.returned(running)
        self.dispatcher.pump()

"""From settings to parts: how the engine's pieces are made, each in one place."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vext_desktop.assembly.service import chosen_service, create_service_host, service_model
from vext_desktop.documents.chunker import ChunkRules
from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.documents.scanner import ScanRules
from vext_desktop.documents.section import ReadLimits
from vext_desktop.embedding.default_model import DEFAULT_MODEL_NAME, find_model, verify_default
from vext_desktop.embedding.factory import EmbedderChoice
from vext_desktop.embedding.host import EmbedderHost
from vext_desktop.embedding.model_card import ModelCard, read_model_card
from vext_desktop.embedding.model_folder import ModelFiles
from vext_desktop.embedding.process_host import HostTimeouts, ProcessHost
from vext_desktop.embedding.service_host import StopRelay
from vext_desktop.embedding.service_models import service_card
from vext_desktop.embedding.thread_host import ThreadHost
from vext_desktop.index.folder_patterns import read_folder_patterns
from vext_desktop.index.ledger import Ledger
from vext_desktop.memory.budget import Budget, measure_budget
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.run_record import RunKind
from vext_desktop.memory.run_record_context import read_context
from vext_desktop.memory.run_recorder import RunRecorder
from vext_desktop.memory.warnings import WarningWatch
from vext_desktop.paths import Paths
from vext_desktop.readings import ProcessRole
from vext_desktop.settings import Settings
from vext_desktop.supervision.parent import ChildProcess
from vext_desktop.supervision.priority import lower_priority

MB = 1_000_000
# Part of the index key: rows made by an older way of cutting text are made again.
CHUNKER_VERSION = 1


def find_verified_model(settings: Settings, paths: Paths) -> ModelFiles:
    """The chosen model; the shipped one only with the weights that we know.

    Raises:
        ModelError: It is missing, unusable or changed.
        VextError: It is a service's, and nothing is known of it yet; see `service_model`.
    """
    service = chosen_service(settings)
    if service is not None:
        return service_model(service, paths)
    files = find_model(settings.model)
    if files.name == DEFAULT_MODEL_NAME:
        verify_default(files.folder, paths.verified_models)
    return files


def create_host(
    settings: Settings,
    paths: Paths,
    model: ModelFiles,
    monitor: MemoryMonitor,
    relay: StopRelay,
    on_loaded: Callable[[], object],
) -> EmbedderHost:
    """The engine, in a process of its own or in the calling thread; not started yet.

    `on_loaded` is called when a model has been loaded into this process.
    """

    def on_started(child: ChildProcess) -> None:
        _register(settings, monitor, ProcessRole.ENGINE, child)

    def on_ended() -> None:
        monitor.unregister(ProcessRole.ENGINE)

    def on_reading(reading: dict[str, Any]) -> None:
        monitor.post(ProcessRole.ENGINE, reading)

    if model.service is not None:
        return create_service_host(
            settings, paths, model, model.service, relay, on_started, on_ended, on_reading
        )
    choice = EmbedderChoice(
        engine=settings.engine,
        model_folder=str(model.folder),
        model_name=model.name,
        prepared_models=str(paths.prepared_models),
        threads=settings.engine_threads,
        device=settings.device,
    )
    if settings.isolation == "thread":
        return ThreadHost(choice, on_loaded)
    return ProcessHost(
        choice,
        HostTimeouts(settings.engine_start_timeout_s, settings.batch_timeout_s),
        paths.logs / "engine.log",
        relay.cancelled,
        on_started,
        on_ended,
        on_reading,
    )


def is_torch_here(settings: Settings) -> bool:
    """Whether torch is to compute in this process."""
    return settings.isolation == "thread" and settings.engine == "torch"


def create_reader(
    settings: Settings, paths: Paths, monitor: MemoryMonitor, cancelled: threading.Event
) -> ReaderHost:
    """The reader; its process starts when the first file is read."""
    limits = ReadLimits(
        max_file_bytes=settings.max_file_mb * MB,
        max_pages=settings.max_pages,
        max_characters=settings.max_characters,
        memory_bytes=settings.reader_memory_mb * MB,
        max_expansion=settings.max_expansion,
        max_members=settings.max_members,
        max_depth=settings.max_depth,
        ocr_languages=settings.ocr_languages if settings.ocr == "tesseract" else "",
    )
    return ReaderHost(
        limits,
        settings.reader_timeout_s,
        paths.logs / "reader.log",
        cancelled,
        on_started=lambda child: _register(settings, monitor, ProcessRole.READER, child),
        on_ended=lambda: monitor.unregister(ProcessRole.READER),
    )


def chunk_rules(settings: Settings, card: ModelCard | None) -> ChunkRules:
    """How text is cut for this model; by characters alone where nothing is known of it."""
    if card is None:
        return ChunkRules(settings.chunk_size, settings.chunk_overlap)
    return ChunkRules(
        size=settings.chunk_size,
        overlap=settings.chunk_overlap,
        max_tokens=card.max_tokens,
        tokenizer_file=str(card.tokenizer_file or ""),
        max_bytes=card.max_bytes,
    )


def index_key(settings: Settings, model: ModelFiles) -> str:
    """Names what rows depend on; a file whose rows have another key is read again."""
    limit = 0 if settings.provider == "huggingface" else settings.service_max_tokens
    chunker = f"chunker {CHUNKER_VERSION}{f', {limit} tokens' if limit else ''}"
    return f"{model.name}|{chunker}|{settings.chunk_size}|{settings.chunk_overlap}"


def scan_rules(settings: Settings, ledger: Ledger | None = None) -> ScanRules:
    """What scanning leaves out; the ledger knows what of single folders."""
    return ScanRules(
        include_hidden=settings.include_hidden,
        skip_folders=frozenset(settings.skip_folders),
        max_file_bytes=settings.max_file_mb * MB,
        patterns=settings.ignore_patterns,
        folder_patterns=() if ledger is None else read_folder_patterns(ledger),
        one_file_system=settings.one_file_system,
    )


def warning_watch(settings: Settings) -> WarningWatch:
    """The three warnings of the ancestor's write-up."""
    return WarningWatch(
        settings.warn_rss_mb * MB,
        settings.warn_native_growth_mb * MB,
        settings.warn_heap_growth_mb * MB,
    )


def budget_now(settings: Settings, used_bytes: int) -> Budget:
    """The budget as things stand, given what our processes use together."""
    return measure_budget(
        settings.memory_cap_mb * MB, settings.memory_share, settings.soft_share, used_bytes
    )


def run_recorder(
    settings: Settings, paths: Paths, kind: RunKind, monitor: MemoryMonitor
) -> RunRecorder:
    """Keeps a run that begins now."""
    budget = budget_now(settings, monitor.read().rss_bytes)
    context = read_context(settings, budget.limit_bytes, budget.soft_bytes, budget.owner)
    return RunRecorder(kind, paths.runs, context)


def model_card(model: ModelFiles) -> ModelCard:
    """What the model's files say of it, or what is known of a service's model."""
    if model.service is not None:
        return service_card(model.service, model.dimension)
    return read_model_card(Path(model.folder))


def _register(
    settings: Settings, monitor: MemoryMonitor, role: ProcessRole, child: ChildProcess
) -> None:
    if child.pid is not None:
        if settings.engine_priority == "low":
            lower_priority(child.pid)
        monitor.register(role, child.pid, child.monitor)

"""What holds for every test: folders of its own, and nothing left behind that it did not name."""

import contextlib
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from vext_desktop.paths import Paths

# Set before any test imports Qt: the tests must pass on a machine without a display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

GRACE_S = 2.0
PRESET_VARIABLES = {
    "EMBEDDING_PROVIDER", "CHUNK_SIZE", "CHUNK_OVERLAP",
    "OPENAI_API_KEY", "COHERE_API_KEY", "CO_API_KEY", "OLLAMA_API_KEY",
}  # fmt: skip
# Variables that libraries and the program set on purpose, once, when they are first imported.
IMPORT_VARIABLES = (
    "PYTEST_",  # pytest names the test in hand
    "KMP_",  # scikit-learn, through sentence-transformers
    "TORCHINDUCTOR_",  # torch
    "PYSIDE6_",  # PySide6
    "QT_",  # pyqtgraph and pytest-qt
    "HF_",  # the torch engine keeps the hub offline
    "TRANSFORMERS_",  # the same
    "TOKENIZERS_",  # tokenizers
    "LANCEDB_",  # the store quietens LanceDB's log
)
# Threads of libraries that live as long as the process.
LIBRARY_THREADS = ("LanceDBBackgroundEventLoop",)


@pytest.fixture(autouse=True)
def _environment_stays() -> Iterator[None]:
    """Fail a test that changes the environment for those after it."""
    before = dict(os.environ)
    yield
    after = dict(os.environ)
    names = sorted(name for name in before | after if before.get(name) != after.get(name))
    left = [name for name in names if not name.startswith(IMPORT_VARIABLES)]
    for name in left:
        os.environ.pop(name, None)
        if name in before:
            os.environ[name] = before[name]
    if left:
        pytest.fail(f"the test changed these environment variables: {', '.join(left)}")


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Apart from the other folders: pytest goes through all beside a new one for its number."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def _hermetic(_environment_stays: None, homes: Path) -> Iterator[None]:
    """Give the test a home, a data folder and a current folder of its own."""
    place = Path(tempfile.mkdtemp(dir=homes))
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name in PRESET_VARIABLES or name.startswith(("VEXT_", "XDG_")):
                patch.delenv(name)
        patch.setenv("HOME", str(place))
        patch.setenv("USERPROFILE", str(place))
        patch.setenv("VEXT_DATA_DIR", str(place / "vext-data"))
        patch.chdir(place)
        yield


@pytest.fixture(scope="session")
def prepared_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the onnx engine keeps what it prepares, once for all tests."""
    return tmp_path_factory.mktemp("prepared")


@pytest.fixture(autouse=True)
def _models_are_prepared_once(prepared_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lend that folder to each data folder; preparing a model anew takes seconds."""
    create = Paths.create

    def create_and_lend(paths: Paths) -> None:
        create(paths)
        with contextlib.suppress(FileExistsError):  # also from another thread meanwhile
            paths.prepared_models.symlink_to(prepared_models, target_is_directory=True)

    monkeypatch.setattr(Paths, "create", create_and_lend)


@pytest.fixture(autouse=True)
def _nothing_left_running(_hermetic: None) -> Iterator[None]:
    """Fail a test that leaves a thread or a child process behind, naming it."""
    threads = set(threading.enumerate())
    children = _find_children()

    def find_left() -> list[str]:
        new_threads = set(threading.enumerate()) - threads
        new_children = _find_children() - children
        return [_describe_thread(t) for t in new_threads if t.name not in LIBRARY_THREADS] + [
            description for child in new_children if (description := _describe_child(child))
        ]

    yield
    if left := _wait_for_none(find_left):
        pytest.fail("the test left behind: " + "; ".join(left))


@pytest.fixture
def expected_warnings() -> Iterator[list[logging.LogRecord]]:
    """What "vext.*" logs at WARNING or above; a test that asks for this may cause some."""
    with _kept_warnings() as records:
        yield records


@pytest.fixture(autouse=True)
def _no_unexpected_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs a warning on "vext.*" without asking for `expected_warnings`."""
    with _kept_warnings() as records:
        yield
    if records and "expected_warnings" not in request.fixturenames:
        said = "; ".join(f"{record.name}: {record.getMessage()}" for record in records)
        pytest.fail(f"unexpected in the log: {said}")


@contextlib.contextmanager
def _kept_warnings() -> Iterator[list[logging.LogRecord]]:
    records: list[logging.LogRecord] = []
    handler = _KeepingHandler(records)
    logging.getLogger("vext").addHandler(handler)
    yield records
    logging.getLogger("vext").removeHandler(handler)


class _KeepingHandler(logging.Handler):
    """Appends each record of WARNING or above to a list."""

    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.WARNING)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


def _wait_for_none(find_left: Callable[[], list[str]]) -> list[str]:
    deadline = time.monotonic() + GRACE_S
    while (left := find_left()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def _find_children() -> set[psutil.Process]:
    """Every process below ours; the look through all of the system's only where there is any."""
    if hasattr(os, "waitid"):
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return set()
    return set(psutil.Process().children(recursive=True))


def _describe_thread(thread: threading.Thread) -> str:
    target = getattr(thread, "_target", None)
    code = getattr(target, "__code__", None)
    place = f" running {code.co_filename}:{code.co_firstlineno}" if code else ""
    return f"thread {thread.name!r}{place}"


def _describe_child(child: psutil.Process) -> str:
    """Name a process; empty when it has ended, whether or not it was waited for."""
    try:
        if child.status() == psutil.STATUS_ZOMBIE:
            return ""
        return f"process {child.pid}: {' '.join(child.cmdline())[:200]}"
    except psutil.NoSuchProcess:
        return ""

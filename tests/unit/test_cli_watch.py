"""`index --watch` goes on until it is told to stop, and asks for a run only where it matters."""

import threading
from collections.abc import Callable, Generator

from vext_desktop.cli.watching import keep_watching
from vext_desktop.documents.touched import Touched
from vext_desktop.index.touch_list import Touches
from vext_desktop.settings import Settings

PLACE = Touched("/docs/Reports")


class ScriptedWatch:
    """Has one thing to say after the other, and stops the program when nothing is left."""

    def __init__(self, script: list[Touches], stopped: threading.Event, trouble: str) -> None:
        self.trouble = trouble
        self.roots: list[str] = []
        self.is_closed = False
        self._script = script
        self._stopped = stopped

    def watch(self, roots: tuple[str, ...]) -> None:
        self.roots = list(roots)

    def minutes_between_looks(self, wanted: int) -> int:
        return wanted

    def take(self) -> Touches | None:
        if not self._script:
            self._stopped.set()
            return None
        return self._script.pop(0)

    def due_in_s(self) -> float | None:
        return None

    def close(self) -> None:
        self.is_closed = True


class ScriptedEngine:
    def __init__(
        self, watch: ScriptedWatch, changes: list[tuple[tuple[Touched, ...], ...]]
    ) -> None:
        self.settings = Settings()
        self.scripted = watch
        self._changes = changes

    def create_watch(self, on_begun: Callable[[], None]) -> ScriptedWatch:
        return self.scripted

    def root_paths(self) -> tuple[str, ...]:
        return ("/docs",)

    def find_changes(
        self, touches: Touches, stopped: threading.Event
    ) -> Generator[None, None, tuple[tuple[Touched, ...], ...]]:
        yield
        return self._changes.pop(0)


def watch(
    changes: list[tuple[tuple[Touched, ...], ...]], trouble: str = ""
) -> tuple[list[tuple[Touched, ...]], list[str], ScriptedWatch]:
    stopped, said = threading.Event(), []
    script = [Touches((PLACE,)) for _ in changes]
    engine = ScriptedEngine(ScriptedWatch(script, stopped, trouble), changes)
    found = list(keep_watching(engine, stopped, said.append))  # type: ignore[arg-type]
    return found, said, engine.scripted


def test_a_run_is_asked_for_where_something_is_different() -> None:
    root = Touched("/docs", is_deep=True)
    found, said, scripted = watch([(), ((PLACE,),), ((root,), (PLACE,))])
    assert found == [(PLACE,), (root,), (PLACE,)]
    assert scripted.roots == ["/docs"]
    assert scripted.is_closed
    assert said == ["Watching the folders of the index. Press Ctrl-C to end."]


def test_what_cannot_be_watched_is_told_once() -> None:
    _, said, _ = watch([(), ()], trouble="There are too many.")
    assert said[1:] == ["There are too many."]

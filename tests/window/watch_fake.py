"""A hand-made folder watch, for the fake engine of the window tests."""

from collections.abc import Callable, Sequence

from vext_desktop.index.touch_list import Touches


class FakeWatch:
    """Watches nothing; `touch` says what a real one would say."""

    def __init__(self, on_begun: Callable[[], None], rules: object) -> None:
        self.rules = rules
        self.trouble = ""
        self.missing: tuple[str, ...] = ()
        self.roots: list[str] = []
        self.is_closed = False
        self.everything = 0
        self._on_begun = on_begun
        self._touches: Touches | None = None

    def touch(self, touches: Touches) -> None:
        self._touches = touches
        self._on_begun()

    def touch_everything(self) -> None:
        self.everything += 1
        self.touch(Touches(everything=True))

    def watch(self, roots: Sequence[str]) -> None:
        self.roots = list(roots)

    def minutes_between_looks(self, wanted: int) -> int:
        return wanted

    def due_in_s(self) -> float | None:
        return None if self._touches is None else 0.0

    def take(self) -> Touches | None:
        touches, self._touches = self._touches, None
        return touches

    def close(self) -> None:
        self.is_closed = True

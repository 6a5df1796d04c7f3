"""An answer that is not waited for yet."""

from vext_desktop.errors import ChildDiedError, ChildError, ChildHungError, ChildReplyError
from vext_desktop.supervision.channel import Header
from vext_desktop.supervision.parent import ChildProcess


class AnswerAhead:
    """The answer to what was posted to a child, or how it failed, kept until it is taken.

    Args:
        child: Whom something was posted to; nothing else may be asked of it before `land`.
        timeout_s: How long the answer may take, counted from `land`, in seconds.
    """

    def __init__(self, child: ChildProcess, timeout_s: float) -> None:
        self._child = child
        self._timeout_s = timeout_s
        self.answer: tuple[Header, bytes] | None = None
        self.failure: ChildError | None = None

    @property
    def has_landed(self) -> bool:
        """Whether there is nothing to wait for any more."""
        return self.answer is not None or self.failure is not None

    @property
    def has_ended_child(self) -> bool:
        """Whether the child is gone instead of having answered."""
        return isinstance(self.failure, ChildDiedError | ChildHungError)

    def land(self) -> None:
        """Wait for the answer and keep it, or how the child failed to give one.

        Raises:
            CancelledError: The program is closing; the child has been killed.
        """
        try:
            self.answer = self._child.await_answer(timeout_s=self._timeout_s)
        except (ChildDiedError, ChildHungError, ChildReplyError) as error:
            self.failure = error

    def give_up(self) -> None:
        """The child is ended: there will be no answer, if there is none yet."""
        if not self.has_landed:
            self.failure = ChildDiedError(self._child.role, None)

    def take(self) -> tuple[Header, bytes]:
        """The answer that has landed.

        Raises:
            ChildError: What came instead of it.
        """
        if self.failure is not None:
            raise self.failure
        if self.answer is None:
            raise RuntimeError("the answer has not landed")
        return self.answer

"""How long a run puts up with a service that does not do its work."""

import random
from collections.abc import Callable, Iterator

from vext_desktop.errors import CancelledError, ServiceError
from vext_desktop.events.services import ServiceAwaited

FIRST_WAIT_S = 1.0
LONGEST_BACKOFF_S = 60.0
# Who asks for more is not waited for: the run halts, and goes on when it is asked to.
LONGEST_WAIT_S = 300.0
# Between two looks at whether somebody has asked to stop.
_STEP_S = 0.5


class ServicePatience:
    """Waits between tries, each time about twice as long, or as long as the service asks for.

    Args:
        tries: How often a request is made in all.
        given_up: Whether the run was stopped.
        chance: From 0 to 1: programs that failed together are not to come back together.
    """

    def __init__(
        self,
        tries: int,
        given_up: Callable[[], bool] = lambda: False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._tries = tries
        self._given_up = given_up
        self._chance = chance

    def wait(self, error: ServiceError, attempt: int) -> Iterator[ServiceAwaited]:
        """Wait in short steps for the next try.

        Args:
            error: How the last one failed.
            attempt: Which one that was, from 1.

        Raises:
            ServiceError: There is no next try.
            CancelledError: The run was stopped meanwhile.
        """
        if not error.may_pass:
            raise _last_word(error, "") from error
        if attempt >= self._tries:
            raise _last_word(error, f" It was asked {attempt} times.") from error
        wait_s = self._wait_s(error, attempt)
        if wait_s > LONGEST_WAIT_S:
            minutes = round(wait_s / 60)
            said = f" It asks to be left alone for {minutes} minutes."
            raise _last_word(error, said) from error
        while wait_s > 0:
            if self._given_up():
                raise CancelledError("Stopped while waiting for the service.")
            pause_s = min(wait_s, _STEP_S)
            yield ServiceAwaited(error.message, attempt, self._tries, wait_s, pause_s)
            wait_s -= pause_s
        if self._given_up():
            raise CancelledError("Stopped while waiting for the service.")

    def _wait_s(self, error: ServiceError, attempt: int) -> float:
        backoff_s = min(LONGEST_BACKOFF_S, FIRST_WAIT_S * 2.0 ** (attempt - 1))
        backoff_s *= 0.5 + 0.5 * self._chance()
        if error.retry_after_s is None:
            return backoff_s
        # Never sooner than it asks for, and a little later, not all at the same moment.
        return error.retry_after_s + 0.1 * backoff_s


def _last_word(error: ServiceError, addition: str) -> ServiceError:
    kept = "Nothing is lost: what is indexed is kept, and the other files wait."
    return ServiceError(f"{error.message}{addition} {kept}", error.hint)

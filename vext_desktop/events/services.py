"""What a run tells of a service: that it is waited for, and what text would go there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceAwaited:
    """A service did not do its work, and is asked again after a while.

    Attributes:
        message: What happened, as a sentence.
        attempt: Which try failed, from 1.
        tries: How many there are before the run halts.
        seconds_left: Until the next try.
        pause_s: The delay that is asked of the driver before the next step.
    """

    message: str
    attempt: int
    tries: int
    seconds_left: float
    pause_s: float


@dataclass(frozen=True, slots=True)
class SendingAsked:
    """Text would leave this computer, and nobody has agreed to that yet: nothing was sent.

    Attributes:
        service: The service for people ("OpenAI (api.openai.com)").
        host: The computer that the text would go to.
        model: The model's name there.
        folders: The folders and files that are to be indexed.
        files: Files that wait.
        passages: About how many passages they give.
        tokens: About how many tokens those have.
        dollars: About what the service takes for them; None where that is not known, or nothing.
        message: All of it in sentences, as a question is put.
    """

    service: str
    host: str
    model: str
    folders: tuple[str, ...]
    files: int
    passages: int
    tokens: int
    dollars: float | None
    message: str

"""What became of a file: the same words in the ledger, the window, `status` and JSON."""

from enum import StrEnum


class Outcome(StrEnum):
    """The state of one file in the index."""

    WAITING = "waiting"
    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    LOCKED = "locked"
    EMPTY = "empty"
    NO_TEXT_LAYER = "no_text_layer"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    PARSER_CRASHED = "parser_crashed"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    PROGRAM_CRASHED = "program_crashed"
    ONLINE_ONLY = "online_only"
    VANISHED = "vanished"
    CHANGED_WHILE_READING = "changed_while_reading"
    NOT_EMBEDDED = "not_embedded"
    OFFLINE = "offline"
    IGNORED = "ignored"

    @property
    def is_set_aside(self) -> bool:
        """Whether the file was looked at and could not be indexed."""
        return self in _SENTENCES

    @property
    def words(self) -> str:
        """Its name as the window and the command line show it."""
        return self.value.replace("_", " ")

    @property
    def sentence(self) -> str:
        """Plain words for a person who asks why the file is not in the index."""
        return _SENTENCES.get(self, _STATES.get(self, ""))


_STATES = {
    Outcome.WAITING: "Waiting to be indexed.",
    Outcome.INDEXED: "Indexed.",
    Outcome.UNCHANGED: "Indexed before, not changed since.",
    Outcome.OFFLINE: "Its drive or folder is not connected; its passages are kept.",
    Outcome.IGNORED: "Left out at your request.",
}

_SENTENCES = {
    Outcome.LOCKED: "Protected by a password. Save a copy without one to index it.",
    Outcome.EMPTY: "There is no text in it.",
    Outcome.NO_TEXT_LAYER: "Its pages are pictures without text, as from a scanner.",
    Outcome.TOO_LARGE: "Larger than the limit in the settings.",
    Outcome.UNSUPPORTED: "This kind of file is not read.",
    Outcome.UNREADABLE: "It may not be opened. Check its permissions.",
    Outcome.DAMAGED: "Its content is damaged and could not be read.",
    Outcome.PARSER_CRASHED: "Reading it ended the reader process.",
    Outcome.TIME_LIMIT: "Reading it took longer than the limit in the settings.",
    Outcome.MEMORY_LIMIT: "Reading it takes more memory than the limits allow.",
    Outcome.PROGRAM_CRASHED: "The whole program ended while it was in hand.",
    Outcome.ONLINE_ONLY: "It is only in the cloud; it was not downloaded.",
    Outcome.VANISHED: "It was gone when its turn came.",
    Outcome.CHANGED_WHILE_READING: "It changed while it was read; the next run takes it again.",
    Outcome.NOT_EMBEDDED: "The model could not process any of its passages.",
}

"""What an examination of a data folder finds: what is damaged, what it means, what can be done."""

from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """What is the matter."""

    LEDGER_MISSING = "ledger_missing"
    LEDGER_DAMAGED = "ledger_damaged"
    LEDGER_TOO_NEW = "ledger_too_new"
    TABLE_MISSING = "table_missing"
    TABLE_DAMAGED = "table_damaged"
    TABLE_OF_OTHER_MODEL = "table_of_other_model"
    PASSAGES_LOST = "passages_lost"
    PASSAGES_FOREIGN = "passages_foreign"
    NOTE_DAMAGED = "note_damaged"
    SETTINGS_DAMAGED = "settings_damaged"
    PREPARED_DAMAGED = "prepared_damaged"
    RECORD_DAMAGED = "record_damaged"
    COPY_DAMAGED = "copy_damaged"
    IN_THE_WAY = "in_the_way"
    LITTLE_ROOM = "little_room"


class Repair(StrEnum):
    """How it is made good."""

    NONE = "none"
    LEDGER = "ledger"
    TABLE = "table"
    PASSAGES = "passages"
    SETTINGS = "settings"
    ASIDE = "aside"


# The index is not what it seems until these are made good; all others only cost a little time.
_SERIOUS = frozenset({Repair.LEDGER, Repair.TABLE, Repair.PASSAGES})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        kind: What it is.
        part: The file or folder, named from the data folder.
        message: What is damaged, and what that means for the user's files; whole sentences.
        remedy: What can be done, in a sentence.
        repair: How a repair makes it good; NONE if only the user can.
        table_name: The table that it is about; "" if it is about none.
    """

    kind: FindingKind
    part: str
    message: str
    remedy: str
    repair: Repair
    table_name: str = ""

    @property
    def is_serious(self) -> bool:
        """Whether searches or runs cannot be relied on until it is made good."""
        return self.repair in _SERIOUS or self.kind is FindingKind.LEDGER_TOO_NEW

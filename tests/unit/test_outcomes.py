"""Every state of a file has words for people."""

import pytest

from vext_desktop.outcomes import Outcome

IN_GOOD_ORDER = {
    Outcome.WAITING,
    Outcome.INDEXED,
    Outcome.UNCHANGED,
    Outcome.OFFLINE,
    Outcome.IGNORED,
}


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_told_in_a_sentence(outcome: Outcome) -> None:
    assert outcome.sentence.endswith(".")
    assert outcome.sentence[0].isupper()


def test_what_could_not_be_indexed_is_set_aside_and_nothing_else() -> None:
    assert {outcome for outcome in Outcome if not outcome.is_set_aside} == IN_GOOD_ORDER


def test_no_two_outcomes_are_told_alike() -> None:
    assert len({outcome.sentence for outcome in Outcome}) == len(Outcome)

"""Two rankings become one."""

from vext_desktop.index.fusion import RRF_K, file_of, fuse, passage_of, rank
from vext_desktop.index.rows import StoreHit


def hit(file_id: int, ordinal: int = 0, score: float = 1.0) -> StoreHit:
    return StoreHit(file_id, 1, ordinal, None, "", 0, 1, "", score)


def keys(ranking: list[tuple[float, StoreHit]]) -> list[tuple[int, int]]:
    return [(found.file_id, found.ordinal) for _, found in ranking]


def test_what_both_lists_know_is_before_what_one_knows() -> None:
    ranking = fuse([[hit(1), hit(2), hit(3)], [hit(4), hit(2), hit(5)]], passage_of, [[1] * 3] * 2)
    assert keys(ranking)[0] == (2, 0)
    assert ranking[0][0] == 2 / (RRF_K + 2)
    assert {key for key, _ in keys(ranking)} == {1, 2, 3, 4, 5}


def test_files_are_ranked_among_files_however_many_passages_are_before_them() -> None:
    many = [hit(1, ordinal) for ordinal in range(50)]
    ranking = fuse([[*many, hit(2)], [hit(2), *many]], file_of, [[1] * 51] * 2)
    assert [score for score, _ in ranking] == [1 / (RRF_K + 1) + 1 / (RRF_K + 2)] * 2


def test_a_file_is_shown_by_the_passage_that_both_lists_know() -> None:
    ranking = fuse([[hit(1, 0), hit(1, 5)], [hit(1, 7), hit(1, 5)]], file_of, [[1, 1]] * 2)
    assert keys(ranking) == [(1, 5)]


def test_one_list_keeps_its_order_and_scores() -> None:
    hits = [hit(1, 3, 0.9), hit(1, 4, 0.8), hit(2, 0, 0.7)]
    assert keys(rank(hits, file_of)) == [(1, 3), (2, 0)]
    assert [score for score, _ in rank(hits, passage_of)] == [0.9, 0.8, 0.7]


def test_no_hits_fuse_to_none() -> None:
    assert fuse([[], []], file_of, [[], []]) == []


def test_a_hit_that_is_worth_little_does_not_pass_the_first_of_the_other_list() -> None:
    by_meaning, by_words = [hit(1), hit(2)], [hit(2)]
    assert keys(fuse([by_meaning, by_words], file_of, [[1, 1], [1.0]]))[0] == (2, 0)
    assert keys(fuse([by_meaning, by_words], file_of, [[1, 1], [0.01]]))[0] == (1, 0)

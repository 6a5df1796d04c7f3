"""Text for the memory test: varied, repeatable, in lengths like those of real chunks."""

import random
from collections.abc import Iterator

# Common words of letters, minutes and manuals, with some long and some foreign ones: what matters
# is that batches differ in length and vocabulary as those of real documents do.
_WORDS = tuple(
    """
    the of and to in for is on that with as this by at from are be have not or we you it an
    meeting budget project invoice delivery customer contract report version release schedule
    engine memory buffer tensor allocator garbage collector measurement temperature pressure
    kitchen recipe butter flour oven garden tomato winter journey railway mountain harbour
    électricité Straßenbahn señal información größer œuvre naïve Łódź København smörgåsbord
    数据 记忆 文档 検索 日本語 данные память поиск
    responsibilities internationalisation acknowledgement characterisation electroencephalography
    """.split()  # noqa: SIM905 - a list literal would be a screen of quotation marks
)
_SHORTEST, _LONGEST = 60, 1000
# About one text in eight is a short tail, as the last chunk of a document is.
_TAIL_SHARE = 0.12


def practice_batches(count: int, size: int, seed: int = 37) -> Iterator[list[str]]:
    """Batches of texts, the same for the same arguments.

    Args:
        count: How many batches.
        size: Texts in each.
        seed: Chooses the texts. (The ancestor died after batch 37.)
    """
    chance = random.Random(seed)  # noqa: S311 - texts to practise on, no secret
    for _ in range(count):
        yield [_text(chance) for _ in range(size)]


def _text(chance: random.Random) -> str:
    length = chance.randint(_SHORTEST, _LONGEST // 2)
    if chance.random() > _TAIL_SHARE:
        length = chance.randint(int(_LONGEST * 0.7), _LONGEST)
    words: list[str] = []
    used = 0
    while used < length:
        word = chance.choice(_WORDS)
        words.append(word + chance.choice(("", "", "", "", ",", ".")))
        used += len(words[-1]) + 1
    return " ".join(words)[:_LONGEST]

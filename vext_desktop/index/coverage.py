"""How much of a query a passage holds, so that one common word in it is not taken for a find."""

import math
from collections import Counter
from collections.abc import Sequence

from vext_desktop.index.matching import WordMatcher


def coverages(matcher: WordMatcher, texts: Sequence[str]) -> list[float]:
    """For each text the share of the query's words that it holds, weighed by their rarity.

    Reciprocal ranks know only order: where "somebody" is the one word of a question that any
    passage holds, the first passage with it would count as much as the best by meaning.

    Args:
        matcher: Knows the query's words.
        texts: The passages found by words. Rarity is counted among them: a word that all of
            them hold tells none from another, one that no passage holds is missed most.

    Returns:
        0 to 1 for each text; the weights are those of BM25 (Robertson and Zaragoza 2009),
        ln(1 + (n - df + 0.5) / (df + 0.5)).
    """
    once = {text: frozenset(match.word for match in matcher.find(text)) for text in set(texts)}
    held = [once[text] for text in texts]  # of many, only the few words that they hold are known
    holders = Counter(word for words in held for word in words)
    weights = {
        word: math.log(1 + (len(texts) - holders[word] + 0.5) / (holders[word] + 0.5))
        for word in matcher.numbers
    }
    total = sum(weights.values())
    if total == 0:
        return [1.0] * len(texts)
    return [sum(weights[word] for word in words) / total for words in held]

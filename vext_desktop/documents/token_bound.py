"""How much of a text a model reads, counted with the model's own tokenizer."""

import json

from tokenizers import Tokenizer

# Tokenizers of these kinds look at each word by itself, so the tokens of a text that is cut at
# white space are the first ones of the whole.
_WORD_BY_WORD = frozenset({"BertPreTokenizer", "Whitespace", "WhitespaceSplit"})
_SPACES = frozenset(" \t\n\r")  # of what Python calls white space, some is nothing to a tokenizer


class TokenBound:
    """Cuts texts to a number of tokens; for one thread.

    Args:
        tokenizer_file: Path of the model's `tokenizer.json`.
        max_tokens: Tokens that the model reads, the special ones that it adds included.
    """

    def __init__(self, tokenizer_file: str, max_tokens: int) -> None:
        self._tokenizer = Tokenizer.from_file(tokenizer_file)
        # The file may carry settings that cut or lengthen what is counted.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self._most = max(1, max_tokens - special)
        kind = (json.loads(self._tokenizer.to_str())["pre_tokenizer"] or {}).get("type")
        self._goes_word_by_word = kind in _WORD_BY_WORD
        # The text that was counted last, and how much of it is read. Most texts are asked twice:
        # first as a whole, then as the beginning that ends with a sentence.
        self._counted = ""
        self._read = 0

    def fit(self, text: str) -> int:
        """How much of `text` the model reads, in characters.

        The whole length means that all of it is read. A shorter one is a token's edge, and a
        proposal: ask again with the shorter text, for half a word can have more tokens than
        the whole. Never 0 for a text, so a single character of more tokens than the model has
        places counts as read.
        """
        if self._is_known_to_fit(text):
            return len(text)
        self._counted, self._read = text, self._measure(text)
        return self._read

    def _is_known_to_fit(self, text: str) -> bool:
        length = len(text)
        if not (self._goes_word_by_word and 0 < length <= self._read):
            return False
        if not self._counted.startswith(text):
            return False
        return text[-1] in _SPACES or self._counted[length : length + 1] in _SPACES

    def _measure(self, text: str) -> int:
        # Without the characters of each token it costs a fifth less; few texts are too long.
        (tokens,) = self._tokenizer.encode_batch_fast([text], add_special_tokens=False)
        if len(tokens) <= self._most or len(text) <= 1:
            return len(text)
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        characters = encoding.token_to_chars(self._most)
        edge = characters[0] if characters else 0
        return edge if 0 < edge < len(text) else len(text) // 2

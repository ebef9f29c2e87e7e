"""BLEU, the likeness of translations and reference texts (Papineni et al., 2002)."""
from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from mycelium.core.errors import check_int, check_type
from mycelium.train.metrics.metric import Metric, rearrange_inputs


class BleuScore(Metric):
    r"""How far translations agree with references in their n-grams.

    .. math:: \text{BLEU} = \min\big(1, e^{1 - r/c}\big) \Big(\prod_{n=1}^{N} p_n\Big)^{1/N}

    c and r are the lengths of the translations and of the references nearest in length, p_n the share of n-grams of the
    translations found in a reference.

    Args:
        n_gram: N, the longest n-gram that counts, 1 to 4.
        smooth: Add one to the counts of all n-grams. A missing length still makes the score 0.

    Inputs of `update`: a list of translations (lists of words); a list with a list of references for each of them.

    Returns of `eval`: float in [0, 1].

    Raises:
        TypeError: `n_gram` is not an int or `smooth` not a bool.
        ValueError: `n_gram` is out of range, or the lists differ in length.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.BleuScore(n_gram=2)
        >>> metric.update([["a", "pen", "on", "my", "desk"]], [[["a", "pen", "on", "the", "desk"]]])
        >>> metric.eval()
        0.6324555320336759

    MindSpore r1.8 `nn.BleuScore`.
    """

    def __init__(self, n_gram: int = 4, smooth: bool = False):
        super().__init__()
        if not 1 <= check_int("BleuScore", "n_gram", n_gram) <= 4:
            raise ValueError(f"For 'BleuScore', 'n_gram' should be from 1 to 4, but got {n_gram}.")
        self.n_gram = n_gram
        self.smooth = check_type("BleuScore", "smooth", smooth, bool)
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._found, self._all = np.zeros(self.n_gram), np.zeros(self.n_gram)
        self._length = self._reference_length = 0.0
        self._updated = False

    def _ngrams(self, words: list) -> Counter:
        return Counter(tuple(words[i:i + n]) for n in range(1, self.n_gram + 1) for i in range(len(words) - n + 1))

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes translations and their references."""
        candidates, references = self._take(inputs, 2, "translations and references")
        if len(candidates) != len(references):
            raise ValueError("For 'BleuScore.update', there should be references for each translation, but got "
                             f"{len(references)} for {len(candidates)}.")
        for words, texts in zip(candidates, references, strict=True):
            self._length += len(words)
            self._reference_length += min(map(len, texts), key=lambda length: abs(length - len(words)))
            known: Counter = Counter()
            for text in texts:
                known |= self._ngrams(text)
            mine = self._ngrams(words)
            for counts, total in ((mine & known, self._found), (mine, self._all)):
                for ngram, count in counts.items():
                    total[len(ngram) - 1] += count
        self._updated = True

    def eval(self) -> float:
        """The score."""
        if not self._updated:
            raise self._no_data()
        if self._found.min() == 0:
            return 0.0
        found, every = self._found, self._all
        if self.smooth:
            found, every = found + 1, every + 1
        brevity = 1.0 if self._length > self._reference_length else np.exp(1 - self._reference_length / self._length)
        return float(brevity * np.exp(np.log(found / every).mean()))

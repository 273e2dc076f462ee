from __future__ import annotations

import numpy as np
import pytest

from endpoint.providers.likelihood import find_logprobs


def test_they_are_the_log_of_the_softmax() -> None:
    told = find_logprobs(np.log(np.array([0.1, 0.6, 0.3], np.float32)) + 50, 2, 2)
    assert told.logprob == pytest.approx(np.log(0.3), abs=1e-5)
    assert [token for token, _ in told.top] == [1, 2]
    assert [logprob for _, logprob in told.top] == pytest.approx(np.log([0.6, 0.3]), abs=1e-5)


def test_of_equally_likely_tokens_the_lower_number_comes_first() -> None:
    told = find_logprobs(np.array([0, 3, 1, 3, 3], np.float32), 0, 3)
    assert [token for token, _ in told.top] == [1, 3, 4]
    assert find_logprobs(np.zeros(3, np.float32), 0, 20).top[2][0] == 2
    assert find_logprobs(np.zeros(3, np.float32), 0, 0).top == ()

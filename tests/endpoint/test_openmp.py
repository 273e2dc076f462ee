from __future__ import annotations

from endpoint.openmp import SPIN_COUNT, calm_threads


def test_threads_spin_shortly_unless_the_user_says_otherwise() -> None:
    silent: dict[str, str] = {}
    chosen = {"GOMP_SPINCOUNT": "5"}
    policy = {"OMP_WAIT_POLICY": "active"}
    for environment in (silent, chosen, policy):
        calm_threads(environment)
    assert silent == {"GOMP_SPINCOUNT": SPIN_COUNT}
    assert chosen == {"GOMP_SPINCOUNT": "5"}
    assert policy == {"OMP_WAIT_POLICY": "active"}

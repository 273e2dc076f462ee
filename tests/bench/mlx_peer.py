"""mlx_lm.server with the matrix library that Traypoint gives MLX, so that a ratio tells of the servers alone.

Usage: python -m tests.bench.mlx_peer --threads N, and then the server's own arguments.
"""

from __future__ import annotations

import argparse
import sys

from endpoint.providers.mlx.blas import prefer_openblas, set_threads


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--threads", type=int, required=True)
    own, theirs = parser.parse_known_args()
    prefer_openblas()
    set_threads(own.threads)
    from mlx_lm.server import main as serve

    sys.argv = ["mlx_lm.server", *theirs]
    serve()


if __name__ == "__main__":
    main()

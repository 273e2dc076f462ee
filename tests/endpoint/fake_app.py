"""The app as an endpoint knows it: what it has told, and what it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from endpoint.app_contract import DownloadWish, ToldDownload, ToldDownloads, ToldOffer

RUNNING = ToldDownload(
    "acme/Tiny-GGUF:Q4_0", "tiny-Q4_0.gguf", "running", "37% · 12 MB/s · 3 min left", 37, 100, 12_000_000, 180
)
OFFER = ToldOffer("acme/Small-GGUF:Q4_K_M", "Small · 1.2 GB")

TOLD = ToldDownloads((RUNNING,), (OFFER,))


@dataclass
class FakeApp:
    """`gone`: what asking it meets."""

    told: ToldDownloads | None = TOLD
    wishes: list[DownloadWish] = field(default_factory=list)
    gone: OSError | None = None

    def downloads(self) -> ToldDownloads | None:
        return self.told

    def wish(self, wish: DownloadWish) -> None:
        if self.gone:
            raise self.gone
        self.wishes.append(wish)

"""An experiment on texts at a stand-in network: a brand whose articles are planned, sent and clicked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crosspost.commands.experiments import Started
from crosspost.commands.plan import Planned, Planner
from crosspost.commands.text_start import Asked, start
from crosspost.domain.article import Article, Decision
from crosspost.domain.brand import Brand
from crosspost.domain.traffic import Judgement
from crosspost.outside.http import Outbound
from crosspost.store import articles, brands, deliveries, text_arms, traffic
from crosspost.store.attachments import Attachments
from crosspost.store.database import Database
from crosspost.store.text_arms import DrawnPost
from tests.engine import Rig
from tests.weeks import rig_of, run_until

ARMS: Mapping[str, str | None] = {"plain": "$title\n\n$link", "asking": "Et vous ? $title\n\n$link"}


@dataclass
class Trial:
    """A rig with a planner; every account posts at 09:00 each day."""

    rig: Rig
    planner: Planner
    articles: int = 0

    @classmethod
    def make(cls, database: Database, folder: Path, networks: tuple[str, ...] = ("mastodon",)) -> Trial:
        slots = dict.fromkeys(networks, ("09:00",))
        rig = rig_of(database, folder, networks, **slots)
        with database.write() as connection:
            brands.change(
                connection, rig.brand_id, link_mode="redirect", public_url="https://go.example", auto_publish=True
            )
        return cls(rig, Planner(rig.store, Attachments(folder / "a"), Outbound(), None, window_s=21_600))

    @property
    def brand(self) -> Brand:
        return self.rig.store.brand(self.rig.brand_id)

    @property
    def now(self) -> datetime:
        return self.rig.clock.now()

    def begin(self, key: str = "words", **changes: object) -> Started:
        given: dict[str, object] = {
            "arms": ARMS, "networks": ("mastodon",), "posts": 12, "weeks": 4, "days": 2, "margin": 0.2, "seed": 11,
        }  # fmt: skip
        asked = Asked(**{**given, **changes})  # type: ignore[arg-type]
        return start(self.rig.store, self.brand, key, asked, self.rig.folder / "h", None, self.now, who="ana")

    def begun(self, **changes: object) -> Started:
        """Started, and its first day has come."""
        made = self.begin(**changes)  # type: ignore[arg-type]
        self.rig.clock.idle_until(datetime(2026, 3, 3, 5, 0, tzinfo=UTC))
        return made

    def write(self) -> str:
        """A new article."""
        self.articles += 1
        article = Article(
            identity=f"g{self.articles}", url=f"https://ana.example/{self.articles}",
            title=f"Écrire court, {self.articles}", text="Une phrase courte se lit.",
        )  # fmt: skip
        with self.rig.store.write(self.rig.brand_id) as scope:
            stored = articles.remember(scope, None, article, Decision.NEW, "new", self.now)
        assert stored is not None
        return stored.id

    def plan(self, number: int = 1) -> list[Planned]:
        """So many new articles, planned one after another."""
        found: list[Planned] = []
        for _ in range(number):
            self.write()
            report = self.planner.plan(self.brand, self.now)
            assert not report.problems, report.problems
            found += report.planned
        return found

    def drawn(self, made: Started) -> list[DrawnPost]:
        with self.rig.store.read(self.rig.brand_id) as scope:
            return text_arms.drawn(scope, made.experiment.id)

    def send(self, until: datetime) -> None:
        self.rig.worker()
        run_until(self.rig, until)

    def click(self, delivery_id: str, clicks: int, *, after: timedelta = timedelta(hours=1),
              kind: Judgement = Judgement.PERSON) -> None:  # fmt: skip
        """So many clicks on a post's link, that long after it went out, as folding counts them."""
        with self.rig.store.read(self.rig.brand_id) as scope:
            row = deliveries.get(scope, delivery_id)
        assert row.published_at is not None
        day = (row.published_at + after).date()
        with self.rig.store.database.write() as connection:
            traffic.add_day_counts(connection, {(self.rig.brand_id, row.code, day, kind): clicks})

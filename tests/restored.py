"""An installation with accounts of every delivery class, each on a stand-in of its own, for drills with a backup.

The stand-ins are the world: they go on as they are when a backup is restored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crosspost.commands.adopt import Resumed, resume_after_restore
from crosspost.commands.backup import Backed, backup
from crosspost.commands.restore import DATABASE, Reinstated, restore
from crosspost.domain.brand import Account
from crosspost.domain.delivery import DeliveryClass, Outgoing, Sighting
from crosspost.domain.errors import Unreachable
from crosspost.domain.post import Listing, Post
from crosspost.domain.windows import BootTime, Windows
from crosspost.networks.network import Network
from crosspost.outside.http import Outbound
from crosspost.store import brands
from crosspost.store.database import Database
from crosspost.store.store import Store
from tests.engine import HandClock, Rig
from tests.stand_in import Adapter, StandIn

CLASSES = tuple(DeliveryClass)
PUBLIC = "https://go.example"
WINDOWS = Windows(max_posts_per_hour=1000, max_posts_per_day=1000, late_gap_s=0.0)


class Listed(Adapter):
    """An adapter whose network lists the account's posts too. Where the server is `hidden` it answers no read."""

    def probe(self, outgoing: Outgoing, since: datetime) -> Sighting:
        if self.server.hidden:
            raise Unreachable("no answer")
        return super().probe(outgoing, since)

    def posts(self, since: datetime) -> Listing:
        if self.server.hidden:
            raise Unreachable("no answer")
        shown = [entry for entry in self.server.ledger if entry.at >= since][-self.server.page :]
        whole = len(shown) == sum(entry.at >= since for entry in self.server.ledger)
        return Listing(
            tuple(
                Post(
                    entry.remote_id, f"https://stand.in/{entry.remote_id}", entry.text, entry.at,
                    (f"{PUBLIC}/{entry.code}",) if entry.marked else (),
                )
                for entry in reversed(shown)
            ),
            since if whole else shown[0].at,
        )  # fmt: skip


@dataclass
class Drill(Rig):
    """`servers` are the accounts' networks, in the order of CLASSES; the blind one shows no list."""

    servers: list[StandIn] = field(default_factory=list)
    data_dir: Path = Path()

    @classmethod
    def started(cls, database: Database, data_dir: Path) -> Drill:
        rig = cls.make(database, data_dir, accounts=len(CLASSES), windows=WINDOWS)
        assert isinstance(rig, Drill)
        rig.data_dir = data_dir
        rig.servers = [StandIn(one, rig.clock.now) for one in CLASSES]
        with database.write() as connection:
            brands.change(connection, rig.brand_id, public_url=PUBLIC)
        return rig

    def adapter(self, account: Account) -> Network:
        server = self.servers[self.account_ids.index(account.id)]
        return Adapter(server) if server.delivery_class is DeliveryClass.BLIND else Listed(server)

    def posted_codes(self) -> list[str]:
        """The code of every post that really exists."""
        return [entry.code for server in self.servers for entry in server.ledger]

    def requests(self) -> int:
        return sum(server.requests for server in self.servers)

    def backup(self, target: Path) -> Backed:
        return backup(self.store.database, self.data_dir, target, now=self.clock.now())

    def restored(self, file: Path, into: Path, database_url: str | None = None) -> tuple[Drill, Reinstated]:
        """The installation of the backup, in the world as it is now."""
        self.close()
        clock = self.clock
        done = restore(
            file, into, now=clock.now(), boot=BootTime(clock.boot_id(), clock.boot_s()), who="ana",
            database_url=database_url,
        )  # fmt: skip
        url = database_url or f"sqlite:///{into / DATABASE}"
        again = Drill(
            Store(Database(url)), into, clock=clock, windows=WINDOWS, brand_id=self.brand_id,
            account_ids=self.account_ids, servers=self.servers, data_dir=into,
        )  # fmt: skip
        return again, done

    def resume(self, outbound: Outbound | None = None, *, unread_too: bool = False) -> Resumed:
        return resume_after_restore(
            self.store, self.adapter, outbound or Outbound(), now=self.clock.now(), feed_every_s=1800, who="ana",
            unread_too=unread_too,
        )  # fmt: skip

    def live(self, hours: float, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Let time pass with the scheduler running: along its wishes, and at least every half hour."""
        end = self.clock.s + hours * 3600
        while self.clock.s < end:
            report = self.tick()
            meanwhile()
            wish = 1800.0
            if report.next_at is not None:
                wish = min(wish, max(1.0, (report.next_at - self.clock.now()).total_seconds()))
            self.clock.advance(min(wish, end - self.clock.s) or 1.0)
        self.tick()


__all__ = ["CLASSES", "PUBLIC", "Drill", "HandClock", "Listed"]

"""What a command is given: settings, clock, store, vault, the outbound client, made on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from crosspost.domain.errors import BadInput, NotAllowed

if TYPE_CHECKING:
    from crosspost.clock import Clock
    from crosspost.commands.connect import Connector
    from crosspost.commands.doctor import Doctor
    from crosspost.commands.duties import Duties
    from crosspost.commands.login import Logins
    from crosspost.commands.monthly import Monthly
    from crosspost.commands.plan import Planner
    from crosspost.commands.refresh import Renewer
    from crosspost.commands.tell import Teller
    from crosspost.domain.brand import Brand
    from crosspost.notify.message import Way
    from crosspost.outside.http import Outbound
    from crosspost.report.many import Job
    from crosspost.report.write import Written
    from crosspost.secret import Secret
    from crosspost.settings import Settings
    from crosspost.store.attachments import Attachments
    from crosspost.store.store import Scope, Store
    from crosspost.vault import Vault
    from crosspost.web.visits import Visits


class App:
    def __init__(
        self,
        *,
        config: Path | None = None,
        data_dir: Path | None = None,
        brand: str | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """`settings` win over the file and the environment."""
        self._config, self._brand_slug = config, brand
        self._given = {"data_dir": data_dir, "brand": brand, **(settings or {})}

    def mean(self, slug: str) -> None:
        """Take this brand for the one meant, whatever was said before."""
        self._brand_slug = slug

    @cached_property
    def settings(self) -> Settings:
        from crosspost.settings import load

        return load(self._config, **self._given)

    @cached_property
    def clock(self) -> Clock:
        """The real clock, or the sandbox's virtual one where the settings say so and no real account exists."""
        if self.settings.clock == "system":
            from crosspost.clock import SystemClock

            return SystemClock()
        from crosspost.sandbox.client_clock import SandboxClock

        return SandboxClock(self.settings.clock)

    def join_virtual_clock(self) -> None:
        """A virtual clock waits for this process from here on. Nothing to do on the real one."""
        from crosspost.sandbox.client_clock import SandboxClock

        if isinstance(self.clock, SandboxClock):
            self.clock.join()

    @cached_property
    def store(self) -> Store:
        from crosspost.store.database import Database
        from crosspost.store.migrate import upgrade
        from crosspost.store.store import Store

        database = Database(self.settings.database_url)
        upgrade(database)
        store = Store(database)
        self._refuse_mixed_clock(store)
        if self.settings.salts_dir.is_dir():  # whatever starts wipes the salts of days that are over
            from crosspost.commands.visits import forget_visitors

            forget_visitors(store, self.settings.salts_dir, self.clock.now())
        return store

    def _refuse_mixed_clock(self, store: Store) -> None:
        if self.settings.clock == "system":
            return
        from crosspost.store.brands import accounts

        for brand in store.brands():
            with store.read(brand.id) as scope:
                for account in accounts(scope):
                    if account.has_api and account.server.rstrip("/") != self.settings.clock.rstrip("/"):
                        raise NotAllowed(
                            f"a virtual clock is set, and {account.network} account {account.handle} of {brand.slug} "
                            "is not the sandbox's",
                            remedy="use another data folder for rehearsals, or remove the setting `clock`",
                        )

    @cached_property
    def brand(self) -> Brand:
        """The brand meant: --brand, the setting, or the only one there is."""
        slug = self._brand_slug or self.settings.brand
        if slug:
            return self.store.brand(slug)
        brands = self.store.brands()
        if len(brands) == 1:
            return brands[0]
        if not brands:
            raise BadInput("there is no brand yet", remedy='crosspost brand add "My business"')
        raise BadInput(
            f"which of the {len(brands)} brands?", remedy=f"--brand {' | '.join(one.slug for one in brands)}"
        )

    @cached_property
    def outbound(self) -> Outbound:
        from crosspost.outside.http import Outbound

        return Outbound(
            private_origins=frozenset(self.settings.private_origins), timeout_s=self.settings.http_timeout_s
        )

    @cached_property
    def vault(self) -> Vault:
        from crosspost.secret import Secret
        from crosspost.vault import open_vault

        given, before = self.settings.master_key, self.settings.previous_master_key
        return open_vault(
            key_file=self.settings.data_dir / "master.key",
            given=Secret(given.get_secret_value()) if given else None,
            use_keyring=self.settings.use_keyring,
            before=Secret(before.get_secret_value()) if before else None,
        )

    @cached_property
    def account_locks(self) -> Path:
        """The folder of the accounts' locks: who holds one is the only one at the account."""
        from crosspost.commands.workers import account_locks

        return account_locks(self.store, self.settings.data_dir)

    def person_key(self, brand_id: str) -> Secret:
        """The key under which a brand's persons are hashed."""
        from crosspost.commands.keys import person_key

        return person_key(self.store, self.vault, brand_id, self.clock.now())

    def person_key_within(self, scope: Scope) -> Secret:
        """The same, within a transaction: one that is made goes with it, or not at all."""
        from crosspost.commands.keys import person_key_within

        return person_key_within(scope, self.vault, self.clock.now())

    @cached_property
    def connector(self) -> Connector:
        from crosspost.commands.connect import Connector

        virtual = None if self.settings.clock == "system" else self.settings.clock.rstrip("/")
        return Connector(
            self.store, self.vault, self.outbound, self.clock, self.settings.http_timeout_s, only_server=virtual
        )

    def doctor(self, *, paid: bool) -> Doctor:
        """The doctor, with a way out of its own that notes the time of the answers and is not patient."""
        from crosspost.commands.connect import Connector
        from crosspost.commands.doctor import PATIENCE_S, Doctor
        from crosspost.commands.workers import account_locks
        from crosspost.outside.dated import Dated

        settings = self.settings
        patience = min(settings.http_timeout_s, PATIENCE_S)
        outbound = Dated(private_origins=frozenset(settings.private_origins), timeout_s=patience)
        connector = Connector(self.store, self.vault, outbound, self.clock, patience)
        return Doctor(
            self.store,
            connector.open,
            outbound,
            settings.data_dir,
            account_locks(self.store, settings.data_dir),
            len(self.ways),
            real_time=settings.clock == "system",
            paid=paid,
        )

    @cached_property
    def renewer(self) -> Renewer:
        """Renews tokens. Its users hold the account's lock."""
        from crosspost.commands.refresh import Renewer
        from crosspost.commands.workers import account_locks

        locks = account_locks(self.store, self.settings.data_dir)
        return Renewer(self.store, self.connector, self.clock, locks, self.teller.tell)

    @cached_property
    def logins(self) -> Logins:
        from crosspost.commands.login import Logins

        return Logins(self.outbound, self.clock.now, timeout_s=self.settings.http_timeout_s)

    @cached_property
    def attachments(self) -> Attachments:
        from crosspost.store.attachments import Attachments

        return Attachments(self.settings.data_dir / "attachments")

    @cached_property
    def planner(self) -> Planner:
        from crosspost.commands.plan import Planner

        return Planner(
            self.store, self.attachments, self.outbound, self.settings.templates_dir, self.settings.late_window_s
        )

    @cached_property
    def ways(self) -> list[Way]:
        """The ways of telling people that the settings name."""
        from crosspost.logs import register
        from crosspost.secret import Secret

        settings = self.settings
        given = (settings.smtp_password, settings.webhook_url, settings.webhook_secret)
        password, url, signing = (Secret(one.get_secret_value()) if one else None for one in given)
        for secret in (password, url, signing):
            if secret is not None:
                register(secret)
        found: list[Way] = []
        if settings.smtp_host:
            from crosspost.notify.mail import Mail

            found.append(
                Mail(
                    settings.smtp_host, settings.smtp_port, sender=settings.mail_from, recipients=settings.mail_to,
                    security=settings.smtp_security, user=settings.smtp_user, password=password,
                )
            )  # fmt: skip
        if url:
            from crosspost.notify.webhook import Webhook

            found.append(Webhook(url, self.outbound, signing))
        if settings.desktop:
            from crosspost.notify.desktop import Desktop

            found.append(Desktop())
        return found

    @cached_property
    def teller(self) -> Teller:
        from crosspost.commands.monthly import enclosed
        from crosspost.commands.tell import Teller
        from crosspost.domain.digest import Quiet

        quiet = Quiet(self.settings.urgent_every_min * 60.0, self.settings.digest_hour)
        return Teller(
            self.store, self.ways, self.clock.now, quiet, self.attachments.get,
            partial(enclosed, self.settings.reports_dir),
        )  # fmt: skip

    def monthly(self, write: Callable[[Job], Written], letterhead: Path | None = None) -> Monthly:
        """What keeps the reports of months, drawn by `write`; the letterhead is that of the settings, unless given."""
        from crosspost.cli.audit import choices_of
        from crosspost.commands.monthly import Monthly
        from crosspost.commands.told import read_rules

        settings = self.settings
        return Monthly(
            self.store, settings.reports_dir, partial(choices_of, self),
            lambda brand: read_rules(settings.told_file, brand.slug), write, self.account_locks,
            tuple(settings.monthly_reports), settings.send_reports, letterhead or settings.letterhead,
        )  # fmt: skip

    def visits(self) -> Visits:
        """What takes page views, for one server."""
        from crosspost.commands.salts import Salts
        from crosspost.hitlog.visits import MAGIC, SEGMENT_AGE_S, SUFFIX
        from crosspost.hitlog.writer import HitWriter
        from crosspost.web.addresses import Addresses
        from crosspost.web.visits import Visits

        settings, now = self.settings, self.clock.now
        writer = HitWriter(settings.visits_dir, now, segment_age_s=SEGMENT_AGE_S, magic=MAGIC, suffix=SUFFIX)
        return Visits(self.store, writer, Salts(settings.salts_dir), now, Addresses(settings.trusted_proxies))

    @contextmanager
    def duties(self) -> Iterator[Duties]:
        """The scheduler's duties, with a worker of its own that ends when the block does."""
        from crosspost.commands.deliver import Deliverer
        from crosspost.commands.duties import Duties
        from crosspost.commands.workers import become_worker
        from crosspost.domain.windows import Windows
        from crosspost.report.many import write_apart

        settings = self.settings
        ownership = become_worker(self.store, settings.data_dir)
        deliverer = Deliverer(
            self.store,
            self.clock,
            self.renewer.open,
            ownership,
            windows=Windows(
                settle_s=settings.settle_s,
                look_gap_s=settings.look_gap_s,
                max_attempts=settings.max_attempts,
                max_posts_per_hour=settings.max_posts_per_hour,
            ),
            read_image=self.attachments.get,
            workers=settings.workers,
            notify=self.teller.tell,
            reopen=self.renewer.again,
        )
        try:
            yield Duties(
                store=self.store,
                deliverer=deliverer,
                planner=self.planner,
                open_account=self.renewer.open,
                outbound=self.outbound,
                hits_dir=settings.hits_dir,
                visits_dir=settings.visits_dir,
                salts_dir=settings.salts_dir,
                tick_s=settings.tick_s,
                feed_every_s=settings.feed_every_s,
                wait=settings.clock != "system",
                teller=self.teller,
                person_key=self.person_key,
                renewer=self.renewer,
                monthly=self.monthly(write_apart),
            )
        finally:
            deliverer.close()
            ownership.release()

    def log_to_file(self) -> None:
        """From here on, logs go to the log file and warnings to the screen."""
        from crosspost.logs import configure

        configure(self.settings.log_file or self.settings.data_dir / "crosspost.log")

    def close(self) -> None:
        if "store" in self.__dict__:
            self.store.database.close()

"""Connect accounts: secrets in, a real read to see whose they are, then saved. And open connections for others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError

from crosspost.clock import Clock
from crosspost.commands.costs import charger, prices_of
from crosspost.commands.manner import publishes
from crosspost.domain.brand import READ_ONLY, Account, Brand
from crosspost.domain.costs import Charge
from crosspost.domain.errors import (
    BadInput,
    Conflict,
    CrosspostError,
    NetworkFailure,
    NotAllowed,
    NotFound,
    Unauthorized,
    Unavailable,
)
from crosspost.domain.ids import new_id
from crosspost.domain.login import CLIENT_ID, CLIENT_SECRET, REFRESH, Granted
from crosspost.networks import adapter_of, network, postable
from crosspost.networks.network import Adapter, Connection, Issued, Profile, for_nothing
from crosspost.outside.address import origin_of
from crosspost.outside.failures import AddressRefused
from crosspost.outside.http import Outbound
from crosspost.secret import Secret
from crosspost.store import brands, credentials, dead_names, experiments
from crosspost.store.store import Scope, Store
from crosspost.vault import Vault

log = logging.getLogger(__name__)


class Connector:
    """Knows how to reach a brand's accounts: the only place where sealed secrets are opened."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        outbound: Outbound,
        clock: Clock,
        timeout_s: float,
        only_server: str | None = None,
    ) -> None:
        """`only_server` is the sandbox whose virtual clock runs: no other server may be connected then."""
        self._store, self._vault, self._outbound, self._clock = store, vault, outbound, clock
        self._timeout_s, self._only_server = timeout_s, only_server

    def connect(
        self,
        brand: Brand,
        name: str,
        secrets: Mapping[str, Secret],
        *,
        server: str | None,
        handle: str = "",
        slots: tuple[str, ...] = (),
        settings: Mapping[str, str] | None = None,
        read_only: bool = False,
        issued: Issued | None = None,
    ) -> tuple[Account, Profile]:
        """Verify the secrets by a real read and save the account. The same account again gets the new secrets.

        `issued` is what a login gave; `secrets` then holds the app's credentials. What an older connection left is
        dropped: the secrets of another way, and a token that renews, or they would go on being used. Raises BadInput
        (a secret is missing, the server's address, a price), Unavailable (token refused, no answer), NotAllowed (the
        login was somebody else's, the network has no adapter).
        """
        wanted = adapter_of(name)
        secrets = {**secrets, **(issued.secrets if issued else {})}
        missing = [one for one in wanted.secrets if not secrets.get(one)]
        if missing and not self._enough(wanted, secrets):
            raise BadInput(f"{name} needs {', '.join(missing)}", remedy=f"see `crosspost networks {name}`")
        prices_of(wanted, settings or {})
        origin = self.origin(name, server)
        chosen = {**dict(settings or {}), READ_ONLY: "yes" if read_only else ""}
        fresh: dict[str, Secret] = {}
        charges: list[Charge] = []
        connection = Connection(
            server=origin, remote_id="", handle=handle, secrets=secrets, settings=chosen,
            outbound=self._outbound, save=lambda key, value: fresh.__setitem__(key, value) if value else None,
            now=self._clock.now, timeout_s=self._timeout_s, charge=charges.append,
        )  # fmt: skip
        try:
            profile = wanted(connection).verify()
        except Unauthorized as refusal:
            raise Unavailable(f"{name} refuses the token: {refusal.reason}", remedy="make a new one") from None
        except NetworkFailure as failure:
            raise Unavailable(f"{name} could not be read: {failure.reason}", remedy="try again") from None
        if issued is not None and handle and handle.lstrip("@") not in (profile.handle.lstrip("@"), profile.remote_id):
            raise NotAllowed(
                f"the login was of {profile.handle}, not of {handle}", remedy="log out of the network in your browser"
            )
        every = {**secrets, **fresh}
        known = issued or self._assumed(wanted, every)
        account = self._save(brand, name, origin, profile, every, slots, chosen, known)
        for charge in charges:
            self._charger(account)(charge)
        return account, profile

    def record(
        self,
        brand: Brand,
        name: str,
        *,
        handle: str,
        slots: tuple[str, ...] = (),
        settings: Mapping[str, str] | None = None,
    ) -> Account:
        """Write down an account of a manual or closed network: nothing is read, there is nothing to ask.

        Raises BadInput without a handle, and NotAllowed for slots on a closed network.
        """
        kind = network(name).kind
        if not handle.strip():
            raise BadInput(f"which account on {name} is yours?", remedy="--handle NAME")
        if slots:
            postable(name)
        told = handle.strip()
        profile = Profile(told.removeprefix("@").casefold(), told)
        return self._save(brand, name, f"{kind.value}:", profile, {}, slots, dict(settings or {}), Issued({}))

    def origin(self, name: str, server: str | None) -> str:
        """The server meant: the one given, else the network's own. Raises BadInput, NotAllowed."""
        origin = _origin(server or adapter_of(name).default_server, name)
        if self._only_server is not None and origin != self._only_server:
            raise NotAllowed(
                f"a virtual clock is set, and {origin} is not the sandbox's", remedy="remove the setting `clock`"
            )
        if origin.startswith("http:") and not self._outbound.is_private(origin):
            raise BadInput(
                f"{origin} would get your tokens unencrypted",
                remedy="write https://…, or name it in private_origins if it is a machine of yours",
            )
        return origin

    def app_of(self, brand: Brand, name: str, origin: str) -> dict[str, Secret]:
        """The app's credentials that an account of that network was connected with before; empty when none was."""
        with self._store.read(brand.id) as scope:
            for account in brands.accounts(scope):
                if (account.network, account.server) == (name, origin):
                    sealed = credentials.sealed(scope, account.id)
                    found = {one: sealed[one] for one in (CLIENT_ID, CLIENT_SECRET) if one in sealed}
                    if CLIENT_ID in found:
                        return {key: self._vault.open(brand.id, account.id, key, one) for key, one in found.items()}
        return {}

    def _assumed(self, adapter: type[Adapter], secrets: Mapping[str, Secret]) -> Issued:
        """A token that was brought tells no end: it is at the latest the one of a token made this minute."""
        login = adapter.login
        if login is None or login.assumed is None or not secrets.get(login.access):
            return Issued({})
        return Issued({}, {login.access: self._clock.now() + login.assumed})

    @staticmethod
    def _enough(wanted: type[Adapter], secrets: Mapping[str, Secret]) -> bool:
        """Whether one of the adapter's alternative sets of secrets is complete."""
        ways: tuple[frozenset[str], ...] = getattr(wanted, "ways", (frozenset(wanted.secrets),))
        return any(all(secrets.get(name) for name in way) for way in ways)

    def _save(
        self,
        brand: Brand,
        name: str,
        origin: str,
        profile: Profile,
        secrets: Mapping[str, Secret],
        slots: tuple[str, ...],
        settings: dict[str, str],
        issued: Issued,
    ) -> Account:
        """`settings` with an empty value are removed, and so is what an older connection left."""
        now = self._clock.now()
        with self._store.write(brand.id) as scope:
            known = next(
                (
                    one
                    for one in brands.accounts(scope)
                    if (one.network, one.server, one.remote_id) == (name, origin, profile.remote_id)
                ),
                None,
            )
            if known is None:
                account = Account(
                    id=new_id(now), brand_id=brand.id, network=name, handle=profile.handle, server=origin,
                    remote_id=profile.remote_id, slots=slots, settings=_set({**profile.settings, **settings}),
                    blocked_reason=None, created_at=now,
                )  # fmt: skip
                brands.add_account(scope, account)
            else:
                account = replace(
                    known,
                    handle=profile.handle,
                    slots=slots or known.slots,
                    settings=_set({**known.settings, **profile.settings, **settings}),
                    blocked_reason=None,
                )
                brands.change_account(
                    scope, known.id, handle=account.handle, slots=account.slots, settings=account.settings,
                    blocked_reason=None,
                )  # fmt: skip
            if publishes(account):
                experiments.join(scope, account, now, who="connected")
            stored = self._secrets_that_open(scope, account) if secrets else {}
            credentials.forget(scope, account.id, _replaced(name, secrets, stored))
            for key, value in secrets.items():
                if value:  # an empty answer never replaces a secret
                    credentials.save(
                        scope, account.id, key, self._vault.seal(brand.id, account.id, key, value), now,
                        expires_at=issued.expires.get(key), granted=Granted(issued.scopes, now),
                    )  # fmt: skip
        return account

    def account(self, brand: Brand, name: str) -> Account:
        """An account by its id, its network, or network:handle. Raises NotFound, BadInput when several fit."""
        with self._store.read(brand.id) as scope:
            found = [
                one
                for one in brands.accounts(scope)
                if name in (one.id, one.network, one.handle, f"{one.network}:{one.handle}")
            ]
        if not found:
            raise NotFound(f"no account of {brand.slug} is called {name!r}", remedy="see `crosspost account list`")
        if len(found) > 1:
            raise BadInput(
                f"{len(found)} accounts fit {name!r}",
                remedy=f"say {' or '.join(f'{one.network}:{one.handle}' for one in found)}",
            )
        return found[0]

    def open(self, account: Account) -> Adapter:
        """The adapter of an account, with its secrets. Raises Conflict when none are stored, BadInput for a price among
        its settings that is no amount."""
        with self._store.read(account.brand_id) as scope:
            secrets = self._secrets(scope, account)
            dead = dead_names.known(scope, account.network, self._clock.now())
        if not secrets:
            raise Conflict(
                f"{account.network} account {account.handle} has no token", remedy="crosspost account connect …"
            )
        return adapter_of(account.network)(
            Connection(
                server=account.server, remote_id=account.remote_id, handle=account.handle, secrets=secrets,
                settings=account.settings, outbound=self._outbound, save=self._keeper(account),
                now=self._clock.now, timeout_s=self._timeout_s, dead=dead, charge=self._charger(account),
            )
        )  # fmt: skip

    def secrets(self, account: Account) -> dict[str, Secret]:
        """What is stored for an account now. Raises Conflict, NotAllowed as `Vault.open` does."""
        with self._store.read(account.brand_id) as scope:
            return self._secrets(scope, account)

    def _secrets(self, scope: Scope, account: Account) -> dict[str, Secret]:
        sealed = credentials.sealed(scope, account.id)
        return {name: self._vault.open(account.brand_id, account.id, name, one) for name, one in sealed.items()}

    def _secrets_that_open(self, scope: Scope, account: Account) -> dict[str, Secret]:
        """The same without those that another key sealed: connecting again is how they are replaced."""
        found = {}
        for name, one in credentials.sealed(scope, account.id).items():
            with suppress(CrosspostError):
                found[name] = self._vault.open(account.brand_id, account.id, name, one)
        return found

    def _charger(self, account: Account) -> Callable[[Charge], None]:
        """Records what requests cost. A lost record is logged and stops nothing: the request was made."""
        prices = prices_of(adapter_of(account.network), account.settings)
        if prices is None:
            return for_nothing
        record = charger(self._store, account, prices, self._clock.now)

        def charge(one: Charge) -> None:
            try:
                record(one)
            except (DBAPIError, CrosspostError) as error:
                log.error("%s of account %s is not recorded: %s", one, account.id, type(error).__name__, exc_info=True)

        return charge

    def keep(self, account: Account, issued: Issued, instead_of: Mapping[str, Secret] | None = None) -> bool:
        """Store renewed tokens, all of them or none, durably: whoever renewed them uses them only after.

        False, and nothing is stored, where `instead_of` is no longer there: a person connected it again meanwhile.
        """
        now = self._clock.now()
        with self._store.write(account.brand_id) as scope:
            if instead_of is not None and not instead_of.items() <= self._secrets(scope, account).items():
                return False
            for name, value in issued.secrets.items():
                if value:
                    credentials.save(
                        scope, account.id, name, self._vault.seal(account.brand_id, account.id, name, value), now,
                        expires_at=issued.expires.get(name),
                    )  # fmt: skip
        return True

    def _keeper(self, account: Account) -> Callable[[str, Secret], None]:
        def keep(name: str, value: Secret) -> None:
            if not value:
                return
            sealed = self._vault.seal(account.brand_id, account.id, name, value)
            with self._store.write(account.brand_id) as scope:
                credentials.save(scope, account.id, name, sealed, self._clock.now())

        return keep


def _replaced(name: str, secrets: Mapping[str, Secret], stored: Mapping[str, Secret]) -> set[str]:
    """What an older connection left and would be used instead of these secrets, or to renew them.

    The same token brought again is the same connection: what renews it stays.
    """
    if not secrets:
        return set()
    adapter = adapter_of(name)
    given = {one for one, value in secrets.items() if value}
    ways: tuple[frozenset[str], ...] = getattr(adapter, "ways", ())
    old = {one for way in ways if not way & given for one in way}
    login = adapter.login
    if login is not None:
        tokens = given & {login.access, login.used, *adapter.secrets}
        if any(secrets[one] != stored.get(one) for one in tokens):
            old |= {login.access, REFRESH}
    return old - given


def _set(settings: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in settings.items() if value}


def _origin(server: str | None, name: str) -> str:
    if not server:
        raise BadInput(f"{name} needs the address of its server", remedy="--server https://your.instance")
    if "@" in server:
        raise BadInput("a server's address holds no name or password", remedy="write https://your.instance")
    try:
        origin_of(written := server if "//" in server else f"https://{server}")
    except AddressRefused as refusal:
        raise BadInput(
            f"{server!r} is not a server's address: {refusal}", remedy="write https://your.instance"
        ) from None
    parts = urlsplit(written)
    if parts.query or parts.fragment:
        raise BadInput(f"{server!r} is not a server's address", remedy="write https://your.instance")
    return f"{parts.scheme}://{parts.netloc.lower()}"

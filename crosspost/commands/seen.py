"""Read what is really on a brand's accounts, and compare it with what is recorded. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from crosspost.domain.brand import GONE, IMPORTED, Account, Brand
from crosspost.domain.delivery import DeliveryClass
from crosspost.domain.errors import CrosspostError, NetworkFailure
from crosspost.domain.ownlink import OwnLinks
from crosspost.domain.seen import Looked, Seen, compare
from crosspost.networks.network import Lister, Network, Publisher, declared
from crosspost.store import articles, brands, deliveries, links, posts
from crosspost.store.store import Store


def seen(
    store: Store, brand: Brand, open_account: Callable[[Account], Network], now: datetime, *, days: int = 30
) -> Seen:
    """Compare the last `days` days. An account that cannot be read is told with its reason, and proves nothing."""
    since = now - timedelta(days=days)
    with store.read(brand.id) as scope:
        accounts = [one for one in brands.accounts(scope) if one.server not in (IMPORTED, GONE)]
        rows = [row for row in deliveries.listed(scope) if row.due_at >= since]
        attempts = {row.id: deliveries.attempts(scope, row.id) for row in rows}
        ours = OwnLinks.of(brand.public_url, [one.article.url for one in articles.articles(scope)])
        registered = frozenset(one.code for one in links.all_of(scope)) | {row.code for row in rows}
        deleted = posts.deleted_codes(scope)
    looked: list[Looked] = []
    classes: dict[str, DeliveryClass] = {}
    for account in accounts:
        name = f"{account.network} {account.handle}"
        if account.by_hand:
            looked.append(Looked(account.id, name, None, "posts are made by hand"))
            continue
        try:
            adapter = open_account(account)
            if isinstance(adapter, Publisher):
                mine = [row for row in rows if row.account_id == account.id]
                classes |= {
                    row.id: declared(adapter, row.teaser.link_placement, reply=row.parent_id is not None)
                    for row in mine
                }
            if not isinstance(adapter, Lister):
                looked.append(Looked(account.id, name, None, "the network shows no list of posts"))
                continue
            looked.append(Looked(account.id, name, adapter.posts(since)))
        except NetworkFailure as failure:
            looked.append(Looked(account.id, name, None, failure.reason))
        except CrosspostError as error:
            looked.append(Looked(account.id, name, None, error.message))
    return compare(rows, attempts, looked, classes, ours, registered, deleted, since=since, now=now)

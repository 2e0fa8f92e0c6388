"""The bundle of a brand's audit: what may leave the store, what stays there, and which files it all came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from crosspost.audit.ledger import Ledger
from crosspost.audit.results import Audit, ShareClaim
from crosspost.commands.bundle import InputFile, Inputs, held_back, write_bundle
from crosspost.commands.bundle_file import as_json
from crosspost.commands.ledger import gather
from crosspost.domain.brand import Brand
from crosspost.domain.telling import Rules
from crosspost.store import amounts, files
from crosspost.store.store import Store


def bundle_of(
    store: Store, brand: Brand, whole: Ledger, found: Audit, folder: Path, *, same_as: Mapping[str, str], told: Rules
) -> Path:
    """Write the bundle of `found`, the audit of `whole`, to a folder; its path. Raises BadInput."""
    read_from_networks = gather(
        store, brand, found.made_at, since=whole.period.start, until=whole.period.end, read_by=found.made_at,
        lasting=True,
    )  # fmt: skip
    lasting = replace(whole, posts=read_from_networks.posts, followers=read_from_networks.followers)
    with store.read(brand.id) as scope:
        stored = amounts.rows(scope)
        imported = tuple(InputFile(one.sha256, one.kind, one.rows) for one in files.all_of(scope))
    held = held_back(whole, lasting, f"readings in the store of {brand.slug}")
    return write_bundle(
        lasting,
        [one.claim for one in found.findings if isinstance(one.claim, ShareClaim)],
        found.made_at,
        folder,
        inputs=Inputs(tuple(sorted(imported, key=lambda one: one.sha256)), stored, held),
        configuration={
            "since": whole.period.start.isoformat(),
            "until": whole.period.end.isoformat(),
            "same_as": dict(same_as),
            "placebo": sorted(told.placebo),
            "told_rules": hashlib.sha256(as_json({**asdict(told), "placebo": sorted(told.placebo)})).hexdigest(),
        },
    )

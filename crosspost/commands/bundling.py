"""The bundle of a brand's audit: what may leave the store, what stays there, and which files it all came from."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

from crosspost.audit.ledger import Ledger
from crosspost.audit.results import Audit, ShareClaim
from crosspost.commands.bundle import InputFile, Inputs, held_back, write_bundle
from crosspost.commands.bundle_file import as_json
from crosspost.commands.choices import Choices
from crosspost.commands.ledger import lasting
from crosspost.domain.brand import Brand
from crosspost.domain.telling import Rules
from crosspost.store import amounts, files
from crosspost.store.store import Store


def bundle_of(
    store: Store, brand: Brand, whole: Ledger, found: Audit, folder: Path, *, choices: Choices, told: Rules
) -> Path:
    """Write the bundle of `found`, the audit of `whole` and nothing else, to a folder; its path. Raises BadInput."""
    kept = lasting(store, brand, whole, found.made_at)
    with store.read(brand.id) as scope:
        stored = amounts.rows(scope)
        imported = tuple(InputFile(one.sha256, one.kind, one.rows) for one in files.all_of(scope))
    held = held_back(whole, kept, f"readings in the store of {brand.slug}")
    return write_bundle(
        kept,
        [one.claim for one in found.findings if isinstance(one.claim, ShareClaim)],
        found.made_at,
        folder,
        inputs=Inputs(tuple(sorted(imported, key=lambda one: one.sha256)), stored, held),
        configuration={
            "since": whole.period.start.isoformat(),
            "until": whole.period.end.isoformat(),
            "same_as": dict(choices.same_as),
            "placebo": sorted(choices.placebo),
            "rate": None if choices.rate is None else str(choices.rate),
            "told_rules": hashlib.sha256(as_json({**asdict(told), "placebo": sorted(told.placebo)})).hexdigest(),
        },
        found=found if kept == whole else None,
    )

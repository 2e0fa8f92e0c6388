"""What every table stands on: the names of its constraints, and the brand its rows belong to."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def of_brand(*, index: bool = True) -> Column[str]:
    """The column that says whose a row is. `index` False where another index starts with it."""
    return Column("brand_id", String(26), ForeignKey("brand.id"), nullable=False, index=index)

"""A secret that cannot be shown by accident."""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """A token or key. Not printable, formattable, picklable or serialisable; `reveal()` is the only way in.

    Grep for `reveal(` to see every place a secret is used.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.__value.encode(), other.__value.encode())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: store it in the vault")

    def __iter__(self) -> NoReturn:
        raise TypeError("a Secret is not iterable")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

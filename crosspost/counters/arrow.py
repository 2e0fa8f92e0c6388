"""Columns of an Arrow stream as NumPy arrays over its own memory, by its C interface: without pyarrow.

Source: arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html. Read here are the plain columns that
a query can be made to give: whole numbers and floats of 64 bits, and text.
"""

from __future__ import annotations

import ctypes
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
_NUMBERS = {b"i": np.int32, b"l": np.int64, b"g": np.float64}
_TEXT = {b"u": np.int32, b"U": np.int64}  # what its offsets are


class _Schema(ctypes.Structure):
    pass


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_Schema._fields_ = [
    ("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_void_p), ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64), ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.c_void_p), ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))),
    ("private_data", ctypes.c_void_p),
]  # fmt: skip
_Array._fields_ = [
    ("length", ctypes.c_int64), ("null_count", ctypes.c_int64), ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64), ("n_children", ctypes.c_int64), ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))), ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))), ("private_data", ctypes.c_void_p),
]  # fmt: skip
_Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(_Stream))),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Stream))), ("private_data", ctypes.c_void_p),
]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Text i is `data[offsets[i]:offsets[i + 1]]`, UTF-8."""

    data: Bytes
    offsets: NDArray[np.int64]


class StreamError(Exception):
    """What the engine said when it could not go on."""


Column = Text | NDArray[Any]


def batches(source: Any) -> Generator[list[Column], None, None]:
    """Columns of each batch of what has `__arrow_c_stream__`; they are gone when the next one is asked for. Who leaves
    before the end closes the generator, so that nothing is still being fetched.

    Numbers must not be missing. Raises StreamError, and ValueError at a column of another kind.
    """
    capsule = source.__arrow_c_stream__()
    address = ctypes.pythonapi.PyCapsule_GetPointer
    address.restype, address.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    stream = _Stream.from_address(address(capsule, b"arrow_array_stream"))
    schema = _Schema()
    _checked(stream, stream.get_schema(stream, schema))
    try:
        formats = [schema.children[at].contents.format for at in range(schema.n_children)]
    finally:
        schema.release(schema)

    def fetched() -> _Array | None:
        array = _Array()
        _checked(stream, stream.get_next(stream, array))
        return array if array.release else None

    with ThreadPoolExecutor(1) as ahead:  # the engine makes the next batch while this one is used
        coming = ahead.submit(fetched)
        try:
            while (array := coming.result()) is not None:
                coming = ahead.submit(fetched)
                try:
                    yield [_column(array.children[at].contents, kind) for at, kind in enumerate(formats)]
                finally:
                    array.release(array)
        finally:
            left = None if coming.exception() else coming.result()
            if left is not None:
                left.release(left)


def _checked(stream: _Stream, code: int) -> None:
    if code:
        said = stream.get_last_error(stream)
        raise StreamError(said.decode(errors="replace") if said else f"error {code}")


def _column(array: _Array, kind: bytes) -> Column:
    if array.null_count:
        raise ValueError("a value is missing")
    if kind in _NUMBERS:
        return _buffer(array, 1, _NUMBERS[kind], array.length)
    if kind in _TEXT:
        offsets = _buffer(array, 1, _TEXT[kind], array.length + 1).astype(np.int64)
        return Text(_whole(array, 2, int(offsets[-1])), offsets)
    raise ValueError(f"a column of kind {kind.decode()!r}")


def _buffer(array: _Array, at: int, kind: type[Any], number: int) -> NDArray[Any]:
    size = np.dtype(kind).itemsize
    found: NDArray[Any] = _whole(array, at, (array.offset + number) * size).view(kind)[array.offset :]
    return found


def _whole(array: _Array, at: int, size: int) -> Bytes:
    if not size:
        return np.zeros(0, np.uint8)
    memory: Any = (ctypes.c_uint8 * size).from_address(array.buffers[at])
    found: Bytes = np.frombuffer(memory, np.uint8)
    return found

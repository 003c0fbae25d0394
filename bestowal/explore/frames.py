"""The binary form of an answer made of arrays: a JSON header that says what lies where, then the arrays.

    bytes 0–3   "BSF1"
    bytes 4–7   uint32, little-endian: length of the header
    then        the header, UTF-8: {"meta": {…}, "arrays": [{"name", "dtype", "shape", "offset"}, …]}
    then        zeros up to a multiple of 8, and the arrays, each followed by zeros up to a multiple of 8

Offsets count from where the arrays begin; numbers are little-endian, rows before columns.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"BSF1"
TYPES = {"u1": "<u1", "u2": "<u2", "u4": "<u4", "f4": "<f4", "f8": "<f8"}


def pack(meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """These arrays under these names, with what is to be said of them, as bytes."""
    told, parts, offset = [], [], 0
    for name, array in arrays.items():
        dtype = array.dtype.kind + str(array.dtype.itemsize)
        if dtype not in TYPES:
            raise TypeError(f"{name}: {array.dtype} is none of {', '.join(TYPES)}")
        content = np.ascontiguousarray(array, dtype=TYPES[dtype]).tobytes()
        told.append({"name": name, "dtype": dtype, "shape": list(array.shape), "offset": offset})
        parts += [content, bytes(-len(content) % 8)]
        offset += len(parts[-2]) + len(parts[-1])
    header = json.dumps({"meta": meta, "arrays": told}, ensure_ascii=False, allow_nan=False).encode()
    start = MAGIC + len(header).to_bytes(4, "little") + header
    return b"".join([start, bytes(-len(start) % 8), *parts])


def unpack(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What ``pack`` was given."""
    if content[:4] != MAGIC:
        raise ValueError("no frames: they begin with BSF1")
    end = 8 + int.from_bytes(content[4:8], "little")
    header = json.loads(content[8:end])
    data = memoryview(content)[end + -end % 8 :]
    arrays = {}
    for told in header["arrays"]:
        shape = tuple(told["shape"])
        count = int(np.prod(shape, dtype=np.int64))
        array = np.frombuffer(data, dtype=TYPES[told["dtype"]], count=count, offset=told["offset"])
        arrays[told["name"]] = array.reshape(shape)
    return header["meta"], arrays

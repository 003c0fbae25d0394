"""Compiled kernels on disk, by Numba's cache: what is damaged there is dropped and compiled again.

Numba checks none of its files. A file cut short or overwritten raises an error of some kind, and a changed bit in the
machine code would be run. So the code of a function is stored with a checksum.

Imports Numba: import it where a kernel is compiled, and not before.
"""

import hashlib
import pickle
from pathlib import Path
from typing import Any

from numba.core.caching import CompileResultCacheImpl, FunctionCache, InTreeCacheLocator
from numba.core.serialize import dumps

from bestowal.core.files import remove, unwritable_cache


def on_disk(function: Any) -> Any:
    """The same jitted function, its machine code stored beside the file that defines it."""
    function._cache = _Cache(function.py_func)
    return function


class _Locator(InTreeCacheLocator):
    """Always beside the source file: Numba goes elsewhere where that folder is not writable, or on its own settings."""

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> "_Locator":
        return cls(py_func, py_file)

    def get_source_stamp(self) -> str:
        return ""  # the folder is named by a digest of the code, so what is in it is never stale


class _Stored(CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012 (as Numba declares it)

    def reduce(self, result: Any) -> tuple[str, bytes]:
        code = dumps(super().reduce(result))
        return hashlib.sha256(code).hexdigest(), code

    def rebuild(self, target: Any, stored: Any) -> Any:
        checksum, code = stored
        if hashlib.sha256(code).hexdigest() != checksum:
            raise ValueError("the checksum of the machine code does not match")
        return super().rebuild(target, pickle.loads(code))


class _Cache(FunctionCache):
    _impl_class = _Stored

    def load_overload(self, signature: Any, target: Any) -> Any:
        try:
            return super().load_overload(signature, target)
        except Exception:  # what reading a damaged file raises is of many kinds, none of them promised
            self._drop()
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        try:
            super().save_overload(signature, result)
        except Exception:  # a folder in place of a file, or another process dropped the folder in the meantime
            self._drop()
            try:
                super().save_overload(signature, result)
            except OSError as error:
                raise unwritable_cache(Path(self.cache_path), error) from error

    def _drop(self) -> None:
        """Remove this function's files; other processes take a file that is gone for one that never was."""
        folder = Path(self.cache_path)
        try:
            if folder.exists() and not folder.is_dir():
                folder.unlink()
            for path in folder.glob(f"{self._impl.filename_base}.*"):
                if path.suffix in (".nbi", ".nbc"):
                    remove(path)
        except OSError:
            return  # what can not be removed can not be written over either, which is reported there

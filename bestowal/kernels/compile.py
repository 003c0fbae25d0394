"""Two ways to compile a function of arrays that is called again and again inside other compiled code.

    njit_no_refcount   compiles without counting references. Its arrays belong to the caller for as long as it runs, and
                       it makes none. Numba otherwise counts references to each array handed in, up and down again at
                       every call, in atomic instructions: for a world of twenty arrays that took more time than most of
                       the steps of its year. The function becomes part of its caller: handing on twenty arrays, of
                       seven numbers each, is the next largest cost.
    njit_no_alias      compiles without counting references, and the arrays it writes overlap no other array it is
                       handed. LLVM makes vector instructions of a loop only where no array it writes can overlap
                       another. Without this promise it compares the arrays' ends each time the loop is entered, and
                       gives up where there are more than four or five.

Both are promises, not checks. A function compiled by `njit_no_alias` may be handed a row that it changes in place, and
two names for one row only where it writes to neither. An index of unsigned integers, as `range` makes of unsigned ends,
needs no look at its sign, which would keep a loop from vector instructions as well.
"""

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.compiler import Compiler

# An option that Numba has and its type hints leave out.
_NO_REFCOUNT: Any = {"_nrt": False}


class _NoAliasCompiler(Compiler):
    """Numba's own compiler, with its flag `noalias`, which no decorator of Numba's passes on."""

    def define_pipelines(self) -> Any:
        self.state.flags.noalias = True
        return super().define_pipelines()


def njit_no_refcount(function: Callable[..., Any]) -> Any:
    """Compile a function that makes no arrays."""
    return njit(error_model="numpy", forceinline=True, **_NO_REFCOUNT)(function)


def njit_no_alias(function: Callable[..., Any]) -> Any:
    """Compile a function that makes no arrays, and none of whose arrays overlap."""
    return njit(error_model="numpy", pipeline_class=_NoAliasCompiler, **_NO_REFCOUNT)(function)

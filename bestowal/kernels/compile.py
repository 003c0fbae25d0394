"""Two ways to compile a function of arrays that is called again and again inside other compiled code.

    borrowing   its arrays are its caller's for as long as it runs, and it makes none. Numba else counts references to
                each array handed in, up and down again at every call, in atomic instructions: for a world of twenty
                arrays that took more time than most of the steps of its year. It becomes a part of what calls it:
                handing on twenty arrays, of seven numbers each, is the next largest cost.
    loop        borrowing, and what it writes overlaps nothing else it is handed. LLVM makes vector instructions of a
                loop only where no array it writes can overlap another. Told nothing, it compares the arrays' ends each
                time the loop is entered, and gives up where there are more than four or five.

Both are promises, not checks. A loop may be handed a row that it changes in place, and two names for one row only where
it writes to neither. An index of unsigned integers, as `range` makes of unsigned ends, needs no look at its sign, which
would keep a loop from vector instructions as well.
"""

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.compiler import Compiler

# An option that Numba has and its type hints leave out.
_UNCOUNTED: Any = {"_nrt": False}


class _Apart(Compiler):
    """Numba's own compiler, with a flag it has for this and that no decorator hands on."""

    def define_pipelines(self) -> Any:
        self.state.flags.noalias = True
        return super().define_pipelines()


def borrowing(function: Callable[..., Any]) -> Any:
    """Compile a function that makes no arrays."""
    return njit(error_model="numpy", forceinline=True, **_UNCOUNTED)(function)


def loop(function: Callable[..., Any]) -> Any:
    """Compile a function that makes no arrays, and none of whose arrays overlap."""
    return njit(error_model="numpy", pipeline_class=_Apart, **_UNCOUNTED)(function)

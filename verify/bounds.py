"""Runs every model compiled with checks of its indices, so that one out of range raises. About five minutes.

Each model at its defaults; with every parameter in turn at its other values from the start; and, where a Change may
set it, from step 2 of 4. Other values are both ends of a share or rate; of a whole number its lowest, the two next to
the default, and its double. What the model itself refuses is skipped. An index counted from the end is in range: a -1
that was not meant is not seen.

python verify/bounds.py            exit status 1 when an index was out of range
"""

import os
import sys
import tempfile
import time

STEPS, AT, WORLDS = 4, 2, [0, 7]


def others(p) -> list[float]:
    here = p.default
    found = {p.low, p.high} if p.kind == "float" else {p.low, here - 1, here + 1, 2 * here}
    return sorted(v for v in found if v != here and p.low <= v <= p.high)


def main() -> int:
    import numba
    import numpy as np

    from bestowal.core.errors import BestowalError
    from bestowal.models.registry import load, names, parameters
    from bestowal.simulation import engine
    from bestowal.simulation.scenario import defaults

    @numba.njit
    def beyond(array):
        return array[array.size]

    try:
        beyond(np.zeros(3))
        raise SystemExit("an index out of range does not raise here")
    except IndexError:
        pass
    wrong = 0
    for name in names():
        began, runs, refused = time.monotonic(), 0, 0
        base = defaults(name).clock(years=STEPS)
        told = [
            (p.name, v, y) for p in parameters(load(name)) for v in others(p) for y in (None, AT) if not (y and p.fixed)
        ]
        for what, value, year in [("", 0, None), *told]:
            try:
                scenario = base.but(year, **{what: value}) if what else base
                engine.simulate(scenario, WORLDS)
                runs += 1
            except BestowalError:
                refused += 1
            except IndexError as error:
                wrong += 1
                print(f"{name}: {what} = {value:g} from step {year or 0}: {error}", flush=True)
        print(f"{name}: {runs} runs, {refused} refused, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{wrong} out of range")
    return int(wrong > 0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"NUMBA_BOUNDSCHECK": "1", "BESTOWAL_CACHE": folder}  # before Numba is imported
        sys.exit(main())

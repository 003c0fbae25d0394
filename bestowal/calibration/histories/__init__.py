"""Three recorded societies that lasted, each compared with its scenario: what was fitted, predicted, missed.

The rule, stated before any run: a record is one history, so it is compared with single simulated histories and not
with their mean. A comparison is *within* where the measured number, or any part of its range, lies in the central
95 % of simulated worlds. Else it is *off by* the simulated mean less the nearest end of the measured range. What is
fitted or set by hand is compared by the same rule and says so: that it comes out right is no evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bestowal.calibration.datasets import data
from bestowal.calibration.histories import hutterite, kibbutz, shakers
from bestowal.calibration.histories.record import (
    SETS,
    Comparison,
    Course,
    Fitted,
    History,
    Measured,
    over_worlds,
    run_all,
)
from bestowal.calibration.histories.shakers import shaker_entry
from bestowal.core.errors import BestowalError, nearest
from bestowal.core.progress import Progress
from bestowal.simulation.scenario_file import scenario

if TYPE_CHECKING:
    import os

__all__ = ["NAMES", "Comparison", "Course", "Fitted", "History", "Measured", "history", "over_worlds", "shaker_entry"]


NAMES = ("shakers", "hutterite", "kibbutz")
ROOMY_WORLDS = 96  # Hutterite worlds with room: each holds forty times a catalogue world's people


def history(
    name: str,
    *,
    sets: int = SETS,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> History:
    """Return the comparison of a recorded society with its scenario.

    Parameters
    ----------
    name : one of `NAMES`.
    sets : simulated histories of each society, 2 or more.
    threads : blocks of worlds run at once; one a processor unless given.
    store : the folder of results; $BESTOWAL_STORE or ./results unless given.
    progress : called with (worlds done, worlds in all).

    Raises
    ------
    BestowalError
        There is no such history, ``sets`` is below 2, or too few worlds are comparable with the record.
    """
    if name not in NAMES:
        raise BestowalError(f"there is no history {name!r}{nearest(name, NAMES)}")
    if sets < 2:
        raise BestowalError(f"sets = {sets}: must be 2 or more")
    society = scenario(name)
    if name == "shakers":
        both = shakers.shaker_societies(data("shakers_membership"))
        worlds = {size: sets * max(shakers.societies_of_size(some, size) for some in both) for size in shakers.SIZES}
        jobs = [(shakers.of_size(society, size), worlds[size]) for size in shakers.SIZES]
        jobs += [(shakers.of_size(society, shakers.USUAL).but(applicants=0.0), worlds[shakers.USUAL])]
        *by_size, alone = run_all(jobs, threads, store, progress)
        return shakers.history(
            society,
            dict(zip(shakers.SIZES, by_size, strict=True)),
            alone,
            data("shakers_membership"),
            data("shakers_retention"),
        )
    if name == "hutterite":
        roomy = society.but(n_communities=hutterite.HUTTERITE_ROOMS).clock(years=hutterite.HUTTERITE_YEARS)
        one = society.but(n_founded=1)
        jobs = [(society, sets), (roomy, min(sets, ROOMY_WORLDS)), (one, sets)]
        as_it_is, with_room, from_one = run_all(jobs, threads, store, progress)
        return hutterite.history(society, as_it_is, with_room, from_one, data("hutterite_amish_population"))
    long = society.clock(years=kibbutz.KIBBUTZ_YEARS)
    jobs = [(long, sets), (long.but(n_communities=kibbutz.KIBBUTZ_ROOMS), sets)]
    as_it_is, with_room = run_all(jobs, threads, store, progress)
    return kibbutz.history(society, as_it_is, with_room, data("kibbutz_population"))

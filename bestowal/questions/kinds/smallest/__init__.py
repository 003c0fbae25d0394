"""The smallest change that would have been enough: which levers, at which sizes, nearest to history.

A change turns some levers to sizes above 0 (history) up to 1 (as the question file states them). Its distance is the
sum over its levers of weight × distance at full size × size. Distances are added, not squared: a reader can add them,
and a norm would call a little of everything nearer than one clear change. Its sufficiency is the share, of the worlds
that failed in history, that succeed with it. It is *enough* when the lower limit (Wilson, 95 %) of its sufficiency is
at least the target.

1. Sets at full size, smallest first, without those that contain a set already enough; and, from all levers together,
   down by the lever that is best left out. Each change begins on a few worlds and goes on to twice as many (successive
   halving, Jamieson & Talwalkar 2016) only while it isn't hopeless: while the upper limit at 99.9 % reaches the target.
   Where no set is enough so, sizes inside are tried: each lever alone at every size, and then, from all levers together
   and from the change that saved most, each lever in turn at the best of every second size, the others held
   (coordinate ascent). Where sets are enough, a lever alone is still tried at every second size that would be nearer.
2. Sizes, on a grid of STEP: of a set with one lever that has sizes, all; of others, by random search in batches
   around the nearest so far (``sizes._in_batches``; a batch is run as one, so that the order of runs decides nothing).
   Then each lever is made smaller, or left out, while that is still enough; and from the nearest change so found, less
   of one lever is traded for more of another, in the set or not: two small changes can be nearer than one large one.
3. What was found is run on fresh worlds, as many again, that no search has seen. The answer is the nearest change whose
   share there is at least the target, and its numbers are those of the fresh worlds.
4. As the lower limit must reach the target, the sizes found lie above the smallest that are enough. So sizes around
   them are run on the fresh worlds too: ``threshold`` is where the share itself reaches the target, with the sizes that
   can't be told from it. And the worlds of the search are drawn again RESAMPLES times, with replacement, to see which
   other sets of levers might as well have come out nearest: ``rivals``.

Adding a lever can do harm, so more isn't always better: a set is minimal where no part of it was enough at full size.
The search is no proof: a nearer change may have been missed.
"""

from bestowal.questions.kind import Kind
from bestowal.questions.kinds.smallest.compute import foremost, parts
from bestowal.questions.kinds.smallest.result import Smallest
from bestowal.questions.kinds.smallest.section import TITLE, section

KIND = Kind(
    order=10,
    title=TITLE,
    result=Smallest,
    parts=parts,
    section=section,
    figure="bestowal.questions.kinds.smallest.figure",
    foremost=foremost,
)

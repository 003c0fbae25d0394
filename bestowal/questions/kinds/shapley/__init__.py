"""Shares of blame: how much of the gap between two societies each of their differences carries.

The gap is in P(success), or in mean full years stood. The differences are players; the worth of a set of them is that
of the first society with the second's values for these. A player's share is its Shapley (1953) value: what it adds,
averaged over all orders of joining. It is linear in the worth, so it is worked out world by world (world w has the same
luck in every mixture), and the shares of each world add up to that world's gap. With few players every mixture is run.
With many, orders are drawn (Castro, Gómez & Tejada 2009), each on a block of worlds of its own, so that they are
independent; their shares add up to the gap on those worlds.

Limits: a player that changes nothing has share 0; with additive worth a share is what the player does alone.
"""

from bestowal.questions.kind import Kind
from bestowal.questions.kinds.shapley.compute import Blame, parts
from bestowal.questions.kinds.shapley.section import TITLE, section

KIND = Kind(
    order=30,
    title=TITLE,
    result=Blame,
    parts=parts,
    section=section,
    figure="bestowal.questions.kinds.shapley.figure",
)

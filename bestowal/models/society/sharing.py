"""Sharing: mutual aid, deductions, the pot, the guarantee, want, capital and debt.

pot = (1−β)(1+ρ)·Y·(1−D) + return on capital − debt service; x = β·y·(1−D) + top-up to need + equal share (+ rent).
What comes in goes out: Q + return on capital + bail-out + capital eaten + loan = Σx + saving + arms + force + gifts +
debt service (rent is inside Σx). Limits: β = 1 leaves no pot but the return on capital; guarantee 0 splits the pot
equally; full softness leaves nobody in want (Kornai 1980). Mutual aid pools shocks and keeps total product.
"""

import numpy as np

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.elementary import clip, total
from bestowal.models.society.rule import rent_share
from bestowal.models.society.state import (
    ARMS,
    ATE,
    BREADTH,
    CAPITAL,
    CONSUMPTION,
    DEBT,
    DEDUCTED,
    EATEN,
    EFFORT,
    EXPECTED,
    GIFTS,
    GROSS,
    LOAN,
    MADE,
    MOTIVE,
    OWN,
    PAID,
    PAY,
    PAYOFF,
    PRODUCT,
    RENT,
    RESCUED,
    RIVALRY,
    SCRATCH,
    SHOCK,
    SUPREMACY,
    TRANSFER,
    WORKERS,
    places,
)


@njit_no_refcount
def aid(p, s):
    """Product of every community before (Y) and after pooling a part mutual_aid·openness of its shock."""
    pooled = p.mutual_aid * p.openness
    made = 0.0
    steady = 0.0
    for c in range(p.n_communities):
        if s.standing[c] == 1:
            s.community[MADE, c] = total(s.person[PRODUCT, c * p.n_places : (c + 1) * p.n_places])
            gross = s.community[MADE, c] * (1.0 + (1.0 - s.community[PAY, c]) * p.synergy)
            made += gross
            steady += gross / s.community[SHOCK, c]
    if pooled == 0.0 or made <= 0.0:
        return
    for c in range(p.n_communities):
        if s.standing[c] == 1:
            factor = (1.0 - pooled) + pooled * (made / steady) / s.community[SHOCK, c]
            s.community[MADE, c] *= factor
            product = s.person[PRODUCT, c * p.n_places : (c + 1) * p.n_places]
            for i in range(product.size):
                product[i] *= factor


@njit_no_refcount
def deduct(p, s, c):
    """Shares of product taken before consumption; returns the saving share and the number of rulers."""
    lo, hi = places(p, c)
    n = s.community[WORKERS, c]
    s.community[RIVALRY, c] = total(s.person[SUPREMACY, lo:hi]) / n
    arms = clip(s.community[RIVALRY, c] + p.arms_under_threat * p.threat, 0.0, 0.5)
    gifts = 0.0
    if p.outward_giving > 0.0:
        scratch, breadth, motive = s.person[SCRATCH, lo:hi], s.person[BREADTH, lo:hi], s.person[MOTIVE, lo:hi]
        for i in range(scratch.size):
            scratch[i] = breadth[i] * motive[i]
        gifts = p.outward_giving * total(scratch) / n
    saving = p.saving
    force = p.coercion_cost * p.coercion
    rent, held = rent_share(p, s, c)
    taken = saving + arms + force + gifts + rent
    if taken > 0.9:
        scale = 0.9 / taken
        saving, arms, force, gifts, rent, taken = (
            saving * scale,
            arms * scale,
            force * scale,
            gifts * scale,
            rent * scale,
            0.9,
        )
    s.community[ARMS, c] = arms
    s.community[GIFTS, c] = gifts
    s.community[RENT, c] = rent
    s.community[DEDUCTED, c] = taken
    return saving, held


@njit_no_alias
def pay_own(lo, hi, need, part, alive, product, own, lacking):
    """What own work is paid, and what it leaves to wish for."""
    for i in range(lo, hi):
        paid = part * product[i]
        gap = need - paid
        own[i] = paid
        lacking[i] = np.float64(alive[i]) * (gap if gap > 0.0 else 0.0)


@njit_no_alias
def pay_out(lo, hi, need, top_up, equal, each, alive, ruler, own, consumption, lacking):
    """Consumption, and what the pot leaves to wish for."""
    for i in range(lo, hi):
        here = np.float64(alive[i])
        eaten = own[i] + top_up * lacking[i] + here * equal + np.float64(ruler[i]) * each
        short = need - eaten
        consumption[i] = eaten
        lacking[i] = here * (short if short > 0.0 else 0.0)


@njit_no_alias
def relieve(lo, hi, relief, lacking, expected, given, consumption, payoff):
    """Consumption after relief, and payoff."""
    for i in range(lo, hi):
        eaten = consumption[i] + lacking[i] * relief
        consumption[i] = eaten
        payoff[i] = eaten - 0.5 * expected[i] * given[i]


@njit_no_refcount
def share(p, s, c):
    """Consumption and payoff of every member of c, and the community's accounts."""
    lo, hi = places(p, c)
    own, consumption, lacking = s.person[OWN], s.person[CONSUMPTION], s.person[SCRATCH]
    n = s.community[WORKERS, c]
    pay = s.community[PAY, c]
    saving, held = deduct(p, s, c)
    s.community[GROSS, c] = s.community[MADE, c] * (1.0 + (1.0 - pay) * p.synergy)
    left = 1.0 - s.community[DEDUCTED, c]
    pot = (1.0 - pay) * (1.0 + p.synergy) * s.community[MADE, c] * left + p.capital_return * s.community[CAPITAL, c]
    due = s.community[DEBT, c] * (p.interest + p.repayment)
    paid = due if due < pot else pot
    pot -= paid
    debt = s.community[DEBT, c] * (1.0 + p.interest) - paid
    s.community[PAID, c] = paid
    # the guarantee first, then equal shares
    need = p.need
    pay_own(lo, hi, need, pay * left, s.alive, s.person[PRODUCT], own, lacking)
    claim = p.guarantee * total(lacking[lo:hi])
    top_up = p.guarantee if pot >= claim else p.guarantee * pot / claim
    equal = (pot - claim) / n if pot >= claim else 0.0
    each = s.community[RENT, c] * s.community[GROSS, c] / held if held > 0.0 else 0.0
    pay_out(lo, hi, need, top_up, equal, each, s.alive, s.ruler, own, consumption, lacking)
    # want: bailed out, then capital is eaten, then borrowed for
    want = total(lacking[lo:hi])
    rescued = eaten = loan = relief = 0.0
    if want > 0.0:
        rescued = p.budget_softness * want
        usable = min(p.capital_use, 1.0 - p.depreciation) * s.community[CAPITAL, c]
        eaten = min(want - rescued, usable)
        loan = min(want - rescued - eaten, max(0.0, p.credit * s.community[GROSS, c] - debt))
        relief = (rescued + eaten + loan) / want
    relieve(lo, hi, relief, lacking, s.person[EXPECTED], s.person[EFFORT], consumption, s.person[PAYOFF])
    s.community[RESCUED, c] = rescued
    s.community[EATEN, c] = eaten
    s.community[LOAN, c] = loan
    s.community[CAPITAL, c] = s.community[CAPITAL, c] * (1.0 - p.depreciation) + saving * s.community[GROSS, c] - eaten
    s.community[DEBT, c] = debt + loan
    ate = total(consumption[lo:hi])
    s.community[ATE, c] = ate
    s.hungry[c] = s.hungry[c] + 1 if ate < need * n * (1.0 - 1e-9) else 0
    s.community[TRANSFER, c] = (ate - total(own[lo:hi])) / n

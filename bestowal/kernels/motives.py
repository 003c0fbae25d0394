"""What people are like and how they learn of others, as the society and the laboratory share it.

    trait       p where p is 0 or 1 or the spread is 0, else logistic(logit(p) + sd·z), z standard normal
    care        α = o·min(1, m/(1−m))·[κ + (1−κ)·μ·ĝ]: what is asked of oneself for each other, own good = 1
    belief      ĝ ← ĝ + b·(what was seen − ĝ) + noise, held in [0, 1] (Fischbacher & Gächter 2010: b about 0.42)

Limits. κ = 1 cares whatever others do; κ = 0 matches the part μ of what they are believed to give; m ≥ ½ counts
another as oneself. b = 0 without noise keeps the belief, b = 1 without noise is what was seen.
"""

from numba import njit

from bestowal.kernels.elementary import clip, log, logistic


@njit(error_model="numpy")
def logit(share):
    """Return the logarithm of the odds of a share, 0 < share < 1."""
    return log(share / (1.0 - share))


@njit(error_model="numpy")
def spread(row, n, centre, sd):
    """Turn n standard normal numbers into a trait in [0, 1] around `centre`, in place."""
    if centre <= 0.0 or centre >= 1.0 or sd == 0.0:
        for i in range(n):
            row[i] = centre
        return
    middle = logit(centre)
    for i in range(n):
        row[i] = logistic(middle + sd * row[i])


@njit(error_model="numpy", forceinline=True)
def care(ratio, inclusion, commitment, belief, matching):
    """α: weight on each other member's consumption relative to one's own; ratio is exp(s − d), that is m/(1−m)."""
    weight = 1.0 if ratio > 1.0 else ratio
    return inclusion * weight * (commitment + (1.0 - commitment) * matching * belief)


@njit(error_model="numpy", forceinline=True)
def believed(belief, seen, rate, noise):
    """The next belief of what others give."""
    return clip(belief + rate * (seen - belief) + noise, 0.0, 1.0)

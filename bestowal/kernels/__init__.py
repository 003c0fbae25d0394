"""Functions that models compile into their own: random numbers, elementary functions, choice, motives."""

NUMERICS = 1  # raise when any stored number can change though no code in the digest did
STORE = 1  # layout of results/

"""From a scenario to stored results: keys, the engine, the store, twins, sweeps."""

#!/usr/bin/python3
"""The reference rollout in vectorised numpy: every scrape window of six hours in a few array draws.

Prints microseconds a rollout (the least of several runs)."""
import sys
import time

try:
    import numpy as np
except ImportError:
    sys.exit("numpy is not installed (python3-numpy)")

BOUNDS = np.array([10, 13, 17, 22, 28, 36, 47, 60, 78, 101, 130, 169, 218, 282, 365, 472, 610, 789,
                   1020]) / 1000
SHARES = np.repeat([0.05, 0.1, 0.25, 0.5, 0.75, 0.9], 240)
ERRORS = (0.005, 0.0085)
WINDOWS = 20


def masses():
    from math import erf, log, sqrt
    upto = [0.5 * (1 + erf(log(b / 0.08) / 0.6 / sqrt(2))) for b in BOUNDS]
    return np.diff(np.array([0.0, *upto, 1.0]))


def sliding(x):
    total = np.concatenate([np.zeros((1, *x.shape[1:])), np.cumsum(x, axis=0)])
    ends = np.arange(4, len(x) + 1, 4)
    return total[ends] - total[np.maximum(ends - WINDOWS, 0)]


def quantile(counts, q):
    upto = np.cumsum(counts, axis=1)
    rank = q * upto[:, -1]
    at = np.minimum((upto < rank[:, None]).sum(axis=1), len(BOUNDS) - 1)
    low = np.where(at > 0, BOUNDS[at - 1], 0)
    before = np.where(at > 0, upto[np.arange(len(at)), at - 1], 0)
    inside = np.maximum(counts[np.arange(len(at)), at], 1)
    return low + (BOUNDS[at] - low) * (rank - before) / inside


def rollout(rng, mass):
    requests = rng.poisson(1500, len(SHARES))
    canary = rng.binomial(requests, SHARES)
    readings = []
    for n, p in ((requests - canary, ERRORS[0]), (canary, ERRORS[1])):
        errors = rng.binomial(n, p)
        buckets = rng.multinomial(n, mass)
        readings.append((sliding(n), sliding(errors), quantile(sliding(buckets), 0.95)))
    (_, _, stable), (n, errors, slow) = readings
    return ((errors > 0.013 * n) | (slow > 1.25 * stable)).sum()


def main():
    rng, mass = np.random.default_rng(1), masses()
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(10):
            rollout(rng, mass)
        best = min(best, (time.process_time() - began) / 10)
    print(f"{'numpy, a whole rollout at once':<34} {best * 1e6:10.1f} us a rollout")


if __name__ == "__main__":
    main()

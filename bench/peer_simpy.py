#!/usr/bin/python3
"""The reference rollout in SimPy, one process a request: what a general simulator costs.

Plays a few minutes of it and scales to six hours, since a whole one takes many seconds."""
import random
import sys
import time

MINUTES = 6


def request(env, rng, share, counters):
    version = rng.random() < share
    error = rng.random() < (0.0085 if version else 0.005)
    yield env.timeout(rng.lognormvariate(-2.5257286443082556, 0.6))
    counters[version][error] += 1


def arrivals(env, rng, share, counters):
    while True:
        yield env.timeout(rng.expovariate(100))
        env.process(request(env, rng, share, counters))


def main():
    try:
        import simpy
    except ImportError:
        sys.exit("SimPy is not installed (python3-simpy3)")
    rng, env, counters = random.Random(1), simpy.Environment(), [[0, 0], [0, 0]]
    env.process(arrivals(env, rng, 0.05, counters))
    began = time.process_time()
    env.run(until=60 * MINUTES)
    seconds = (time.process_time() - began) * 360 / MINUTES
    print(f"{'SimPy, a process a request':<34} {seconds * 1e6:10.0f} us a rollout")


if __name__ == "__main__":
    main()

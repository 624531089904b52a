"""What the peer benchmarks share: the protocol, and the document they print.

Every peer does the same work with the same token ids: prefill of 512 tokens with the last position's logits, decode of
128 tokens one by one behind 16 and behind 512, 64 steps of 8 sequences behind 128 each. Decoded tokens are given, not
sampled: no peer is charged for its sampler. The first repetition of everything is discarded.
"""

import json
import os
import resource
import statistics
import sys
import time

PREFILL = 512
DECODE = 128
CONTEXTS = (16, 512)
SEQUENCES, SEQUENCE_CONTEXT, SEQUENCE_STEPS = 8, 128, 64


def token_ids(count: int, vocabulary: int, salt: int = 0) -> list[int]:
    """Ordinary tokens in a fixed pseudo-random order, none of the special ones at the start of the vocabulary."""
    state, ids = 12345 + salt, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        ids.append(1000 + (state >> 8) % (vocabulary - 2000))
    return ids


def summary(samples: list[float]) -> dict:
    """`{median, min, max}` as in Stoa's benchmark documents."""
    return {"median": statistics.median(samples), "min": min(samples), "max": max(samples)}


def rate(tokens: int, repetitions: int, prepare, work) -> dict:
    """Tokens per second of `work`, each time after an untimed `prepare`."""
    samples = []
    for _ in range(repetitions + 1):
        prepare()
        started = time.perf_counter()
        work()
        samples.append(tokens / (time.perf_counter() - started))
    return summary(samples[1:])


def peak_rss_mb() -> float:
    """Largest resident set of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine(threads: int) -> dict:
    """CPU name, threads, memory."""
    lines = open("/proc/cpuinfo").read().splitlines()
    cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cpu": cpu, "threads": threads, "memory_gb": round(memory, 1), "load_average": os.getloadavg()[0]}


def emit(document: dict):
    """Prints the one document."""
    json.dump(document, sys.stdout)
    print()

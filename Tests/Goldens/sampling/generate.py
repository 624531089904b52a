"""Writes goldens.json: what the logits processors of transformers keep of random logits.

Usage: python generate.py   (versions in README.md)
"""

import json
import pathlib

import numpy
import torch
from transformers import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)


def steps(case):
    """The processors of a case in the order in which they run."""
    if case["repetition_penalty"] != 1:
        yield RepetitionPenaltyLogitsProcessor(case["repetition_penalty"])
    if case["temperature"] != 1:
        yield TemperatureLogitsWarper(case["temperature"])
    if case["top_k"]:
        yield TopKLogitsWarper(case["top_k"])
    if case["top_p"] < 1:
        yield TopPLogitsWarper(case["top_p"])
    if case["min_p"]:
        yield MinPLogitsWarper(case["min_p"])


def run(case, dtype):
    scores = torch.tensor([case["logits"]], dtype=dtype)
    ids = torch.tensor([case["history"]], dtype=torch.long)
    for step in steps(case):
        scores = step(ids, scores)
    kept = torch.nonzero(scores[0] > -float("inf")).flatten().tolist()
    return kept, torch.softmax(scores[0], -1)


def main():
    random = numpy.random.default_rng(20260301)
    cases = []
    while len(cases) < 60:
        size = int(random.choice([5, 40, 150]))
        spread = float(random.choice([0.5, 2.0, 6.0]))
        case = {
            # Distinct values: transformers keeps all of several equal logits, which is a difference on purpose.
            "logits": [float(v) for v in numpy.round(random.normal(0, spread, size), 3).astype(numpy.float32)],
            "history": [int(v) for v in random.integers(0, size, int(random.integers(1, 12)))],
            "temperature": float(random.choice([1.0, 0.5, 0.7, 1.5])),
            "top_k": int(random.choice([0, 1, 3, 20, 50])),
            "top_p": float(random.choice([1.0, 0.1, 0.5, 0.9, 0.95])),
            "min_p": float(random.choice([0.0, 0.02, 0.1, 0.5])),
            "repetition_penalty": float(random.choice([1.0, 1.0, 1.1, 1.5])),
        }
        if len(set(case["logits"])) < size:
            continue
        kept, probabilities = run(case, torch.float64)
        # A case whose outcome hangs on single-precision rounding says nothing about the rule.
        if kept != run(case, torch.float32)[0]:
            continue
        case["kept"] = kept
        case["probabilities"] = [float(f"{probabilities[i]:.12g}") for i in kept]
        cases.append(case)
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    pathlib.Path(__file__).with_name("goldens.json").write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()

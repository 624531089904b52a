"""Writes goldens.json: what scipy, numpy and exact fractions say about the statistics of evaluations.

Plainly: recomputes and compares, exit code 2 where something differs. With RECORD_GOLDENS=1: writes the file.
Versions in README.md.
"""

import fractions
import itertools
import json
import math
import os
import pathlib
import sys

import numpy
import scipy.stats
from scipy.stats._resampling import _bca_interval

PATH = pathlib.Path(__file__).with_name("goldens.json")


def binomial():
    cases = []
    for trials in [1, 2, 7, 30, 200, 1319, 100000]:
        for p in [0.001, 0.05, 0.3, 0.5, 0.77, 0.999]:
            middle = int(trials * p)
            spread = int(3 * (trials * p * (1 - p)) ** 0.5)
            for successes in sorted({0, trials, middle, max(0, middle - spread), min(trials, middle + spread + 1)}):
                law = scipy.stats.binom(trials, p)
                cases.append(
                    {
                        "trials": trials,
                        "p": p,
                        "successes": successes,
                        "probability": law.pmf(successes),
                        "at_most": law.cdf(successes),
                        "at_least": law.sf(successes - 1),
                    }
                )
    return cases


def beta():
    return [
        {"x": x, "a": a, "b": b, "cumulative": float(scipy.stats.beta(a, b).cdf(x))}
        for a in [0.5, 1, 2.5, 40, 1000]
        for b in [0.5, 1, 7, 300]
        for x in [1e-6, 0.01, 0.2, 0.5, 0.9, 0.9999]
    ]


def student():
    return {
        "cumulative": [
            {"t": t, "degrees": d, "cumulative": float(scipy.stats.t(d).cdf(t)), "beyond": 2 * float(scipy.stats.t(d).sf(abs(t)))}
            for t in [-30.0, -2.5, -0.1, 0.0, 0.3, 1.96, 8.0]
            for d in [1, 2, 5, 29, 199, 5000]
        ],
        "quantile": [
            {"p": p, "degrees": d, "quantile": float(scipy.stats.t(d).ppf(p))}
            for p in [0.001, 0.025, 0.4, 0.6, 0.975, 0.9995]
            for d in [1, 2, 5, 29, 199, 5000]
        ],
    }


def normal():
    return {
        "cumulative": [{"z": z, "cumulative": float(scipy.stats.norm.cdf(z))} for z in [-9.0, -3.2, -1.0, 0.0, 0.5, 2.0, 5.5]],
        "quantile": [
            {"p": p, "quantile": float(scipy.stats.norm.ppf(p))} for p in [1e-12, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999]
        ],
    }


def wilson():
    cases = []
    for successes, trials in [(0, 1), (0, 20), (1, 20), (10, 20), (20, 20), (37, 200), (700, 1319)]:
        for level in [0.9, 0.95, 0.99]:
            found = scipy.stats.binomtest(successes, trials).proportion_ci(level, method="wilson")
            cases.append({"successes": successes, "trials": trials, "level": level, "interval": [found.low, found.high]})
    return cases


def mcnemar():
    cases = []
    for b, c in [(0, 0), (0, 1), (1, 5), (3, 3), (12, 4), (40, 61), (300, 250)]:
        exact = scipy.stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
        middle = exact - scipy.stats.binom.pmf(min(b, c), b + c, 0.5) if b != c else 1.0
        cases.append({"only_first": b, "only_second": c, "exact": min(1.0, exact), "mid_p": middle})
    return cases


def newcombe():
    """Newcombe's method 10, written down from the paper; his table's first data set comes out as he prints it."""

    def score(successes, trials):
        found = scipy.stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
        return found.low, found.high

    cases = []
    for both, first, second, neither in [(36, 12, 2, 0), (2, 98, 97, 3), (10, 0, 0, 10), (0, 0, 0, 9), (5, 1, 4, 2)]:
        n = both + first + second + neither
        p, q = (both + first) / n, (both + second) / n
        (low1, high1), (low2, high2) = score(both + first, n), score(both + second, n)
        product = (both + first) * (second + neither) * (both + second) * (first + neither)
        top = both * neither - first * second
        if top > 0:
            top = max(top - n / 2, 0)
        phi = top / math.sqrt(product) if product else 0.0
        down = math.sqrt(max(0, (q - low2) ** 2 - 2 * phi * (q - low2) * (high1 - p) + (high1 - p) ** 2))
        up = math.sqrt(max(0, (high2 - q) ** 2 - 2 * phi * (high2 - q) * (p - low1) + (p - low1) ** 2))
        cases.append({"counts": [both, first, second, neither], "interval": [q - p - down, q - p + up]})
    return cases


def paired(random):
    cases = []
    for size in [2, 9, 60]:
        first, second = random.random(size).round(3), random.random(size).round(3)
        found = scipy.stats.ttest_rel(second, first)
        student = found.confidence_interval(0.95)
        difference = second - first
        reach = scipy.stats.norm.ppf(0.975) * difference.std(ddof=1) / size**0.5
        cases.append(
            {
                "differences": difference.tolist(),
                "p": float(found.pvalue),
                "student": [float(student.low), float(student.high)],
                "normal": [float(difference.mean() - reach), float(difference.mean() + reach)],
            }
        )
    return cases


def clustered(random):
    cases = []
    for groups, size in [(2, 3), (25, 4), (40, 1)]:
        scores = (random.random((groups, size)) < random.random((groups, 1))).astype(float)
        residuals = (scores - scores.mean()).sum(axis=1)
        error = math.sqrt(groups / (groups - 1) * (residuals**2).sum()) / scores.size
        cases.append({"groups": scores.tolist(), "mean": scores.mean(), "error": error})
    return cases


def bootstrap(random):
    cases = []
    for size in [8, 40]:
        data = numpy.round(random.exponential(1.0, size), 3)
        draws = random.integers(0, size, (999, size))
        replicates = data[draws].mean(axis=1)
        jackknife = numpy.array([numpy.delete(data, i).mean() for i in range(size)])
        low, high, _ = _bca_interval((data,), lambda x, axis: x.mean(axis=axis), -1, 0.025, replicates, None)
        corrected = numpy.quantile(replicates, [float(low), float(high)])
        cases.append(
            {
                "estimate": float(data.mean()),
                "replicates": replicates.tolist(),
                "jackknife": jackknife.tolist(),
                "percentile": numpy.quantile(replicates, [0.025, 0.975]).tolist(),
                "bca": corrected.tolist(),
            }
        )
    return cases


def pass_at_k():
    cases = []
    for tries, correct, k in [(1, 0, 1), (1, 1, 1), (10, 3, 5), (64, 2, 8), (200, 1, 100), (1000, 17, 50), (5, 4, 2)]:
        exact = 1 - fractions.Fraction(math.comb(tries - correct, k), math.comb(tries, k))
        cases.append({"tries": tries, "correct": correct, "k": k, "chance": float(exact)})
    return cases


def majority(random):
    """By going through every subset."""
    cases = []
    for _ in range(12):
        tries = int(random.integers(2, 11))
        answers = [int(a) for a in random.integers(-1, 4, tries)]
        k = int(random.integers(1, tries + 1))
        right = 1
        order = [a for a in dict.fromkeys(answers) if a >= 0]
        wins = 0
        subsets = list(itertools.combinations(answers, k))
        for subset in subsets:
            votes = [subset.count(a) for a in order]
            if votes and max(votes) > 0 and order[votes.index(max(votes))] == right:
                wins += 1
        cases.append({"answers": answers, "right": right, "k": k, "chance": wins / len(subsets)})
    return cases


def calibration(random):
    confidence = random.random(300).round(3)
    correct = random.random(300) < confidence**1.5
    edges = numpy.linspace(0, 1, 11)
    bins = numpy.clip(numpy.digitize(confidence, edges, right=True) - 1, 0, 9)
    error = sum(
        abs(correct[bins == b].mean() - confidence[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    )
    return {
        "confidence": confidence.tolist(),
        "correct": correct.tolist(),
        "expected_error": float(error),
        "brier": float(((confidence - correct) ** 2).mean()),
    }


def main():
    random = numpy.random.default_rng(20261126)
    goldens = {
        "binomial": binomial(),
        "beta": beta(),
        "student": student(),
        "normal": normal(),
        "wilson": wilson(),
        "mcnemar": mcnemar(),
        "newcombe": newcombe(),
        "paired": paired(random),
        "clustered": clustered(random),
        "bootstrap": bootstrap(random),
        "pass_at_k": pass_at_k(),
        "majority": majority(random),
        "calibration": calibration(random),
    }
    text = json.dumps(json.loads(json.dumps(goldens, default=float)), separators=(",", ":")).replace("},{", "},\n{") + "\n"
    if os.environ.get("RECORD_GOLDENS") == "1":
        if os.environ.get("CI"):
            sys.exit("CI only reads goldens")
        PATH.write_text(text)
        return
    if PATH.read_text() != text:
        sys.exit(2)


main()

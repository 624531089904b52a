"""How many pairs of simple answers `stoa verify --batch` decides in a second, reading and writing JSON Lines included.

Usage: throughput.py STOA [--pairs N] [--repetitions N] [--seed N]

Pairs are those of everyday problems: whole numbers, decimals, fractions, percentages, amounts of money, short LaTeX; half of
them equivalent. The start of the program is taken out: it is timed with one pair, by turns with the full file.
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import tempfile
import time


def pair(stream):
    """An answer, a reference, and whether they say the same."""
    number = stream.randrange(2, 10_000)
    other = number if stream.random() < 0.5 else number + stream.randrange(1, 9)
    spelling = stream.randrange(7)
    if spelling == 0:
        return str(other), str(number), other == number
    if spelling == 1:
        return f"{other:,}.00", str(number), other == number
    if spelling == 2:
        return f"\\frac{{{other * 3}}}{{{6}}}", f"{number}/2", other == number
    if spelling == 3:
        return f"{other}\\%", f"{number / 100}", other == number
    if spelling == 4:
        return f"${other}", f"{number} dollars", other == number
    if spelling == 5:
        return f"The answer is \\boxed{{{other}}}.", str(number), other == number
    return f"x = {other}", f"{number}", other == number


def seconds(stoa, path, pairs):
    start = time.perf_counter()
    text = subprocess.run([stoa, "verify", "--batch", path], check=True, capture_output=True, text=True).stdout
    elapsed = time.perf_counter() - start
    lines = [json.loads(line) for line in text.splitlines()]
    wrong = [line for line in lines if "id" in line and line["equivalent"] != line["label"]]
    assert sum("id" in line for line in lines) == pairs and not wrong, wrong[:3]
    return elapsed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stoa")
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    stream = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for count in (1, arguments.pairs):
            files[count] = pathlib.Path(folder, f"{count}.jsonl")
            with files[count].open("w") as file:
                for index in range(count):
                    answer, reference, label = pair(stream)
                    line = {"id": str(index), "answer": answer, "reference": reference, "label": label}
                    file.write(json.dumps(line) + "\n")
        rates = []
        for _ in range(arguments.repetitions):
            start = seconds(arguments.stoa, files[1], 1)
            rates.append((arguments.pairs - 1) / (seconds(arguments.stoa, files[arguments.pairs], arguments.pairs) - start))
    print(json.dumps({
        "pairs": arguments.pairs, "repetitions": arguments.repetitions,
        "pairs_per_second": {"median": statistics.median(rates), "min": min(rates), "max": max(rates)}}))


if __name__ == "__main__":
    main()

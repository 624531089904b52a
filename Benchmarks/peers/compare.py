"""Runs Stoa and the peers by turns on one model file and prints medians and ratios of medians.

    python compare.py --model FILE.gguf [--stoa PATH] [--threads 2] [--rounds 3] [--peers LIST] [--json OUT]

One round is one process of each, in an order that rotates, so that a disturbance of the machine meets all alike. A
round's figure is the median of its repetitions; the table shows the median over rounds. A ratio above 1 means that
Stoa is better: faster, or smaller for load time and memory. Without --stoa only the peers run.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
PEERS = {
    "llama.cpp": ["llama_cpp_bench.py"],
    "transformers-bf16": ["transformers_bench.py", "--dtype", "bf16"],
    "transformers-fp32": ["transformers_bench.py", "--dtype", "fp32"],
}
# Row of the table, path in the documents, True where smaller is better.
MEASURES = [
    ("prefill 512, tok/s", ("prefill_tokens_per_second",), False),
    ("decode at 16, tok/s", ("decode_tokens_per_second", "context_16"), False),
    ("decode at 512, tok/s", ("decode_tokens_per_second", "context_512"), False),
    ("decode 8 at once, tok/s", ("batch8_decode_tokens_per_second",), False),
    ("latent steps/s", ("latent_steps_per_second",), False),
    ("load, s", ("load_seconds",), True),
    ("peak memory, MB", ("peak_rss_mb",), True),
    ("read bandwidth, GB/s", ("read_bandwidth_gb_per_second",), False),
    ("fraction of bandwidth", ("fraction_of_bandwidth",), False),
]


def number(document: dict, path: tuple[str, ...], statistic: str):
    """The figure at `path`, of a summary its `statistic` (median, min or max); None where it is absent."""
    value = document
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value.get(statistic) if isinstance(value, dict) else value


def wait_for_calm(limit: float) -> float:
    """Waits until the processors idle for 90 % of 3 s, at most `limit` seconds; returns the seconds waited."""

    def counters() -> tuple[int, int]:
        fields = [int(n) for n in open("/proc/stat").readline().split()[1:9]]
        return fields[3] + fields[4], sum(fields)

    started = time.monotonic()
    while time.monotonic() - started < limit:
        idle, total = counters()
        time.sleep(3)
        later_idle, later_total = counters()
        if later_idle - idle > 0.9 * (later_total - total):
            break
    return time.monotonic() - started


def run(name: str, command: list[str], timeout: float) -> dict:
    """Runs one benchmark process and reads the JSON document it prints."""
    load = os.getloadavg()[0]
    started = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        sys.exit(f"compare: {name} did not end within {timeout:.0f} s: {' '.join(command)}")
    if done.returncode != 0:
        sys.exit(f"compare: {name} ended with {done.returncode}: {' '.join(command)}\n{done.stderr[-2000:]}")
    try:
        document = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        sys.exit(f"compare: {name} printed no JSON document ({error}): {done.stdout[:200]!r}")
    seconds = time.monotonic() - started
    print(f"  {name:18} {seconds:6.1f} s, load average before {load:.1f}", file=sys.stderr)
    return {"load_average_before": load, "seconds": seconds, "document": document}


def spread(samples: list[float]) -> dict:
    """`{median, min, max}` over rounds."""
    return {"median": statistics.median(samples), "min": min(samples), "max": max(samples)}


def table(summary: dict, ratios: dict, statistic: str) -> str:
    """The table for people."""
    names = list(summary)
    rows = [["", *names, *(f"stoa / {n}" for n in ratios)]]
    for label, _, smaller in MEASURES:
        if not any(label in summary[n] for n in names):
            continue
        row = [label]
        for name in names:
            cell = summary[name].get(label)
            if cell:
                value = pick(cell, smaller, statistic)
                digits = 3 if value < 10 else 0 if value >= 1000 else 1
                row.append(f"{value:.{digits}f} ({cell['min']:.{digits}f}-{cell['max']:.{digits}f})")
            else:
                row.append("-")
        for name in ratios:
            ratio = ratios[name].get(label)
            row.append(f"{ratio:.2f}{' (smaller)' if smaller else ''}" if ratio else "-")
        rows.append(row)
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])
        for row in rows
    )


def pick(cell: dict, smaller: bool, statistic: str) -> float:
    """What represents the rounds: their median, or the best of them."""
    return cell["median"] if statistic == "median" else cell["min" if smaller else "max"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="a GGUF file, the same for all")
    parser.add_argument("--stoa", help="path of the stoa binary")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=3, help="of the peers, inside one process")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"comma-separated, of {', '.join(PEERS)}; or none")
    parser.add_argument(
        "--by",
        choices=["median", "best"],
        default="median",
        help="best: compare the least disturbed repetition of each; for a machine that is never quiet",
    )
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one process")
    parser.add_argument("--wait", type=float, default=0, help="at most so many seconds for a quiet machine, each time")
    parser.add_argument("--json", type=pathlib.Path, help="also write everything measured here")
    arguments = parser.parse_args()
    model = arguments.model.resolve()
    if not model.exists():
        parser.error(f"no such model file: {model}")
    chosen = [] if arguments.peers == "none" else arguments.peers.split(",")
    if unknown := set(chosen) - PEERS.keys():
        parser.error(f"unknown peer: {', '.join(sorted(unknown))}; known: {', '.join(PEERS)}")

    common = ["--model", str(model), "--threads", str(arguments.threads)]
    commands = {}
    if arguments.stoa:
        commands["stoa"] = [arguments.stoa, "bench", "engine", "--json", *common]
    for name in chosen:
        script, *options = PEERS[name]
        repetitions = ["--repetitions", str(arguments.repetitions)]
        commands[name] = [sys.executable, str(HERE / script), *options, *common, *repetitions]

    if not commands:
        parser.error("nothing to run: give --stoa or peers")
    rounds = {name: [] for name in commands}
    order = list(commands)
    for index in range(arguments.rounds):
        print(f"round {index + 1} of {arguments.rounds}", file=sys.stderr)
        shift = index % len(order)
        for name in order[shift:] + order[:shift]:
            wait_for_calm(arguments.wait)
            rounds[name].append(run(name, commands[name], arguments.timeout))

    def within(smaller: bool) -> str:
        return "median" if arguments.by == "median" else "min" if smaller else "max"

    summary = {
        name: {
            label: spread(samples)
            for label, path, smaller in MEASURES
            if (samples := [v for r in runs if (v := number(r["document"], path, within(smaller))) is not None])
        }
        for name, runs in rounds.items()
    }
    ratios = {}
    for name in commands:
        if name == "stoa" or "stoa" not in summary:
            continue
        ratios[name] = {
            label: (theirs / ours if smaller else ours / theirs)
            for label, _, smaller in MEASURES
            if label in summary["stoa"] and label in summary[name]
            and (ours := pick(summary["stoa"][label], smaller, arguments.by))
            and (theirs := pick(summary[name][label], smaller, arguments.by))
        }
    heading = f"{model.name}, {arguments.threads} threads, {arguments.rounds} rounds"
    print(f"{heading}: {arguments.by} (smallest-largest round)")
    print(table(summary, ratios, arguments.by))
    if arguments.json:
        everything = {
            "model": model.name,
            "threads": arguments.threads,
            "rounds": arguments.rounds,
            "by": arguments.by,
            "summary": summary,
            "ratios": ratios,
            "runs": rounds,
        }
        arguments.json.write_text(json.dumps(everything, indent=1) + "\n")


if __name__ == "__main__":
    main()

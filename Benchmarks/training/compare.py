#!/usr/bin/env python3
"""Training by turns: `stoa bench train` beside PyTorch and peft, on the same batches, rank and threads.

    compare.py FOLDER --model FILE.gguf [--stoa .build/release/stoa] [--batch 4] [--length 64] [--rounds 3] [--json FILE]

FOLDER is the dequantised FILE.gguf (Tests/Goldens/models/gguf_to_hf.py). One round is one process of each, the order
rotating; the figure of a process is the median over its steps but the first, the figure of the table the median over
rounds. A ratio is the median over rounds of Stoa's figure by that of PyTorch's fastest setting in the same round. Builds on
the same machine disturb PyTorch's two threads more than one: --threads 1 is the calmer comparison there.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PEERS = {"autocast": "bf16 autocast", "bf16": "bf16 weights", "f32": "fp32"}
OURS = ["bf16", "fp32"]


def peer(kind, options):
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
    command = [
        sys.executable, HERE / "reference.py", "speed", options.folder, "--out", options.out, "--kind", kind, "--json",
        "--batch", options.batch, "--length", options.length, "--steps", options.steps, "--threads", options.threads,
        "--rank", options.rank, "--alpha", 2 * options.rank,
    ]
    out = subprocess.run(map(str, command), env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return json.loads(out.stdout)


def ours(kind, options):
    command = [
        options.stoa, "bench", "train", "--model", options.model, "--job", options.out / "job.json", "--only", kind,
        "--threads", options.threads, "--json", "--quiet",
    ]
    out = subprocess.run(map(str, command), stdout=subprocess.PIPE, check=True)
    document = json.loads(out.stdout)[kind]
    return {name: document[name]["median"] for name in ["tokens_per_second", "peak_rss_mb"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--stoa", type=pathlib.Path, default=HERE.parents[1] / ".build/release/stoa")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parents[1] / ".build/training-comparison")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # The first process of a peer writes the batches that all others read.
    runs = [("PyTorch", kind, peer) for kind in PEERS] + [("Stoa", kind, ours) for kind in OURS]
    rounds = []
    for index in range(options.rounds):
        order = runs if index == 0 else runs[index % len(runs):] + runs[:index % len(runs)]
        result = {(name, kind): run(kind, options) for name, kind, run in order}
        result["load"] = os.getloadavg()[0]
        rounds.append(result)
        print(f"round {index + 1} of {options.rounds}, load {result['load']:.1f}", file=sys.stderr)

    def middle(key, figure):
        return statistics.median(r[key][figure] for r in rounds)

    print(f"{options.batch} x {options.length} tokens a step, rank {options.rank}, {options.threads} threads")
    print(f"{'':24}{'tokens/s':>10}{'peak MiB':>10}{'speed':>8}{'memory':>8}")
    table = []
    for name, kind, _ in runs:
        key = (name, kind)
        speed, memory = [], []
        for r in rounds:
            best = max((("PyTorch", k) for k in PEERS), key=lambda k: r[k]["tokens_per_second"])
            speed.append(r[key]["tokens_per_second"] / r[best]["tokens_per_second"])
            memory.append(r[key]["peak_rss_mb"] / r[best]["peak_rss_mb"])
        row = {
            "name": f"{name}, {PEERS.get(kind, kind) if name == 'PyTorch' else kind}",
            "tokens_per_second": middle(key, "tokens_per_second"), "peak_rss_mb": middle(key, "peak_rss_mb"),
            "speed_ratio": statistics.median(speed), "memory_ratio": statistics.median(memory),
        }
        table.append(row)
        print(f"{row['name']:24}{row['tokens_per_second']:10.0f}{row['peak_rss_mb']:10.0f}"
              f"{row['speed_ratio']:8.2f}{row['memory_ratio']:8.2f}")
    if options.json:
        text = [{str(key): value for key, value in r.items()} for r in rounds]
        options.json.write_text(json.dumps({"table": table, "rounds": text}, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Holds a `stoa` binary against the goldens: exact with the reference, fast with exact.

    python check_score.py PATH/TO/stoa [--models DIR] [--json] [smollm2-135m gemma3-270m]

Models are named to the binary as here; with --models they are the GGUF files in DIR, and with --hf-folders also their
dequantised folders `DIR/hf-*` (see dequantise.py), in exact. Needs Python alone. Exit codes: 0 within the limits,
1 the binary failed, 2 a limit is exceeded: exact within 1e-3 of the reference, fast's perplexity within 0.5 % of
exact's.
"""

import argparse
import array
import json
import math
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
NAMES = ["smollm2-135m", "gemma3-270m"]
EXACT_LIMIT = 1e-3
PERPLEXITY_LIMIT = 0.005


def read_safetensors(path: pathlib.Path) -> dict[str, tuple[list[int], array.array]]:
    """Name -> (shape, values) of a file of F32 and I32 tensors."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    result = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            values = array.array({"F32": "f", "I32": "i"}[entry["dtype"]])
            values.frombytes(data[8 + size + start : 8 + size + end])
            result[name] = (entry["shape"], values)
    return result


def score(stoa: str, model: str, windows: list[list[int]], precision: str) -> list[dict]:
    """`stoa score` over the windows."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(windows, file)
        file.flush()
        command = [stoa, "score", "--model", model, "--tokens", file.name]
        command += ["--precision", precision, "--top", "5", "--json"]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr[-2000:]}", file=sys.stderr)
        sys.exit(1)
    documents = json.loads(done.stdout)
    for document, ids in zip(documents, windows, strict=True):
        logprobs = document["logprobs"]
        assert len(logprobs) == len(ids) and logprobs[0] is None, "logprobs: one per token, the first null"
        assert all(math.isfinite(p) and p <= 0 for p in logprobs[1:]), "logprobs: finite and not positive"
    return documents


def best(document: dict) -> list[int]:
    """Most likely token at every place but the first."""
    top = document["top"]
    # A `top` whose first entry is empty stands beside the token it is about; else it belongs to the token before.
    rows = top[1:] if not top[0] else top[: len(document["logprobs"]) - 1]
    return [row[0]["id"] for row in rows]


def flat(documents: list[dict]) -> list[float]:
    """All log-probabilities of all windows in a row."""
    return [p for document in documents for p in document["logprobs"][1:]]


def perplexity(logprobs) -> float:
    return math.exp(-sum(logprobs) / len(logprobs))


def agreement(a: list[int], b: list[int]) -> float:
    return sum(x == y for x, y in zip(a, b, strict=True)) / len(a)


def top_gap(documents: list[dict], tensors: dict, windows: list[str]) -> float:
    """Largest difference of the best log-probabilities, rank by rank."""
    gap = 0.0
    for document, window in zip(documents, windows, strict=True):
        (rows, width), values = tensors[f"{window}.top_logprobs"]
        top = document["top"]
        shift = 0 if top[0] else 1
        for row in range(rows):
            for rank in range(min(width, len(top[row + shift]))):
                gap = max(gap, abs(top[row + shift][rank]["logprob"] - values[row * width + rank]))
    return gap


def check(stoa: str, name: str, model: str, precisions: list[str]) -> dict:
    """All figures of one model file."""
    golden = json.loads((HERE / f"{name}.json").read_text())
    tensors = read_safetensors(HERE / f"{name}.safetensors")
    windows = list(golden["windows"])
    ids = [golden["windows"][w] for w in windows]
    reference = [p for w in windows for p in tensors[f"{w}.logprobs"][1]]
    reference_best = [t for w in windows for t in tensors[f"{w}.top_ids"][1][::5]]

    report = {"model": model, "tokens": len(reference), "reference_perplexity": perplexity(reference)}
    exact = None
    for precision in precisions:
        documents = score(stoa, model, ids, precision)
        logprobs, choices = flat(documents), [t for d in documents for t in best(d)]
        gaps = sorted(abs(a - b) for a, b in zip(logprobs, reference, strict=True))
        report[precision] = {
            "max_gap": gaps[-1],
            "p99_gap": gaps[int(len(gaps) * 0.99)],
            "mean_gap": sum(gaps) / len(gaps),
            "max_gap_of_top": top_gap(documents, tensors, windows),
            "perplexity": perplexity(logprobs),
            "perplexity_over_reference": perplexity(logprobs) / perplexity(reference),
            "greedy_agreement_with_reference": agreement(choices, reference_best),
        }
        if precision == "exact":
            exact = (logprobs, choices)
        elif exact:
            report[precision]["perplexity_over_exact"] = perplexity(logprobs) / perplexity(exact[0])
            report[precision]["greedy_agreement_with_exact"] = agreement(choices, exact[1])
            report[precision]["max_gap_to_exact"] = max(abs(a - b) for a, b in zip(logprobs, exact[0], strict=True))
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stoa")
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--models", type=pathlib.Path, help="folder with the GGUF files")
    parser.add_argument("--hf-folders", action="store_true", help="also the dequantised folders in it, in exact")
    parser.add_argument("--precision", choices=["exact", "fast", "both"], default="both")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    precisions = ["exact", "fast"] if arguments.precision == "both" else [arguments.precision]

    reports, failed = [], False
    for name in arguments.names:
        file = json.loads((HERE / f"{name}.json").read_text())["file"]
        model = str(arguments.models / file) if arguments.models else name
        reports.append({"name": name} | check(arguments.stoa, name, model, precisions))
        if arguments.models and arguments.hf_folders:
            folder = arguments.models / f"hf-{pathlib.Path(file).stem}"
            reports.append({"name": f"{name} (folder)"} | check(arguments.stoa, name, str(folder), ["exact"]))
    for report in reports:
        exact, fast = report.get("exact"), report.get("fast")
        if exact and exact["max_gap"] > EXACT_LIMIT:
            failed = True
        if fast and abs(fast.get("perplexity_over_exact", 1) - 1) > PERPLEXITY_LIMIT:
            failed = True
        if arguments.json:
            continue
        print(f"{report['name']}: {report['tokens']} tokens, reference perplexity {report['reference_perplexity']:.4f}")
        for precision in ("exact", "fast"):
            for key, value in report.get(precision, {}).items():
                print(f"  {precision:6}{key:34}{value:.6g}")
    if arguments.json:
        print(json.dumps(reports))
    return 2 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

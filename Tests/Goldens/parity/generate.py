"""Records what the reference library says of the real models, or checks that it still says so.

    python generate.py --models DIR                     compare with the committed goldens, change nothing
    RECORD_GOLDENS=1 python generate.py --models DIR    write them anew
    ... generate.py --models DIR smollm2-135m           only this model

DIR holds the GGUF files. Token ids are read from ids/<model>.json (see tokenise.py). Exit codes: 0 equal or written,
2 a golden differs. Recording is refused where CI is set.
"""

import argparse
import json
import os
import pathlib
import sys
import time

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file

import dequantise
import double

HERE = pathlib.Path(__file__).resolve().parent
FILES = {
    "smollm2-135m": "SmolLM2-135M-Instruct.Q4_1.gguf",
    "gemma3-270m": "gemma-3-270m-q4_k_m.gguf",
}
TOP = 5
GREEDY_TOKENS = 64
TOLERANCE = 2e-4  # between runs of the reference on different machines; the engine's own is 1e-3


@torch.no_grad()
def log_probabilities(model, ids: list[int]):
    """Natural log-probability of ids[1:], and the TOP best (ids, log-probabilities) for the same places."""
    hidden = model.model(torch.tensor(ids)[None], use_cache=False).last_hidden_state[0, :-1]
    chosen, best_ids, best = [], [], []
    # In slices: all logits of a window at once would take 2 GB for Gemma.
    for start in range(0, len(ids) - 1, 128):
        logits = model.lm_head(hidden[start : start + 128])
        logprobs = torch.log_softmax(logits, -1)
        targets = torch.tensor(ids[1 + start : 1 + start + len(logits)])
        chosen.append(logprobs.gather(-1, targets[:, None])[:, 0])
        values, indices = logprobs.topk(TOP, dim=-1)
        best.append(values)
        best_ids.append(indices)
    return torch.cat(chosen), torch.cat(best_ids), torch.cat(best)


@torch.no_grad()
def greedy(model, prompt: list[int]) -> dict:
    """GREEDY_TOKENS tokens after `prompt`, end-of-sequence included like any other, and the margin of each choice."""
    cache = transformers.DynamicCache(config=model.config)
    ids, tokens, margins = torch.tensor(prompt)[None], [], []
    for _ in range(GREEDY_TOKENS):
        logits = model(ids, past_key_values=cache, use_cache=True, logits_to_keep=1).logits[0, -1]
        values, indices = logits.topk(2)
        tokens.append(indices[0].item())
        margins.append(round((values[0] - values[1]).item(), 4))
        ids = indices[:1][None]
    return {"prompt": prompt, "tokens": tokens, "margins": margins}


def load(folder: pathlib.Path):
    """The library's model of a Hugging Face folder, f32."""
    return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def compare_with_own_reader(model, path: pathlib.Path) -> int:
    """Largest difference of any weight between our conversion and the library's own GGUF reader."""
    own = transformers.AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32
    ).state_dict()
    ours = model.state_dict()
    assert own.keys() == ours.keys()
    return max((own[n] - w).abs().max().item() for n, w in ours.items())


def measure(name: str, path: pathlib.Path):
    """All goldens of one model and a report of how far the arbiters are from them."""
    ids = json.loads((HERE / "ids" / f"{name}.json").read_text())
    model = load(dequantise.convert(path, path.parent / f"hf-{path.stem}"))
    report = {"weights_vs_library_gguf_reader": compare_with_own_reader(model, path)}
    tensors = {}
    for window, tokens in ids["windows"].items():
        started = time.monotonic()
        chosen, best_ids, best = log_probabilities(model, tokens)
        tensors[f"{window}.logprobs"] = chosen
        tensors[f"{window}.top_ids"] = best_ids.int()
        tensors[f"{window}.top_logprobs"] = best
        print(f"{name} {window}: {len(tokens)} tokens, {time.monotonic() - started:.1f} s", file=sys.stderr)
    continuations = {n: greedy(model, p) for n, p in ids["prompts"].items()}

    double.in_double(model)
    gap, top_gap, agree, count = 0.0, 0.0, 0, 0
    for window, tokens in ids["windows"].items():
        chosen, best_ids, best = log_probabilities(model, tokens)
        gap = max(gap, (chosen - tensors[f"{window}.logprobs"]).abs().max().item())
        top_gap = max(top_gap, (best - tensors[f"{window}.top_logprobs"]).abs().max().item())
        agree += (best_ids[:, 0].int() == tensors[f"{window}.top_ids"][:, 0]).sum().item()
        count += len(chosen)
    report |= {"f64_max_gap": gap, "f64_max_gap_top": top_gap, "f64_top1_agreement": agree / count}
    every = torch.cat([tensors[f"{w}.logprobs"] for w in ids["windows"]])
    document = {
        "file": path.name,
        "windows": ids["windows"],
        "perplexity": float(torch.exp(-every.double().mean())),
        "scored_tokens": len(every),
        "greedy": continuations,
        "report": report,
        "versions": {
            "torch": torch.__version__.split("+")[0],
            "transformers": transformers.__version__,
            "numpy": np.__version__,
        },
    }
    return document, {n: t.contiguous() for n, t in tensors.items()}


def differences(name: str, document: dict, tensors: dict) -> list[str]:
    """What differs between a fresh measurement and the committed goldens of `name`."""
    committed = json.loads((HERE / f"{name}.json").read_text())
    old = load_file(HERE / f"{name}.safetensors")
    found = [f"{name}: {key} differs" for key in ("file", "windows") if document[key] != committed[key]]
    for key in sorted(tensors | old):
        if key not in tensors or key not in old or tensors[key].shape != old[key].shape:
            found.append(f"{name}: {key} is missing or has another shape")
        elif key.endswith("logprobs") and (gap := (tensors[key] - old[key]).abs().max().item()) > TOLERANCE:
            found.append(f"{name}: {key} differs by {gap:.2e}, tolerated {TOLERANCE:.0e}")
    for prompt, fresh in document["greedy"].items():
        if fresh["tokens"] != committed["greedy"][prompt]["tokens"]:
            found.append(f"{name}: greedy continuation of {prompt} differs")
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=pathlib.Path, required=True, help="folder with the GGUF files")
    parser.add_argument("names", nargs="*", choices=[*FILES, []], help="default: all")
    arguments = parser.parse_args()
    recording = os.environ.get("RECORD_GOLDENS") == "1"
    if recording and os.environ.get("CI"):
        print("goldens are not recorded in CI", file=sys.stderr)
        return 64
    transformers.logging.set_verbosity_error()
    found = []
    for name in arguments.names or FILES:
        document, tensors = measure(name, arguments.models / FILES[name])
        print(name, json.dumps(document["report"]), f"perplexity {document['perplexity']:.4f}")
        if recording:
            (HERE / f"{name}.json").write_text(json.dumps(document) + "\n")
            save_file(tensors, HERE / f"{name}.safetensors")
        else:
            found += differences(name, document, tensors)
    if not recording:
        print("\n".join(found) or "all goldens agree")
    return 2 if found else 0


if __name__ == "__main__":
    sys.exit(main())

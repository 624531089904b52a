#!/usr/bin/env python3
"""The curve that training on real weights must follow, recorded from PyTorch and peft.

    python curve.py FOLDER                      compare with the committed golden, change nothing
    RECORD_GOLDENS=1 python curve.py FOLDER     write it anew

FOLDER is the dequantised SmolLM2-135M-Instruct (Tests/Goldens/models/gguf_to_hf.py). smollm2/curve.json holds the batches, the settings, the log-probabilities of the first batch's tokens under the base
model, the losses of 20 steps and the loss behind them, and the norms of the gradients. The adapter begins with numbers that
are a formula of their place, so that no file has to hold them: A[i] = (hash(i) / 2^31 - 1) / sqrt(inputs), B = 0.

Exit codes: 0 equal or written, 2 the golden differs. Recording is refused where CI is set.
"""

import argparse
import json
import os
import pathlib
import sys

import numpy
import torch
import transformers
from peft import LoraConfig, get_peft_model

HERE = pathlib.Path(__file__).resolve().parent
IDS = HERE.parent / "parity/ids/smollm2-135m.json"
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
TOLERANCE = 1e-4
STEPS, BATCH, LENGTH, RANK, ALPHA, RATE, DECAY, CLIP = 20, 2, 64, 16, 32, 5e-4, 0.01, 1.0


def batches():
    """Windows of the parity texts, another place in each step."""
    text = sum(json.loads(IDS.read_text())["windows"].values(), [])
    place = 0
    for _ in range(STEPS):
        rows = []
        for _ in range(BATCH):
            rows.append([text[(place + i) % len(text)] for i in range(LENGTH)])
            place += 97
        yield rows


def first_numbers(layer, target, rank, inputs):
    """A of one matrix: Knuth's multiplicative hash of each number's place among all."""
    begin = (layer * len(TARGETS) + TARGETS.index(target)) << 16
    place = numpy.arange(rank * inputs, dtype=numpy.uint64) + numpy.uint64(begin + 1)
    hashed = (place * numpy.uint64(2654435761)) & numpy.uint64(0xFFFFFFFF)
    return ((hashed / 2.0**31 - 1) / numpy.sqrt(inputs)).astype(numpy.float32).reshape(rank, inputs)


def log_probabilities(model, rows):
    ids = torch.tensor(rows)
    return torch.log_softmax(model(input_ids=ids).logits[:, :-1].float(), -1).gather(2, ids[:, 1:, None])[..., 0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(2)
    base = transformers.AutoModelForCausalLM.from_pretrained(options.folder, dtype=torch.float32)
    base.config.use_cache = False
    work = list(batches())
    with torch.no_grad():
        logs = log_probabilities(base, work[0])
    configuration = LoraConfig(
        r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM")
    model = get_peft_model(base, configuration)
    trained = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        trained.append(parameter)
        parts = name.split(".")
        if "lora_A" in parts:
            layer = int(parts[parts.index("layers") + 1])
            target = parts[parts.index("lora_A") - 1]
            parameter.data = torch.from_numpy(first_numbers(layer, target, RANK, parameter.shape[1]))
    optimiser = torch.optim.AdamW(trained, lr=RATE, weight_decay=DECAY)
    losses, norms = [], []
    for rows in work:
        optimiser.zero_grad()
        loss = -log_probabilities(model, rows).mean()
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(trained, CLIP)))
        optimiser.step()
        losses.append(float(loss.detach()))
    with torch.no_grad():
        losses.append(float(-log_probabilities(model, work[0]).mean()))
    document = {
        "rank": RANK, "alpha": ALPHA, "targets": TARGETS, "learning_rate": RATE, "weight_decay": DECAY,
        "maximum_gradient_norm": CLIP, "torch": torch.__version__, "losses": losses, "gradient_norms": norms,
        "log_probabilities": [[round(float(x), 6) for x in row] for row in logs],
        "steps": work,
    }
    print(" ".join(f"{x:.4f}" for x in losses))
    path = HERE / "smollm2/curve.json"
    if os.environ.get("RECORD_GOLDENS") == "1":
        if os.environ.get("CI"):
            sys.exit("goldens are not recorded where CI is set")
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
        return
    golden = json.loads(path.read_text())
    worst = max(abs(a - b) for a, b in zip(losses, golden["losses"]))
    print(f"largest difference {worst:.2e}")
    sys.exit(0 if worst < TOLERANCE and golden["steps"] == work else 2)


if __name__ == "__main__":
    main()

"""Gradients of low-rank adapters on the tiny models, as torch's automatic differentiation gives them with matrices in
double precision (the library's norms and softmax stay in 32 bits).

    python generate.py                      recompute everything, compare with the committed goldens, change nothing
    RECORD_GOLDENS=1 python generate.py     write them anew

For each model a batch of three sequences with masks, an adapter on all seven matrices with random A and B, and a random
derivative for each scored log-probability; the golden holds the log-probabilities and the gradient of
sum(derivative * log-probability) with respect to every A and B. Names of adapter tensors are PEFT's.

Exit codes: 0 equal or written, 2 a golden differs. Recording is refused where CI is set.
"""

import json
import os
import pathlib
import sys

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent / "models"
NAMES = ["llama", "llama3-rope", "qwen2", "qwen3", "gemma3", "gemma3-scaled"]
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANK, ALPHA = 4, 6.0
LENGTHS = [23, 40, 9]
TOLERANCE = 1e-5


class LowRank(torch.nn.Module):
    """y = W x + b + alpha / rank * B (A x)."""

    def __init__(self, base, a, b):
        super().__init__()
        self.base, self.a, self.b = base, torch.nn.Parameter(a), torch.nn.Parameter(b)

    def forward(self, x):
        return self.base(x) + ALPHA / RANK * (x @ self.a.T @ self.b.T)


def adapt(model, random):
    """Wraps every targeted matrix; returns {PEFT name: parameter}."""
    parameters = {}
    for name, module in list(model.named_modules()):
        if not isinstance(module, torch.nn.Linear) or name.split(".")[-1] not in TARGETS:
            continue
        # Stored in f32, so that both sides begin with the same numbers.
        a = (random.standard_normal((RANK, module.in_features)) / np.sqrt(module.in_features)).astype(np.float32)
        b = (0.3 * random.standard_normal((module.out_features, RANK))).astype(np.float32)
        low = LowRank(module, torch.from_numpy(a).double(), torch.from_numpy(b).double())
        parent, leaf = name.rsplit(".", 1)
        setattr(model.get_submodule(parent), leaf, low)
        parameters[f"base_model.model.{name}.lora_A.weight"] = low.a
        parameters[f"base_model.model.{name}.lora_B.weight"] = low.b
    return parameters


def golden(name):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        MODELS / name, dtype=torch.float64, attn_implementation="eager"
    ).eval()
    model.requires_grad_(False)
    random = np.random.default_rng(11)
    vocabulary = model.config.vocab_size
    sequences = [random.integers(3, vocabulary, length) for length in LENGTHS]
    masks = [random.random(length) < 0.6 for length in LENGTHS]
    for mask in masks:
        mask[0], mask[-1] = False, True
    derivatives = [random.standard_normal(int(mask.sum())).astype(np.float32) for mask in masks]

    def score():
        result = []
        for tokens, mask in zip(sequences, masks):
            logits = model(torch.from_numpy(tokens)[None], use_cache=False).logits[0, :-1].double()
            rows = torch.log_softmax(logits, -1)
            chosen = rows.gather(-1, torch.from_numpy(tokens[1:])[:, None])[:, 0]
            result.append(chosen[torch.from_numpy(mask[1:])])
        return result

    with torch.no_grad():
        reference = score()
    parameters = adapt(model, random)
    scored = score()
    loss = sum((torch.from_numpy(d).double() * s).sum() for d, s in zip(derivatives, scored))
    loss.backward()

    tensors = {f"adapter.{n}": p.detach() for n, p in parameters.items()}
    tensors |= {f"gradient.{n}": p.grad for n, p in parameters.items()}
    tensors["derivatives"] = torch.from_numpy(np.concatenate(derivatives))
    tensors["log_probabilities"] = torch.cat(scored).detach()
    tensors["reference_log_probabilities"] = torch.cat(reference)
    document = {
        "rank": RANK,
        "alpha": ALPHA,
        "loss": float(loss.detach()),
        "sequences": [s.tolist() for s in sequences],
        "masks": [m.astype(int).tolist() for m in masks],
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
    }
    return document, {n: t.float().contiguous() for n, t in tensors.items()}


def adamw():
    """Five steps of torch's AdamW with decay and changing rates, in f32."""
    random = np.random.default_rng(5)
    start = random.standard_normal(37).astype(np.float32)
    gradients = random.standard_normal((5, 37)).astype(np.float32)
    gradients[:, 3] = 0
    parameter = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimiser = torch.optim.AdamW([parameter], lr=1.0, betas=(0.9, 0.99), eps=1e-6, weight_decay=0.1)
    rates, states = [1e-2, 3e-2, 3e-2, 1e-3, 0.0], []
    for rate, gradient in zip(rates, gradients):
        optimiser.param_groups[0]["lr"] = rate
        parameter.grad = torch.from_numpy(gradient.copy())
        optimiser.step()
        states.append(parameter.detach().clone())
    total = torch.nn.utils.clip_grad_norm_([parameter], 1.5)
    schedules = {}
    for kind in ["constant", "linear", "cosine"]:
        dummy = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        name = "constant_with_warmup" if kind == "constant" else kind
        schedule = transformers.get_scheduler(name, dummy, num_warmup_steps=4, num_training_steps=20)
        factors = []
        for _ in range(22):
            factors.append(schedule.get_last_lr()[0])
            dummy.step()
            schedule.step()
        schedules[kind] = factors
    document = {"rates": rates, "clipped_norm": float(total), "clip": 1.5, "schedules": schedules}
    return document, {
        "start": torch.from_numpy(start),
        "gradients": torch.from_numpy(gradients),
        "states": torch.stack(states),
        "clipped": parameter.grad.clone(),
    }


def differs(document, tensors, folder):
    old = json.loads((folder / "golden.json").read_text())
    for key, value in document.items():
        if key not in ("versions", "loss") and old[key] != value:
            return key
    for name, tensor in load_file(folder / "golden.safetensors").items():
        scale = float(tensor.abs().max()) + 1e-12
        if tensors[name].shape != tensor.shape or float((tensors[name] - tensor).abs().max()) > TOLERANCE * scale:
            return name
    return None


def main():
    record = os.environ.get("RECORD_GOLDENS") == "1"
    if record and os.environ.get("CI"):
        sys.exit("goldens are not recorded in CI")
    torch.set_num_threads(1)
    status = 0
    for name in NAMES + ["optimiser"]:
        document, tensors = adamw() if name == "optimiser" else golden(name)
        folder = HERE / name
        if record:
            folder.mkdir(exist_ok=True)
            (folder / "golden.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
            save_file(tensors, folder / "golden.safetensors", metadata={"format": "pt"})
            print(f"{name}: written")
        elif difference := differs(document, tensors, folder):
            print(f"{name}: {difference} differs")
            status = 2
        else:
            print(f"{name}: equal")
    sys.exit(status)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""LoRA training with PyTorch, transformers and peft: the curve that ours must follow, and the speed that it must beat.

    reference.py curve FOLDER --out DIR           20 steps in f32; writes job.json, the adapter and losses.json
    reference.py curve FOLDER --out DIR --check   trains nothing: compares DIR/stoa.json with DIR/losses.json, and loads
                                                  the adapter that Stoa wrote to DIR/fp32 into peft
    reference.py speed FOLDER --out DIR           writes job.json; prints tokens a second of one --kind

FOLDER is the dequantised model (Tests/Goldens/models/gguf_to_hf.py). `job.json` is what `stoa bench train --job` reads: the
same tokens, adapter and settings. Token ids are those of the parity texts.
"""

import argparse
import json
import pathlib
import resource
import sys
import time

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model

HERE = pathlib.Path(__file__).resolve().parent
IDS = HERE.parents[1] / "Tests/Goldens/parity/ids/smollm2-135m.json"
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
TOLERANCE = 1e-3


def batches(steps, size, length):
    """Windows of the parity texts, another place in each step."""
    text = sum(json.loads(IDS.read_text())["windows"].values(), [])
    result, position = [], 0
    for _ in range(steps):
        rows = []
        for _ in range(size):
            rows.append([text[(position + i) % len(text)] for i in range(length)])
            position += 97
        result.append(rows)
    return result


def load(folder, dtype, options):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa")
    model.config.use_cache = False
    torch.manual_seed(options.seed)
    configuration = LoraConfig(
        r=options.rank, lora_alpha=options.alpha, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM"
    )
    # peft keeps adapters of bf16 models in f32 by itself.
    return get_peft_model(model, configuration)


def optimiser_of(model, options):
    trained = [p for p in model.parameters() if p.requires_grad]
    return trained, torch.optim.AdamW(trained, lr=options.rate, weight_decay=options.decay)


def loss_of(model, rows):
    ids = torch.tensor(rows)
    logits = model(input_ids=ids).logits[:, :-1]
    return torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]).float(), ids[:, 1:].reshape(-1))


def step(model, trained, optimiser, rows, autocast=False):
    optimiser.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        loss = loss_of(model, rows)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimiser.step()
    return float(loss.detach())


def write_job(options, work):
    job = {
        "adapter": "adapter", "rank": options.rank, "alpha": options.alpha, "targets": TARGETS,
        "learning_rate": options.rate, "weight_decay": options.decay, "maximum_gradient_norm": 1.0,
        "steps": [[{"tokens": row} for row in rows] for rows in work],
    }
    (options.out / "job.json").write_text(json.dumps(job))


def curve(options):
    work = batches(options.steps, options.batch, options.length)
    model = load(options.folder, torch.float32, options)
    model.save_pretrained(options.out / "adapter")
    write_job(options, work)
    trained, optimiser = optimiser_of(model, options)
    losses = [step(model, trained, optimiser, rows) for rows in work]
    with torch.no_grad():
        losses.append(float(loss_of(model, work[0])))
    model.save_pretrained(options.out / "trained")
    (options.out / "losses.json").write_text(json.dumps({"losses": losses}))
    print("losses", " ".join(f"{x:.5f}" for x in losses))


def check(options):
    expected = json.loads((options.out / "losses.json").read_text())["losses"]
    found = json.loads((options.out / "stoa.json").read_text())["fp32"]["losses"]
    worst = max(abs(a - b) for a, b in zip(found, expected))
    print(f"{len(found)} losses from {expected[0]:.4f} to {expected[-1]:.4f}, largest difference {worst:.2e}")
    base = transformers.AutoModelForCausalLM.from_pretrained(options.folder, dtype=torch.float32)
    model = PeftModel.from_pretrained(base, options.out / "fp32").eval()
    with torch.no_grad():
        again = float(loss_of(model, batches(1, options.batch, options.length)[0]))
    print(f"Stoa's adapter in peft: loss {again:.5f}, in Stoa {found[-1]:.5f}")
    sys.exit(0 if worst < TOLERANCE and len(found) == len(expected) and abs(again - found[-1]) < TOLERANCE else 2)


def speed(options):
    work = batches(options.steps, options.batch, options.length)
    write_job(options, work)
    kinds = {"f32": (torch.float32, False), "bf16": (torch.bfloat16, False), "autocast": (torch.float32, True)}
    dtype, autocast = kinds[options.kind]
    model = load(options.folder, dtype, options)
    model.save_pretrained(options.out / "adapter")
    trained, optimiser = optimiser_of(model, options)
    rates, processor = [], []
    for rows in work:
        begin, used = time.perf_counter(), time.process_time()
        step(model, trained, optimiser, rows, autocast)
        rates.append(options.batch * options.length / (time.perf_counter() - begin))
        processor.append(options.batch * options.length / (time.process_time() - used))
    rates, processor = sorted(rates[1:]), sorted(processor[1:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if options.json:
        print(json.dumps({
            "tokens_per_second": rates[len(rates) // 2], "best": rates[-1], "peak_rss_mb": peak,
            "tokens_per_processor_second": processor[len(processor) // 2],
        }))
        return
    print(f"{options.kind}: median {rates[len(rates) // 2]:.0f}, best {rates[-1]:.0f} tokens/s, peak {peak:.0f} MiB; "
          f"{processor[len(processor) // 2]:.0f} tokens per processor second")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["curve", "speed"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kind", default="autocast", choices=["f32", "bf16", "autocast"])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--alpha", type=float, default=32)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--decay", type=float, default=0.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    if options.command == "speed":
        speed(options)
    elif options.check:
        check(options)
    else:
        curve(options)


if __name__ == "__main__":
    main()

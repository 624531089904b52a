"""Makes the tiny models and their goldens with the reference library, or checks that it still agrees with them.

    python generate.py                      recompute everything, compare with the committed goldens, change nothing
    RECORD_GOLDENS=1 python generate.py     write them anew
    ... generate.py qwen3 gemma3            only these

Exit codes: 0 equal or written, 2 a golden differs. Recording is refused where CI is set.
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file

import tiny
import twin

HERE = pathlib.Path(__file__).resolve().parent
PROMPT_LENGTH = 40
LATENT_STEPS = 8
CONTINUATION_LENGTH = 12
TOLERANCE = 4e-5  # between two runs of the reference on different machines; the engine's own is 1e-4


def write_folder(model: tiny.TinyModel, folder: pathlib.Path) -> dict[str, np.ndarray]:
    """Writes config.json, the safetensors and the GGUF twin; returns the f32 weights they hold."""
    folder.mkdir(parents=True)
    config = dict(model.config)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    empty = transformers.AutoModelForCausalLM.from_config(transformers.AutoConfig.from_pretrained(folder))
    tied = config.get("tie_word_embeddings", True)
    shapes = {n: tuple(p.shape) for n, p in empty.state_dict().items() if not (tied and n == "lm_head.weight")}
    dtype = getattr(torch, model.dtype)
    stored = {n: torch.from_numpy(w).to(dtype).contiguous() for n, w in tiny.random_weights(model, shapes).items()}

    if model.shards == 1:
        save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        names = sorted(stored)
        index = {"metadata": {"total_size": sum(t.nbytes for t in stored.values())}, "weight_map": {}}
        for shard in range(model.shards):
            file = f"model-{shard + 1:05d}-of-{model.shards:05d}.safetensors"
            part = {n: stored[n] for n in names[shard :: model.shards]}
            save_file(part, folder / file, metadata={"format": "pt"})
            index["weight_map"] |= dict.fromkeys(part, file)
        index["weight_map"] = dict(sorted(index["weight_map"].items()))
        (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")

    weights = {n: t.float().numpy() for n, t in stored.items()}
    if model.twin:
        read_back = twin.write(folder / "model.gguf", model.name, config, weights, {"": model.twin})
        for name, weight in weights.items():
            np.testing.assert_allclose(read_back[name], weight, rtol=0, atol=1e-6, err_msg=name)
    return weights


def load_reference(folder: pathlib.Path):
    """The library's model of `folder` in f32 with its plain attention."""
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()


@torch.no_grad()
def golden(reference, name: str) -> tuple[dict, dict[str, torch.Tensor]]:
    """Teacher-forced pass, latent steps and continuation of one model.

    Latent step (arXiv:2511.20639, identity alignment): e = h * tau / max(|h|, 1e-6), h the hidden state after the
    final norm at the last position, tau the mean norm of the rows that enter layer 0 (for Gemma: scaled rows).
    """
    vocabulary = reference.config.vocab_size
    random = np.random.default_rng(7)
    prompt = random.integers(3, vocabulary, PROMPT_LENGTH)
    prompt[0] = reference.config.bos_token_id
    prompt[30:35] = prompt[10:15]  # the same tokens again: their outputs must differ by place
    continuation = random.integers(3, vocabulary, CONTINUATION_LENGTH)
    prompt_ids, continuation_ids = torch.tensor(prompt)[None], torch.tensor(continuation)[None]

    whole = reference(prompt_ids, output_hidden_states=True, use_cache=False)
    hidden = whole.hidden_states[-1][0]
    assert torch.allclose(reference.lm_head(hidden), whole.logits[0], atol=1e-5), "hidden is not post-norm"

    embed = reference.get_input_embeddings()
    tau = embed(torch.arange(vocabulary)).norm(dim=-1).mean()

    cache = transformers.DynamicCache(config=reference.config)
    step = reference(prompt_ids, past_key_values=cache, use_cache=True, output_hidden_states=True)
    latents, latent_hidden, latent_logits = [], [], []
    for _ in range(LATENT_STEPS):
        last = step.hidden_states[-1][:, -1]
        latent = last * tau / last.norm(dim=-1, keepdim=True).clamp_min(1e-6)
        step = reference(
            inputs_embeds=latent[:, None], past_key_values=cache, use_cache=True, output_hidden_states=True
        )
        latents.append(latent[0])
        latent_hidden.append(step.hidden_states[-1][0, -1])
        latent_logits.append(step.logits[0, -1])
    after = reference(continuation_ids, past_key_values=cache, use_cache=True)

    # Lossless: one pass over [prompt; latents; continuation] says the same as the cached steps.
    rows = torch.cat([embed(prompt_ids)[0], torch.stack(latents), embed(continuation_ids)[0]])
    once = reference(inputs_embeds=rows[None], use_cache=False).logits[0]
    stepped = torch.cat([whole.logits[0], torch.stack(latent_logits), after.logits[0]])
    assert (once - stepped).abs().max() < 1e-4, f"{name}: cache and single pass disagree"
    check_character(reference, name, prompt_ids, whole.logits[0])

    tensors = {
        "layer_inputs": torch.stack([h[0] for h in whole.hidden_states[:-1]]),
        "hidden": hidden,
        "logprobs": torch.log_softmax(whole.logits[0], -1),
        "latent_vectors": torch.stack(latents),
        "latent_hidden": torch.stack(latent_hidden),
        "latent_logprobs": torch.log_softmax(torch.stack(latent_logits), -1),
        "continuation_logprobs": torch.log_softmax(after.logits[0], -1),
        "last_logits": whole.logits[0, -1],
    }
    document = {
        "prompt_ids": prompt.tolist(),
        "continuation_ids": continuation.tolist(),
        "latent_steps": LATENT_STEPS,
        "tau": tau.item(),
        "layers": reference.config.num_hidden_layers,
        "width": reference.config.hidden_size,
        "vocabulary": vocabulary,
        "versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__},
    }
    return document, {n: t.contiguous() for n, t in tensors.items()}


def check_character(reference, name: str, prompt_ids, logits):
    """A model whose output ignores order, places or distant tokens would prove nothing."""
    probabilities = torch.softmax(logits, -1)
    top = probabilities.max(-1).values.mean().item()
    assert 0.05 < top < 0.9, f"{name}: mean top probability {top:.3f}"
    swapped = prompt_ids.clone()
    swapped[0, [3, 5]] = swapped[0, [5, 3]]
    far = (reference(swapped, use_cache=False).logits[0, -1] - logits[-1]).abs().max().item()
    assert far > 0.01, f"{name}: the order of distant tokens moves the last logits by {far:.4f} only"
    repeat = (logits[30:35] - logits[10:15]).abs().max().item()
    assert repeat > 0.1, f"{name}: repeated tokens give the same logits"
    print(f"{name:14} top p {top:.2f}  logit std {logits.std():.2f}  far order {far:.3f}  repeat {repeat:.2f}")


def build(names: set[str], root: pathlib.Path):
    """Makes the models and goldens of `names` (all if empty) under `root`."""
    weights_of, config_of = {}, {}
    for model in tiny.MODELS:
        wanted_as_base = any(q.base == model.name for q in tiny.QUANTISED if q.name in names)
        if names and model.name not in names and not wanted_as_base:
            continue
        folder = root / model.name
        weights_of[model.name], config_of[model.name] = write_folder(model, folder), model.config
        save(folder, *golden(load_reference(folder), model.name))
    for model in tiny.QUANTISED:
        if names and model.name not in names:
            continue
        folder = root / model.name
        folder.mkdir(parents=True)
        read_back = twin.write(
            folder / "model.gguf", model.name, config_of[model.base], weights_of[model.base], model.types
        )
        reference = load_reference(root / model.base)
        report = reference.load_state_dict({n: torch.from_numpy(w) for n, w in read_back.items()}, strict=False)
        assert not report.unexpected_keys and set(report.missing_keys) <= {"lm_head.weight"}, report
        reference.tie_weights()
        save(folder, *golden(reference, model.name))


def save(folder: pathlib.Path, document: dict, tensors: dict[str, torch.Tensor]):
    """Writes golden.json and golden.safetensors."""
    (folder / "golden.json").write_text(json.dumps(document) + "\n")
    save_file(tensors, folder / "golden.safetensors")


def differences(made: pathlib.Path, committed: pathlib.Path) -> list[str]:
    """What differs between a fresh folder and the committed one: files to the byte, goldens within the tolerance."""
    found = []
    for path in sorted(p for p in made.rglob("*") if p.is_file()):
        other = committed / path.relative_to(made)
        label = str(path.relative_to(made))
        if not other.exists():
            found.append(f"{label}: not committed")
        elif path.name == "golden.safetensors":
            fresh, old = load_file(path), load_file(other)
            for key in sorted(fresh | old):
                if key not in fresh or key not in old or fresh[key].shape != old[key].shape:
                    found.append(f"{label}: {key} is missing or has another shape")
                elif (gap := (fresh[key] - old[key]).abs().max().item()) > TOLERANCE:
                    found.append(f"{label}: {key} differs by {gap:.2e}, tolerated {TOLERANCE:.0e}")
        elif path.name == "golden.json":
            fresh, old = json.loads(path.read_text()), json.loads(other.read_text())
            for key in ("prompt_ids", "continuation_ids", "latent_steps", "layers", "width", "vocabulary"):
                if fresh[key] != old.get(key):
                    found.append(f"{label}: {key} differs")
            if abs(fresh["tau"] - old["tau"]) > TOLERANCE:
                found.append(f"{label}: tau differs")
        elif path.read_bytes() != other.read_bytes():
            found.append(f"{label}: bytes differ")
    return found


def main() -> int:
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    recording = os.environ.get("RECORD_GOLDENS") == "1"
    if recording and os.environ.get("CI"):
        print("goldens are not recorded in CI", file=sys.stderr)
        return 64
    names = set(sys.argv[1:])
    if unknown := names - {m.name for m in [*tiny.MODELS, *tiny.QUANTISED]}:
        print(f"no such model: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 64
    with tempfile.TemporaryDirectory() as scratch:
        made = pathlib.Path(scratch)
        build(names, made)
        if not recording:
            found = differences(made, HERE)
            print("\n".join(found) or "all goldens agree")
            return 2 if found else 0
        for folder in made.iterdir():
            shutil.rmtree(HERE / folder.name, ignore_errors=True)
            shutil.copytree(folder, HERE / folder.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())

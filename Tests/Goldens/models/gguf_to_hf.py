#!/usr/bin/env python3
"""Converts a GGUF model to a Hugging Face folder with dequantised fp32 weights.

The folder gives the same model to the reference library, and to the engine through its other reader, so that parity of
either can be checked without trusting the other.

    gguf_to_hf.py MODEL.gguf FOLDER [--dtype f32|bf16|f16] [--shard-bytes N] [--generate PROMPT]

Architectures: llama, qwen2, qwen3, gemma3. Rows of q and k that llama files store interleaved are put back in order;
gemma's norm weights lose the 1 that converters add. A `gpt2` tokenizer becomes `tokenizer.json`; others are left out.
Needs gguf, safetensors, torch, transformers and tokenizers.
"""

import argparse
import json
import pathlib

import numpy as np
import torch
from gguf import GGUFReader, dequantize
from safetensors.torch import save_file

LAYER = {
    "attn_norm.weight": "input_layernorm.weight",
    "attn_q.weight": "self_attn.q_proj.weight",
    "attn_k.weight": "self_attn.k_proj.weight",
    "attn_v.weight": "self_attn.v_proj.weight",
    "attn_output.weight": "self_attn.o_proj.weight",
    "attn_q.bias": "self_attn.q_proj.bias",
    "attn_k.bias": "self_attn.k_proj.bias",
    "attn_v.bias": "self_attn.v_proj.bias",
    "attn_output.bias": "self_attn.o_proj.bias",
    "attn_q_norm.weight": "self_attn.q_norm.weight",
    "attn_k_norm.weight": "self_attn.k_norm.weight",
    "ffn_gate.weight": "mlp.gate_proj.weight",
    "ffn_up.weight": "mlp.up_proj.weight",
    "ffn_down.weight": "mlp.down_proj.weight",
}
PLAIN_NORMS = {"ffn_norm.weight": "post_attention_layernorm.weight"}
GEMMA_NORMS = {
    "post_attention_norm.weight": "post_attention_layernorm.weight",
    "ffn_norm.weight": "pre_feedforward_layernorm.weight",
    "post_ffw_norm.weight": "post_feedforward_layernorm.weight",
}
TOP = {"token_embd.weight": "model.embed_tokens.weight", "output.weight": "lm_head.weight",
       "output_norm.weight": "model.norm.weight"}


def metadata(reader):
    """The scalar metadata, and arrays, as Python values by key."""
    return {key: field.contents() for key, field in reader.fields.items()}


def name_of(name, architecture):
    if name in TOP:
        return TOP[name]
    _, layer, rest = name.split(".", 2)
    table = LAYER | (GEMMA_NORMS if architecture == "gemma3" else PLAIN_NORMS)
    return f"model.layers.{layer}.{table[rest]}"


def half_split(rows, heads):
    """Undoes the converter's row order: [heads, n/2, 2] back to [heads, 2, n/2]."""
    return rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def configuration(values, names, vocabulary):
    """The reference library's configuration object for the file's metadata."""
    import transformers

    arch = values["general.architecture"]
    get = lambda key, default=None: values.get(f"{arch}.{key}", default)
    heads, width = get("attention.head_count"), get("embedding_length")
    common = dict(
        num_hidden_layers=get("block_count"), hidden_size=width, intermediate_size=get("feed_forward_length"),
        num_attention_heads=heads, num_key_value_heads=get("attention.head_count_kv", heads),
        head_dim=get("attention.key_length", width // heads), vocab_size=vocabulary,
        max_position_embeddings=get("context_length"),
        # The file holds the nearest float to a short decimal.
        rms_norm_eps=float(f'{get("attention.layer_norm_rms_epsilon"):.6g}'),
        tie_word_embeddings="output.weight" not in names,
        bos_token_id=values.get("tokenizer.ggml.bos_token_id"), eos_token_id=values.get("tokenizer.ggml.eos_token_id"),
        pad_token_id=values.get("tokenizer.ggml.padding_token_id"))
    if "rope_freqs.weight" in names or get("rope.scaling.type", "none") != "none":
        raise SystemExit("scaled rotary positions are not converted")
    base = float(get("rope.freq_base", 10000))
    plain = {"rope_type": "default", "rope_theta": base}
    if arch == "llama":
        return transformers.LlamaConfig(**common, rope_parameters=plain, architectures=["LlamaForCausalLM"])
    if arch == "qwen2":
        del common["head_dim"]
        return transformers.Qwen2Config(**common, rope_parameters=plain, architectures=["Qwen2ForCausalLM"])
    if arch == "qwen3":
        return transformers.Qwen3Config(**common, rope_parameters=plain, architectures=["Qwen3ForCausalLM"])
    if arch == "gemma3":
        local = {"rope_type": "default", "rope_theta": float(get("rope.freq_base_swa", 10000))}
        return transformers.Gemma3TextConfig(
            **common, query_pre_attn_scalar=common["head_dim"], sliding_window=get("attention.sliding_window"),
            rope_parameters={"full_attention": plain, "sliding_attention": local},
            architectures=["Gemma3ForCausalLM"])
    raise SystemExit(f"architecture {arch} is not converted")


def tokenizer(values):
    """The `tokenizer.json` of a byte-level BPE vocabulary, or None for other kinds."""
    if values.get("tokenizer.ggml.model") != "gpt2":
        return None
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

    tokens, types = values["tokenizer.ggml.tokens"], values["tokenizer.ggml.token_type"]
    merges = [tuple(merge.split(" ", 1)) for merge in values["tokenizer.ggml.merges"]]
    result = Tokenizer(models.BPE({token: index for index, token in enumerate(tokens)}, merges))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    kind = values.get("tokenizer.ggml.pre", "gpt-2")
    if kind == "smollm":
        result.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    elif kind == "qwen2":
        pattern = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
                   r"|\s+(?!\S)|\s+")
        result.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    else:
        result.pre_tokenizer = byte_level
    result.decoder = decoders.ByteLevel()
    result.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token, kind in zip(tokens, types) if kind == 3])
    return result


def convert(source, folder, dtype, shard_bytes):
    reader = GGUFReader(source)
    values = metadata(reader)
    arch = values["general.architecture"]
    names = {tensor.name for tensor in reader.tensors}
    vocabulary = next(int(t.shape[1]) for t in reader.tensors if t.name == "token_embd.weight")
    config = configuration(values, names, vocabulary)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for tensor in reader.tensors:
        data = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        data = data.reshape([int(n) for n in reversed(tensor.shape)])
        if arch == "llama" and ".attn_q." in tensor.name:
            data = half_split(data, config.num_attention_heads)
        if arch == "llama" and ".attn_k." in tensor.name:
            data = half_split(data, config.num_key_value_heads)
        if arch == "gemma3" and tensor.name.endswith("norm.weight"):
            data = data - np.float32(1)
        tensors[name_of(tensor.name, arch)] = torch.from_numpy(np.ascontiguousarray(data)).to(dtype)
    shards, size = [{}], 0
    for name, tensor in tensors.items():
        if shard_bytes and shards[-1] and size + tensor.nbytes > shard_bytes:
            shards.append({})
            size = 0
        shards[-1][name] = tensor
        size += tensor.nbytes
    if len(shards) == 1:
        save_file(shards[0], folder / "model.safetensors", metadata={"format": "pt"})
    else:
        where = {}
        for index, shard in enumerate(shards):
            file = f"model-{index + 1:05d}-of-{len(shards):05d}.safetensors"
            save_file(shard, folder / file, metadata={"format": "pt"})
            where |= {name: file for name in shard}
        total = sum(tensor.nbytes for tensor in tensors.values())
        index = {"metadata": {"total_size": total}, "weight_map": where}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))
    config.dtype = dtype
    config.save_pretrained(folder)
    bpe = tokenizer(values)
    if bpe is not None:
        bpe.save(str(folder / "tokenizer.json"))
        template = values.get("tokenizer.chat_template")
        if template:
            (folder / "chat_template.jinja").write_text(template)
    print(f"{folder}: {len(tensors)} tensors, {len(shards)} file(s)")


def generate(folder, prompt, count):
    """Greedy text of the reference library, through the chat template where there is one."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from tokenizers import Tokenizer
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    bpe = Tokenizer.from_file(str(folder / "tokenizer.json"))
    template = folder / "chat_template.jinja"
    if template.exists():
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        prompt = environment.from_string(template.read_text()).render(
            messages=[{"role": "user", "content": prompt}], add_generation_prompt=True)
    ids = torch.tensor([bpe.encode(prompt, add_special_tokens=False).ids])
    with torch.no_grad():
        output = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, do_sample=False)
    print(bpe.decode(output[0, ids.shape[1]:].tolist()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--dtype", choices=["f32", "bf16", "f16"], default="f32")
    parser.add_argument("--shard-bytes", type=int, default=0, help="start a new shard beyond this size; 0: one file")
    parser.add_argument("--generate", metavar="PROMPT", help="then generate 24 tokens with the reference library")
    options = parser.parse_args()
    dtype = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}[options.dtype]
    convert(options.source, options.folder, dtype, options.shard_bytes)
    if options.generate:
        generate(options.folder, options.generate, 24)


if __name__ == "__main__":
    main()

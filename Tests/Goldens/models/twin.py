"""Writes a Hugging Face state dict as GGUF in llama.cpp's conventions.

Facts about the conventions come from llama.cpp's convert_hf_to_gguf.py: llama keeps the rows of q and k in interleaved
RoPE order, Gemma 3 stores norm weights plus one, llama3 RoPE scaling becomes the tensor rope_freqs.weight.
"""

import math

import gguf
import numpy as np

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
}


def gguf_name(name: str, gemma: bool) -> str:
    """`model.layers.3.mlp.up_proj.weight` -> `blk.3.ffn_up.weight`."""
    stem, kind = name.rsplit(".", 1)
    top = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    if stem in top:
        return f"{top[stem]}.{kind}"
    _, _, layer, inner = stem.split(".", 3)
    names = dict(NAMES)
    if gemma:
        names["post_attention_layernorm"] = "post_attention_norm"
        names["pre_feedforward_layernorm"] = "ffn_norm"
        names["post_feedforward_layernorm"] = "post_ffw_norm"
    else:
        names["post_attention_layernorm"] = "ffn_norm"
    return f"blk.{layer}.{names[inner]}.{kind}"


def interleave(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows of one head from (first halves, second halves) to pairs side by side."""
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def deinterleave(weight: np.ndarray, heads: int) -> np.ndarray:
    """Inverse of `interleave`."""
    rows = weight.shape[0]
    return weight.reshape(heads, rows // heads // 2, 2, -1).swapaxes(1, 2).reshape(weight.shape)


def llama3_factors(config: dict, head_dim: int) -> np.ndarray:
    """Divisor of each RoPE frequency under the llama3 rule, as convert_hf_to_gguf.py writes it."""
    rope = config["rope_scaling"]
    frequencies = 1.0 / config["rope_theta"] ** (np.arange(0, head_dim, 2, dtype=np.float32) / head_dim)
    low = rope["original_max_position_embeddings"] / rope["low_freq_factor"]
    high = rope["original_max_position_embeddings"] / rope["high_freq_factor"]
    factors = []
    for frequency in frequencies:
        wavelength = 2 * math.pi / frequency
        if wavelength < high:
            factors.append(1.0)
        elif wavelength > low:
            factors.append(rope["factor"])
        else:
            smooth = (rope["original_max_position_embeddings"] / wavelength - rope["low_freq_factor"]) / (
                rope["high_freq_factor"] - rope["low_freq_factor"]
            )
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(factors, dtype=np.float32)


def write(path, name: str, config: dict, weights: dict[str, np.ndarray], types: dict[str, str]):
    """Writes `weights` (f32, Hugging Face names and order of rows) to `path`.

    `types` maps the end of a GGUF tensor name to a gguf quantisation, "" being the default; vectors stay F32.
    Returns the weights a reader gets back, again under Hugging Face names and order: the dequantised ones.
    """
    architecture = config["model_type"].removesuffix("_text")
    gemma = architecture == "gemma3"
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    head_dim = config.get("head_dim", config["hidden_size"] // heads)

    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(f"tiny {name}")
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    theta = config.get("rope_theta") or config["rope_parameters"]["rope_theta"]
    writer.add_rope_freq_base(theta)
    if gemma:
        writer.add_sliding_window(config["sliding_window"])
    else:
        writer.add_rope_dimension_count(head_dim)
    # No vocabulary: the models speak token ids only.
    writer.add_tokenizer_model("no_vocab")

    if (config.get("rope_scaling") or {}).get("rope_type") == "llama3":
        writer.add_tensor("rope_freqs.weight", llama3_factors(config, head_dim))

    read_back = {}
    for hf_name, weight in weights.items():
        if hf_name == "lm_head.weight" and config.get("tie_word_embeddings", True):
            continue
        target = gguf_name(hf_name, gemma)
        value = weight
        permuted = None
        if architecture == "llama" and target.endswith(("attn_q.weight", "attn_k.weight")):
            permuted = heads if target.endswith("attn_q.weight") else kv_heads
            value = interleave(value, permuted)
        if gemma and "norm" in target:
            value = value + np.float32(1)
        kind = "F32"
        if value.ndim == 2:
            kind = next((types[end] for end in types if end and target.endswith(end)), types[""])
        quantisation = gguf.GGMLQuantizationType[kind]
        stored = gguf.quants.quantize(value, quantisation)
        writer.add_tensor(target, stored, raw_dtype=quantisation)
        restored = gguf.quants.dequantize(stored, quantisation).reshape(value.shape).astype(np.float32)
        if gemma and "norm" in target:
            restored = restored - np.float32(1)
        if permuted is not None:
            restored = deinterleave(restored, permuted)
        read_back[hf_name] = restored
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return read_back

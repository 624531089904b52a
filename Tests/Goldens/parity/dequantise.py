"""Turns a GGUF file of architecture llama or gemma3 into a Hugging Face folder with the dequantised f32 weights.

    python dequantise.py MODEL.gguf FOLDER

The second, independent model file of the parity tests: the engine must say the same of the folder as of the GGUF, and
so must the reference library, which has a GGUF reader of its own. Dequantisation is the `gguf` package's. Only weights
and config.json are written; there is no tokenizer in the folder.
"""

import json
import pathlib
import sys

import gguf
import numpy as np
import torch
from safetensors.torch import save_file

BLOCK = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_norm": "input_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
NORMS = {
    "llama": {"ffn_norm": "post_attention_layernorm"},
    "gemma3": {
        "post_attention_norm": "post_attention_layernorm",
        "ffn_norm": "pre_feedforward_layernorm",
        "post_ffw_norm": "post_feedforward_layernorm",
    },
}
TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


class GGUFModel:
    """The metadata and the dequantised tensors of one file."""

    def __init__(self, path):
        self.reader = gguf.GGUFReader(path)
        self.architecture = self.value("general.architecture")

    def value(self, key, default=None):
        """Metadata under `key`; a leading dot means the architecture's own."""
        field = self.reader.get_field(self.architecture + key if key.startswith(".") else key)
        return default if field is None else field.contents()

    def config(self) -> dict:
        """config.json of the model, in the spelling of transformers 4."""
        heads = self.value(".attention.head_count")
        width = self.value(".embedding_length")
        embedding = next(t for t in self.reader.tensors if t.name == "token_embd.weight")
        config = {
            "vocab_size": int(embedding.shape[1]),
            "hidden_size": width,
            "intermediate_size": self.value(".feed_forward_length"),
            "num_hidden_layers": self.value(".block_count"),
            "num_attention_heads": heads,
            "num_key_value_heads": self.value(".attention.head_count_kv", heads),
            "head_dim": self.value(".attention.key_length", width // heads),
            "max_position_embeddings": self.value(".context_length"),
            "rms_norm_eps": float(np.float32(self.value(".attention.layer_norm_rms_epsilon"))),
            "bos_token_id": self.value("tokenizer.ggml.bos_token_id"),
            "eos_token_id": self.value("tokenizer.ggml.eos_token_id"),
            "tie_word_embeddings": all(t.name != "output.weight" for t in self.reader.tensors),
            "attention_bias": False,
            "torch_dtype": "float32",
        }
        # Stored as f32 in the file: 9.99999974e-06 is meant to be 1e-5.
        config["rms_norm_eps"] = float(f"{config['rms_norm_eps']:.6g}")
        if self.architecture == "llama":
            return config | {
                "architectures": ["LlamaForCausalLM"],
                "model_type": "llama",
                "hidden_act": "silu",
                "rope_theta": self.value(".rope.freq_base", 10000.0),
            }
        if self.architecture == "gemma3":
            layers = config["num_hidden_layers"]
            return config | {
                "architectures": ["Gemma3ForCausalLM"],
                "model_type": "gemma3_text",
                "hidden_activation": "gelu_pytorch_tanh",
                "query_pre_attn_scalar": config["head_dim"],
                "rope_theta": self.value(".rope.freq_base", 1000000.0),
                "rope_local_base_freq": 10000.0,
                "sliding_window": self.value(".attention.sliding_window"),
                "layer_types": [
                    "full_attention" if i % 6 == 5 else "sliding_attention" for i in range(layers)
                ],
            }
        raise SystemExit(f"architecture {self.architecture} is not supported here")

    def weights(self) -> dict[str, torch.Tensor]:
        """f32 tensors under Hugging Face names, llama's q and k rows back in half-split order."""
        config = self.config()
        result = {}
        for tensor in self.reader.tensors:
            shape = tuple(int(n) for n in reversed(tensor.shape))
            value = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(shape)
            name = self.hf_name(tensor.name)
            if self.architecture == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):
                heads = config["num_attention_heads" if "q_proj" in name else "num_key_value_heads"]
                value = value.reshape(heads, shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(shape)
            if self.architecture == "gemma3" and "norm" in name:
                value = value - np.float32(1)
            result[name] = torch.from_numpy(np.ascontiguousarray(value))
        return result

    def hf_name(self, name: str) -> str:
        """`blk.3.ffn_up.weight` -> `model.layers.3.mlp.up_proj.weight`."""
        stem, kind = name.rsplit(".", 1)
        if stem in TOP:
            return f"{TOP[stem]}.{kind}"
        _, layer, inner = stem.split(".")
        return f"model.layers.{layer}.{(BLOCK | NORMS[self.architecture])[inner]}.{kind}"


def convert(path, folder: pathlib.Path) -> pathlib.Path:
    """Writes the folder, unless it is there and newer than the file."""
    marker = folder / "config.json"
    if marker.exists() and marker.stat().st_mtime > pathlib.Path(path).stat().st_mtime:
        return folder
    model = GGUFModel(path)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(model.weights(), folder / "model.safetensors", metadata={"format": "pt"})
    marker.write_text(json.dumps(model.config(), indent=2) + "\n")
    return folder


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(convert(sys.argv[1], pathlib.Path(sys.argv[2])))

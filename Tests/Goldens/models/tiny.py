"""The tiny models: their configurations, written as model publishers write them, and their random weights.

Every width is a multiple of 32, so that each matrix also has a 32-block quantised layout. Together the models cover
grouped-query attention, a head width that is not hidden_size / heads, tied and untied heads, biases, query and key
norms, local and global attention, three RoPE scalings, old and new config.json spellings, f32 and bf16, one file and
shards.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np

COMMON = {
    "vocab_size": 96,
    "hidden_size": 32,
    "head_dim": 16,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "max_position_embeddings": 256,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


@dataclass(frozen=True)
class TinyModel:
    """One model folder: `config` goes to config.json as it stands."""

    name: str
    config: dict
    dtype: str = "float32"
    shards: int = 1
    twin: str | None = "F32"  # type of the matrices in model.gguf; None where GGUF has no key for the configuration
    embedding_std: float = 0.5


@dataclass(frozen=True)
class QuantisedModel:
    """A GGUF file alone, quantised from `base`; its goldens are those of the dequantised weights."""

    name: str
    base: str
    types: dict = field(default_factory=dict)  # suffix of the GGUF tensor name -> quantisation; "" for the rest


MODELS = [
    # Untouched weights in f32, tied head, no scaling: the plainest case, to be read first when something is wrong.
    TinyModel(
        "llama",
        COMMON
        | {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0,
            "rope_scaling": None,
            "tie_word_embeddings": True,
            "attention_bias": False,
            "mlp_bias": False,
            "torch_dtype": "float32",
        },
    ),
    # As Llama 3.2 writes it, but untied: the wavelengths 6.3, 19.9 and 62.8 fall into the kept, the blended and the
    # scaled band of the llama3 rule.
    TinyModel(
        "llama3-rope",
        COMMON
        | {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0,
            "rope_scaling": {
                "rope_type": "llama3",
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            },
            "tie_word_embeddings": False,
            "torch_dtype": "bfloat16",
        },
        dtype="bfloat16",
        shards=2,
        twin="BF16",
    ),
    # No head_dim key, as in Qwen 2.5: it follows from hidden_size / num_attention_heads. Biases on q, k and v.
    TinyModel(
        "qwen2",
        {k: v for k, v in COMMON.items() if k != "head_dim"}
        | {
            "architectures": ["Qwen2ForCausalLM"],
            "model_type": "qwen2",
            "hidden_size": 64,
            "intermediate_size": 32,
            "rms_norm_eps": 1e-6,
            "rope_theta": 1000000.0,
            "use_sliding_window": False,
            "sliding_window": 32,
            "max_window_layers": 2,
            "tie_word_embeddings": False,
            "torch_dtype": "bfloat16",
        },
        dtype="bfloat16",
        twin="BF16",
        embedding_std=0.35,
    ),
    # The spelling of transformers 5: rope_parameters and dtype.
    TinyModel(
        "qwen3",
        COMMON
        | {
            "architectures": ["Qwen3ForCausalLM"],
            "model_type": "qwen3",
            "hidden_act": "silu",
            "rms_norm_eps": 1e-6,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
            "attention_bias": False,
            "use_sliding_window": False,
            "sliding_window": None,
            "max_window_layers": 2,
            "layer_types": ["full_attention", "full_attention"],
            "tie_word_embeddings": True,
            "dtype": "float32",
        },
    ),
    # As gemma-3-270m writes it. Layer 5 is global, the others see 8 positions.
    TinyModel(
        "gemma3",
        COMMON
        | {
            "architectures": ["Gemma3ForCausalLM"],
            "model_type": "gemma3_text",
            "num_hidden_layers": 7,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "intermediate_size": 32,
            "hidden_activation": "gelu_pytorch_tanh",
            "query_pre_attn_scalar": 16,
            "rms_norm_eps": 1e-6,
            "rope_theta": 1000000.0,
            "rope_local_base_freq": 10000.0,
            "rope_scaling": None,
            "sliding_window": 8,
            "_sliding_window_pattern": 6,
            "layer_types": ["sliding_attention"] * 5 + ["full_attention", "sliding_attention"],
            "attn_logit_softcapping": None,
            "final_logit_softcapping": None,
            "attention_bias": False,
            "use_bidirectional_attention": False,
            "pad_token_id": 0,
            "bos_token_id": 2,
            "eos_token_id": 1,
            "torch_dtype": "float32",
        },
        embedding_std=0.35,
    ),
    # The spelling of transformers 5 with what the larger Gemmas have: linear scaling of the global base, and an
    # attention scale that is not 1 / sqrt(head_dim), which GGUF has no key for.
    TinyModel(
        "gemma3-scaled",
        COMMON
        | {
            "architectures": ["Gemma3ForCausalLM"],
            "model_type": "gemma3_text",
            "num_hidden_layers": 7,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "intermediate_size": 32,
            "hidden_activation": "gelu_pytorch_tanh",
            "query_pre_attn_scalar": 24,
            "rms_norm_eps": 1e-6,
            "rope_parameters": {
                "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
            },
            "sliding_window": 8,
            "layer_types": ["sliding_attention"] * 5 + ["full_attention", "sliding_attention"],
            "attention_bias": False,
            "pad_token_id": 0,
            "bos_token_id": 2,
            "eos_token_id": 1,
            "dtype": "bfloat16",
        },
        dtype="bfloat16",
        twin=None,
        embedding_std=0.35,
    ),
]

QUANTISED = [
    # The mix of SmolLM2-135M-Instruct.Q4_1.gguf.
    QuantisedModel("llama-q4_1", "llama", {"token_embd.weight": "Q8_0", "": "Q4_1"}),
    # One type per kind of matrix, beside biases.
    QuantisedModel(
        "qwen2-mixed",
        "qwen2",
        {
            "attn_q.weight": "Q5_0",
            "attn_k.weight": "Q5_1",
            "attn_v.weight": "Q8_0",
            "attn_output.weight": "Q4_0",
            "ffn_down.weight": "Q4_1",
            "output.weight": "F16",
            "token_embd.weight": "Q5_0",
            "": "Q4_0",
        },
    ),
    QuantisedModel("gemma3-q5_0", "gemma3", {"token_embd.weight": "Q8_0", "ffn_down.weight": "Q4_0", "": "Q5_0"}),
]


def random_weights(model: TinyModel, shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """f32 weights, each tensor from its own stream so that adding one changes no other.

    The scales keep attention selective (score spread about 2) and the next-token distribution neither flat nor
    certain; `generate.py` checks both.
    """
    weights = {}
    for name, shape in shapes.items():
        seed = hashlib.sha256(f"{model.name}/{name}".encode()).digest()[:8]
        normal = np.random.default_rng(int.from_bytes(seed, "little")).standard_normal(shape)
        if "norm" in name:
            centre = 0.0 if model.config["model_type"].startswith("gemma3") else 1.0
            value = centre + 0.2 * normal
        elif name.endswith("bias"):
            value = 0.3 * normal
        elif "embed_tokens" in name or "lm_head" in name:
            value = model.embedding_std * normal
        else:
            gain = 1.5 if name.endswith(("q_proj.weight", "k_proj.weight")) else 1.2
            value = normal * gain / np.sqrt(shape[-1])
        weights[name] = value.astype(np.float32)
    return weights

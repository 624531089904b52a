"""Loads every model.gguf here with llama.cpp and compares its log-probabilities with the committed goldens.

    python check_llama_cpp.py        with llama-cpp-python (see Benchmarks/peers/setup)

Proves that the twins follow llama.cpp's conventions, by its own word. llama.cpp rounds activations to match quantised
and bf16 weights, so the files themselves are only near; a copy with every matrix expanded to F32 agrees closely (Gemma
less so: llama.cpp looks GELU up in an f16 table).
"""

import ctypes
import json
import pathlib
import sys
import tempfile

import gguf
import llama_cpp as lib
import numpy as np
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).resolve().parent


def log_probabilities(path: pathlib.Path, ids: list[int], vocabulary: int) -> np.ndarray:
    """Log-softmax at every position, f32 cache, one thread."""
    model = lib.llama_model_load_from_file(str(path).encode(), lib.llama_model_default_params())
    assert model, f"llama.cpp does not load {path}"
    parameters = lib.llama_context_default_params()
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = 256, 256, 256
    parameters.n_threads = parameters.n_threads_batch = 1
    parameters.type_k = parameters.type_v = lib.GGML_TYPE_F32
    parameters.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
    context = lib.llama_init_from_model(model, parameters)
    batch = lib.llama_batch_init(len(ids), 0, 1)
    batch.n_tokens = len(ids)
    for i, token in enumerate(ids):
        batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, i, 1, 1
        batch.seq_id[i][0] = 0
    assert lib.llama_decode(context, batch) == 0, path
    rows = [np.ctypeslib.as_array(lib.llama_get_logits_ith(context, i), (vocabulary,)).copy() for i in range(len(ids))]
    lib.llama_batch_free(batch)
    lib.llama_free(context)
    lib.llama_model_free(model)
    logits = np.stack(rows).astype(np.float64)
    peak = logits.max(-1, keepdims=True)
    return logits - peak - np.log(np.exp(logits - peak).sum(-1, keepdims=True))


def expand(path: pathlib.Path, target: pathlib.Path):
    """Copies a GGUF file with all tensors as F32."""
    reader = gguf.GGUFReader(path)
    writer = gguf.GGUFWriter(target, reader.get_field("general.architecture").contents())
    for field in reader.fields.values():
        if not field.name.startswith("GGUF.") and field.name != "general.architecture":
            writer.add_key_value(field.name, field.contents(), field.types[0])
    for tensor in reader.tensors:
        shape = tuple(int(n) for n in reversed(tensor.shape))
        value = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(shape)
        writer.add_tensor(tensor.name, np.ascontiguousarray(value))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
def silent(level, text, data):
    pass


def main() -> int:
    lib.llama_log_set(silent, None)
    worst = 0.0
    for path in sorted(HERE.glob("*/model.gguf")):
        golden = json.loads((path.parent / "golden.json").read_text())
        ids, vocabulary = golden["prompt_ids"], golden["vocabulary"]
        reference = load_file(path.parent / "golden.safetensors")["logprobs"]
        as_is = np.abs(log_probabilities(path, ids, vocabulary) - reference).max()
        with tempfile.TemporaryDirectory() as scratch:
            copy = pathlib.Path(scratch) / "f32.gguf"
            expand(path, copy)
            expanded = np.abs(log_probabilities(copy, ids, vocabulary) - reference).max()
        tolerance = 2e-2 if path.parent.name.startswith("gemma3") else 1e-4
        worst = max(worst, expanded / tolerance)
        print(f"{path.parent.name:14} as it is {as_is:.1e}   expanded to F32 {expanded:.1e} (tolerated {tolerance})")
    return 0 if worst <= 1 else 2


if __name__ == "__main__":
    sys.exit(main())

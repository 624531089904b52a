"""Alignment matrices W_a as numpy's least squares gives them: of made-up rows, of a tiny untied model, of real weights.

    python generate.py MODELS

MODELS is the folder with the two GGUF files; without it, what is recorded of them is neither made nor compared.
Recomputes and compares (exit code 2 where something differs); with RECORD_GOLDENS=1 writes goldens.json anew.

W_a minimises ||W_out W - W_in||_F^2 + lambda ||W||_F^2, so it is the plain least-squares solution of the augmented rows
[W_out; sqrt(lambda) I] against [W_in; 0], which numpy solves by a singular value decomposition: no normal equations.
"""

import json
import os
import pathlib
import struct
import sys

import numpy

LAMBDA = 1e-5
HERE = pathlib.Path(__file__).parent
FILES = {"smollm2-135m": "SmolLM2-135M-Instruct.Q4_1.gguf", "gemma3-270m": "gemma-3-270m-q4_k_m.gguf"}
ROWS = [0, 300]


def solve(outputs, inputs):
    """W_a and the singular values of W_out."""
    width = outputs.shape[1]
    left = numpy.vstack([outputs, numpy.sqrt(LAMBDA) * numpy.eye(width)])
    right = numpy.vstack([inputs, numpy.zeros((width, inputs.shape[1]))])
    solution, _, _, singular = numpy.linalg.lstsq(left, right, rcond=None)
    # The augmented rows' singular values are sqrt(s^2 + lambda).
    return solution, numpy.sqrt(numpy.maximum(singular**2 - LAMBDA, 0))


def table(matrix):
    return [[float(value) for value in row] for row in matrix]


def made_up():
    """200 rows of 16 numbers, untied, with three decimals so that the file stays small."""
    random = numpy.random.default_rng(4)
    outputs = numpy.round(random.normal(0, 0.5, (200, 16)), 3)
    inputs = numpy.round(random.normal(0, 0.1, (200, 16)), 3)
    return {"outputs": table(outputs), "inputs": table(inputs), "solution": table(solve(outputs, inputs)[0])}


def floats(folder):
    """The tensors of a folder's safetensors files, in 16-bit brain floats or single precision, as doubles."""
    tensors = {}
    for path in sorted(folder.glob("model*.safetensors")):
        data = path.read_bytes()
        (size,) = struct.unpack("<Q", data[:8])
        for name, entry in json.loads(data[8 : 8 + size]).items():
            if name == "__metadata__":
                continue
            start, end = entry["data_offsets"]
            raw = data[8 + size + start : 8 + size + end]
            if entry["dtype"] == "BF16":
                words = numpy.frombuffer(raw, "<u2").astype("<u4") << 16
            else:
                words = numpy.frombuffer(raw, "<u4")
            tensors[name] = words.astype("<u4").view("<f4").astype(float).reshape(entry["shape"])
    return tensors


def untied():
    tensors = floats(HERE.parent / "models" / "llama3-rope")
    inputs = tensors["model.embed_tokens.weight"]
    return {
        "tau": float(numpy.linalg.norm(inputs, axis=1).mean()),
        "solution": table(solve(tensors["lm_head.weight"], inputs)[0]),
    }


def real(path):
    """The mean norm of raw rows, the smallest singular value and some rows of W_a, of a model with tied embeddings."""
    import gguf

    reader = gguf.GGUFReader(path)
    tensor = next(t for t in reader.tensors if t.name == "token_embd.weight")
    rows = gguf.dequantize(tensor.data, tensor.tensor_type).astype(float)
    norm = float(numpy.linalg.norm(rows, axis=1).mean())
    rms = float(numpy.sqrt((rows**2).mean()))
    if rows.shape[0] > 100_000:
        # A decomposition of so many rows takes too long; the eigenvalues of the Gram matrix lose half of the digits.
        smallest = float(numpy.sqrt(numpy.linalg.eigvalsh(rows.T @ rows)[0]))
        return {"row_norm": norm, "root_mean_square": rms, "smallest_singular_value": smallest}
    solution, singular = solve(rows, rows)
    picked = {str(row): [float(value) for value in solution[row]] for row in ROWS}
    return {
        "row_norm": norm, "root_mean_square": rms, "smallest_singular_value": float(singular[-1]), "rows": picked,
    }


def differences(recorded, found, path="goldens"):
    if isinstance(recorded, dict):
        if set(recorded) != set(found):
            yield f"{path}: {sorted(recorded)} and {sorted(found)}"
        for key in set(recorded) & set(found):
            yield from differences(recorded[key], found[key], f"{path}.{key}")
    elif not numpy.allclose(recorded, found, rtol=1e-9, atol=1e-10):
        yield f"{path} differs"


def main():
    path = HERE / "goldens.json"
    goldens = {"made_up": made_up(), "untied": untied()}
    models = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
    recorded = json.loads(path.read_text()) if path.exists() else {}
    for name, file in FILES.items():
        if models:
            goldens[name] = real(models / file)
        elif name in recorded:
            goldens[name] = recorded[name]
    if os.environ.get("RECORD_GOLDENS") == "1":
        if os.environ.get("CI"):
            sys.exit("goldens are not recorded in CI")
        path.write_text(json.dumps(goldens, separators=(",", ":")).replace('],[', '],\n[').replace('},"', '},\n"') + "\n")
        return
    problems = list(differences(recorded, goldens))
    for problem in problems:
        print(problem)
    sys.exit(2 if problems else 0)


if __name__ == "__main__":
    main()

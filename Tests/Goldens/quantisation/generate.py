#!/usr/bin/env python3
"""Records blocks of every element type and what the Python package `gguf` expands them to.

Per type: NAME.blocks.bin (the stored bytes) and NAME.floats.bin (little-endian f32, in order). Codes and sub-scales are
random bytes, so every bit of a block is exercised; half-precision scales are random finite halves, some of them
subnormal, zero or negative.
"""

import pathlib

import gguf
import numpy as np

HERE = pathlib.Path(__file__).parent
# Where the half-precision scales of a block lie.
SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
          "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}


def halves(generator, count):
    """Finite halves of all magnitudes below 4."""
    bits = generator.integers(0, 0x4400, count).astype(np.uint16)
    sign = generator.integers(0, 2, count).astype(np.uint16) << 15
    return (bits | sign).view(np.uint8).reshape(count, 2)


def main():
    generator = np.random.default_rng(20240607)
    for name, offsets in SCALES.items():
        kind = gguf.GGMLQuantizationType[name]
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        count = 2048 // elements
        blocks = generator.integers(0, 256, (count, size)).astype(np.uint8)
        for offset in offsets:
            blocks[:, offset:offset + 2] = halves(generator, count)
        record(name, blocks.reshape(-1), kind)
    for name in ["F32", "F16", "BF16"]:
        kind = gguf.GGMLQuantizationType[name]
        values = generator.standard_normal(1024).astype(np.float32) * np.float32(3)
        record(name, gguf.quantize(values, kind).view(np.uint8).reshape(-1), kind)


def record(name, stored, kind):
    data = stored.view(np.float32) if name == "F32" else stored.view(np.float16) if name == "F16" else stored
    floats = gguf.dequantize(data, kind).astype("<f4").reshape(-1)
    (HERE / f"{name}.blocks.bin").write_bytes(stored.tobytes())
    (HERE / f"{name}.floats.bin").write_bytes(floats.tobytes())


if __name__ == "__main__":
    main()

"""Measures Hugging Face transformers on the same weights: f32, or bf16, its fastest prefill on CPUs that have it.

    python transformers_bench.py --model FILE.gguf|FOLDER --threads 2 --dtype bf16 [--repetitions 3]

A GGUF file is first turned into a folder of dequantised weights (once; kept under --cache), because the library takes
10 s and more to dequantise at every load, and none of that is what is measured.
"""

import argparse
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


def folder_of(model: pathlib.Path, cache: pathlib.Path) -> pathlib.Path:
    """The Hugging Face folder of `model`, made if it is a GGUF file."""
    if model.is_dir():
        return model
    sys.path.insert(0, str(REPOSITORY / "Tests" / "Goldens" / "parity"))
    import dequantise

    return dequantise.convert(model, cache / model.stem)


def run(folder: pathlib.Path, name: str, threads: int, dtype_name: str, repetitions: int) -> dict:
    """The whole protocol, with bare forward calls: `generate` would only add to them."""
    import measure
    import torch
    import transformers

    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[dtype_name]

    loads = []
    for _ in range(2):
        started = time.perf_counter()
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
        loads.append(time.perf_counter() - started)
    vocabulary = model.config.vocab_size
    prompt = torch.tensor(measure.token_ids(measure.PREFILL, vocabulary))[None]
    following = torch.tensor(measure.token_ids(measure.DECODE, vocabulary, salt=1))

    def forward(ids, cache):
        return model(ids, past_key_values=cache, use_cache=True, logits_to_keep=1)

    def nothing():
        pass

    with torch.inference_mode():
        prefill = measure.rate(
            measure.PREFILL, repetitions, nothing, lambda: forward(prompt, transformers.DynamicCache())
        )
        decode = {}
        for context in measure.CONTEXTS:
            state = {}

            def prepare(context=context, state=state):
                state["cache"] = transformers.DynamicCache()
                forward(prompt[:, :context], state["cache"])

            def steps(state=state):
                for token in following:
                    forward(token.view(1, 1), state["cache"])

            decode[f"context_{context}"] = measure.rate(measure.DECODE, repetitions, prepare, steps)

        together = torch.tensor(
            [
                measure.token_ids(measure.SEQUENCE_CONTEXT, vocabulary, salt=2 + s)
                for s in range(measure.SEQUENCES)
            ]
        )
        state = {}

        def prepare_batch():
            state["cache"] = transformers.DynamicCache()
            forward(together, state["cache"])

        def batched():
            for step in range(measure.SEQUENCE_STEPS):
                forward((following[step] + torch.arange(measure.SEQUENCES)).view(-1, 1), state["cache"])

        batch8 = measure.rate(
            measure.SEQUENCES * measure.SEQUENCE_STEPS, repetitions, prepare_batch, batched
        )
    return {
        "peer": f"transformers-{dtype_name}",
        "version": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "machine": measure.machine(threads),
        "model": name,
        "repetitions": repetitions,
        "prefill_tokens_per_second": prefill,
        "decode_tokens_per_second": decode,
        "batch8_decode_tokens_per_second": batch8,
        "load_seconds": measure.summary(loads[1:]),
        "peak_rss_mb": measure.peak_rss_mb(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="bf16")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--cache", type=pathlib.Path, default=REPOSITORY / ".build" / "peers-models")
    arguments = parser.parse_args()
    # Read when torch loads its thread pools, hence before any import of it.
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    import measure

    folder = folder_of(arguments.model, arguments.cache)
    measure.emit(run(folder, arguments.model.name, arguments.threads, arguments.dtype, arguments.repetitions))


if __name__ == "__main__":
    main()

"""Measures llama.cpp through its C API, so that no Python stands between two tokens but one call.

    python llama_cpp_bench.py --model FILE.gguf --threads 2 [--repetitions 3]
"""

import argparse
import ctypes
import os
import time

import llama_cpp as lib
import measure


@ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
def silent(level, text, data):
    pass


class Engine:
    """A model and one context of eight sequences over a unified f16 cache."""

    def __init__(self, path: str, threads: int):
        started = time.perf_counter()
        parameters = lib.llama_model_default_params()
        parameters.n_gpu_layers = 0
        self.model = lib.llama_model_load_from_file(path.encode(), parameters)
        if not self.model:
            raise SystemExit(f"llama.cpp does not load {path}")
        loaded = time.perf_counter()
        options = lib.llama_context_default_params()
        options.n_ctx = 2048
        options.n_batch = options.n_ubatch = measure.PREFILL
        options.n_seq_max = measure.SEQUENCES
        options.kv_unified = True
        options.n_threads = options.n_threads_batch = threads
        self.context = lib.llama_init_from_model(self.model, options)
        if not self.context:
            raise SystemExit("llama.cpp makes no context")
        self.load_seconds = loaded - started
        self.context_seconds = time.perf_counter() - loaded
        self.memory = lib.llama_get_memory(self.context)
        self.batch = lib.llama_batch_init(measure.PREFILL, 0, 1)
        self.vocabulary = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(self.model))

    def close(self):
        lib.llama_batch_free(self.batch)
        lib.llama_free(self.context)
        lib.llama_model_free(self.model)

    def forget(self, sequence: int = -1, start: int = 0):
        """Drops positions from `start` on, of one sequence or of all."""
        lib.llama_memory_seq_rm(self.memory, sequence, start, -1)

    def decode(self, rows: list[tuple[int, int, int, bool]]):
        """One call over rows of (token, position, sequence, logits wanted)."""
        batch = self.batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequence, logits) in enumerate(rows):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, position, 1, logits
            batch.seq_id[i][0] = sequence
        code = lib.llama_decode(self.context, batch)
        if code != 0:
            raise SystemExit(f"llama_decode answers {code}")
        lib.llama_synchronize(self.context)

    def prefill(self, ids: list[int], sequence: int = 0):
        """Reads `ids` at the start of a sequence, logits for the last only."""
        self.decode([(token, i, sequence, i == len(ids) - 1) for i, token in enumerate(ids)])


def run(path: str, threads: int, repetitions: int) -> dict:
    """The whole protocol."""
    loads, contexts = [], []
    for _ in range(repetitions + 1):
        engine = Engine(path, threads)
        loads.append(engine.load_seconds)
        contexts.append(engine.context_seconds)
        if len(loads) <= repetitions:
            engine.close()
    vocabulary = engine.vocabulary
    prompt = measure.token_ids(measure.PREFILL, vocabulary)
    following = measure.token_ids(measure.DECODE, vocabulary, salt=1)

    prefill = measure.rate(measure.PREFILL, repetitions, engine.forget, lambda: engine.prefill(prompt))

    decode = {}
    for context in measure.CONTEXTS:
        engine.forget()
        engine.prefill(prompt[:context])

        def steps(context=context):
            for i, token in enumerate(following):
                engine.decode([(token, context + i, 0, True)])

        rewind = lambda context=context: engine.forget(0, context)  # noqa: E731
        decode[f"context_{context}"] = measure.rate(measure.DECODE, repetitions, rewind, steps)

    engine.forget()
    for sequence in range(measure.SEQUENCES):
        engine.prefill(measure.token_ids(measure.SEQUENCE_CONTEXT, vocabulary, salt=2 + sequence), sequence)

    def batched():
        for step in range(measure.SEQUENCE_STEPS):
            position = measure.SEQUENCE_CONTEXT + step
            engine.decode([(following[step] + s, position, s, True) for s in range(measure.SEQUENCES)])

    batch8 = measure.rate(
        measure.SEQUENCES * measure.SEQUENCE_STEPS,
        repetitions,
        lambda: engine.forget(-1, measure.SEQUENCE_CONTEXT),
        batched,
    )
    document = {
        "peer": "llama.cpp",
        "version": f"llama-cpp-python {lib.__version__}",
        "system": lib.llama_print_system_info().decode().strip(),
        "machine": measure.machine(threads),
        "model": os.path.basename(path),
        "repetitions": repetitions,
        "prefill_tokens_per_second": prefill,
        "decode_tokens_per_second": decode,
        "batch8_decode_tokens_per_second": batch8,
        "load_seconds": measure.summary(loads[1:]),
        "context_seconds": measure.summary(contexts[1:]),
        "peak_rss_mb": measure.peak_rss_mb(),
    }
    engine.close()
    return document


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repetitions", type=int, default=3)
    arguments = parser.parse_args()
    lib.llama_log_set(silent, None)
    measure.emit(run(arguments.model, arguments.threads, arguments.repetitions))

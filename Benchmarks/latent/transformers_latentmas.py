"""LatentMAS (arXiv 2511.20639) in PyTorch with transformers, written from its specification: the peer of `compare.py`.

    python transformers_latentmas.py --model FILE.gguf|FOLDER --threads 2 --dtype fp32 < requests > replies

Agents share one model and one growing cache of keys and values. An agent's prompt, the whole chat template of its
messages, is read behind everything before it; then, m times, the hidden state behind the last position, after the final
norm, is rescaled to the mean norm of the input embeddings and fed as the next input. The last agent decodes greedily.

A request is a line of JSON, and so is the reply to it:

    {"agents": [[{"role", "content"}, …], …], "latent_steps": 10, "answer_tokens": 128, "vectors": false}
    {"seconds", "prompts": [[id, …], …], "tokens": [id, …], "text", "vectors": [[[number, …], …], …]}

`seconds` is from messages to tokens; loading is not in it. Decoding does not stop at the end of a turn.
"""

import argparse
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
LAMBDA = 1e-5


class Reader:
    """From messages to token ids: the model's own chat template and vocabulary, by jinja2 and tokenizers."""

    def __init__(self, file: pathlib.Path):
        import gguf
        import jinja2

        sys.path.insert(0, str(REPOSITORY / "Tests" / "Goldens" / "tokenizers"))
        import generate

        fields = gguf.GGUFReader(file).fields
        value = lambda key: fields[key].contents() if key in fields else None
        make = {"llama": generate.smollm2, "gemma3": generate.gemma3}[value("general.architecture")]
        # It looks for the file in the folder by the name that it has upstream.
        self.tokenizer = make(str(file.parent))
        environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
        source = value("tokenizer.chat_template")
        if source is None:
            raise SystemExit(f"{file} has no chat template; LatentMAS needs an instruct model")
        self.template = environment.from_string(source)
        tokens = value("tokenizer.ggml.tokens")
        self.special = {
            f"{name}_token": tokens[value(f"tokenizer.ggml.{name}_token_id")]
            for name in ("bos", "eos")
            if value(f"tokenizer.ggml.{name}_token_id") is not None
        }

    def ids(self, messages: list[dict]) -> list[int]:
        text = self.template.render(messages=messages, add_generation_prompt=True, **self.special)
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def text(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids)


class LatentMAS:
    """The algorithm."""

    def __init__(self, folder: pathlib.Path, dtype: str, threads: int, realign: bool):
        import torch
        import transformers

        torch.set_num_threads(threads)
        transformers.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        self.torch, self.transformers = torch, transformers
        self.dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[dtype]
        self.model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=self.dtype).eval()
        inputs = self.model.get_input_embeddings()
        # Gemma scales embeddings on their way in: what a latent must match is the scaled norm.
        scale = float(getattr(inputs, "embed_scale", 1.0))
        rows = inputs.weight.detach().float() * scale
        self.tau = rows.norm(dim=1).double().mean().float()
        self.alignment = None
        if realign:
            out = self.model.get_output_embeddings().weight.detach().float()
            gram = out.T @ out + LAMBDA * torch.eye(out.shape[1])
            self.alignment = torch.linalg.solve(gram, out.T @ rows)

    def forward(self, cache, **inputs):
        """The hidden state behind the last position, after the final norm. [1, width]"""
        # The decoder without its head: latent steps need no logits.
        output = self.model.model(past_key_values=cache, use_cache=True, **inputs)
        return output.last_hidden_state[:, -1]

    def feedback(self, hidden):
        vector = hidden.float()
        if self.alignment is not None:
            vector = vector @ self.alignment
        return (vector * (self.tau / vector.norm(dim=-1, keepdim=True).clamp_min(1e-6))).to(self.dtype)

    def run(self, prompts: list[list[int]], steps: int, answer_tokens: int, keep: bool):
        """Thinks through all prompts but the last and decodes behind the last."""
        torch = self.torch
        thoughts, tokens = [], []
        with torch.inference_mode():
            cache = self.transformers.DynamicCache()
            for prompt in prompts[:-1]:
                hidden = self.forward(cache, input_ids=torch.tensor([prompt]))
                fed = []
                for _ in range(steps):
                    vector = self.feedback(hidden)
                    if keep:
                        fed.append(vector[0].float().tolist())
                    hidden = self.forward(cache, inputs_embeds=vector[:, None])
                thoughts.append(fed)
            ids = torch.tensor([prompts[-1]])
            for index in range(answer_tokens):
                logits = self.model.lm_head(self.forward(cache, input_ids=ids))
                token = int(logits.argmax())
                tokens.append(token)
                ids = torch.tensor([[token]])
        return tokens, thoughts, cache.get_seq_length()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="a GGUF file")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--realign", action="store_true", help="W_a before the rescale, as for untied models")
    parser.add_argument("--cache", type=pathlib.Path, default=REPOSITORY / ".build" / "peers-models")
    arguments = parser.parse_args()
    # Read when torch loads its thread pools, hence before any import of it.
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    sys.path.insert(0, str(REPOSITORY / "Benchmarks" / "peers"))
    import transformers_bench

    folder = transformers_bench.folder_of(arguments.model, arguments.cache)
    reader = Reader(arguments.model.resolve())
    system = LatentMAS(folder, arguments.dtype, arguments.threads, arguments.realign)
    print(json.dumps({"ready": True, "tau": float(system.tau)}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        started = time.perf_counter()
        prompts = [reader.ids(messages) for messages in request["agents"]]
        tokens, thoughts, length = system.run(
            prompts, request["latent_steps"], request["answer_tokens"], request.get("vectors", False)
        )
        seconds = time.perf_counter() - started
        reply = {
            "seconds": seconds,
            "prompts": prompts,
            "tokens": tokens,
            "text": reader.text(tokens),
            "cache_rows": length,
            "vectors": thoughts if request.get("vectors", False) else [],
        }
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()

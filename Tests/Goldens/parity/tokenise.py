"""Writes ids/<model>.json: token ids of text/*.txt and of the prompts that are continued greedily.

    python tokenise.py --models DIR        with llama-cpp-python (see Benchmarks/peers/setup)

Parity starts from ids, so that it does not depend on a tokenizer; this ran once. Special tokens in chat.txt are parsed
where the model has them; every window of a model that asks for it starts with BOS.
"""

import argparse
import json
import pathlib

import llama_cpp

HERE = pathlib.Path(__file__).resolve().parent
FILES = {
    "smollm2-135m": "SmolLM2-135M-Instruct.Q4_1.gguf",
    "gemma3-270m": "gemma-3-270m-q4_k_m.gguf",
}
WINDOW = 1024
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"


def chat(user: str) -> str:
    """One user turn in ChatML with the system message that the model's template injects."""
    return f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"


PROMPTS = {
    "plain_story": "The old lighthouse keeper climbed the stairs, as he did every evening, and",
    "plain_list": "The first ten prime numbers are 2, 3, 5,",
    "plain_code": "def fibonacci(n):\n    ",
}
CHAT_PROMPTS = {
    "chat_capital": chat("What is the capital of France?"),
    "chat_sum": chat("Tom has 3 boxes with 12 pencils each. He gives away 7 pencils. How many are left?"),
    "chat_haiku": chat("Write a haiku about the sea."),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=pathlib.Path, required=True, help="folder with the GGUF files")
    folder = parser.parse_args().models
    for name, file in FILES.items():
        model = llama_cpp.Llama(str(folder / file), vocab_only=True, verbose=False)
        add_bos = model.metadata.get("tokenizer.ggml.add_bos_token") == "true"

        def encode(text: str) -> list[int]:
            return model.tokenize(text.encode(), add_bos=add_bos, special=True)

        prompts = PROMPTS | (CHAT_PROMPTS if name.startswith("smollm2") else {})
        windows = {p.stem: encode(p.read_text()) for p in sorted((HERE / "text").glob("*.txt"))}
        for window, ids in windows.items():
            assert len(ids) <= WINDOW, f"{name}: {window} has {len(ids)} tokens"
            text = (HERE / "text" / f"{window}.txt").read_bytes()
            assert model.detokenize(ids[1:] if add_bos else ids, special=True).strip() == text.strip(), window
        document = {"windows": windows, "prompts": {n: encode(p) for n, p in prompts.items()}}
        (HERE / "ids").mkdir(exist_ok=True)
        (HERE / "ids" / f"{name}.json").write_text(json.dumps(document) + "\n")
        print(name, {w: len(i) for w, i in windows.items()}, sum(map(len, windows.values())))


if __name__ == "__main__":
    main()

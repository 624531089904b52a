"""What a tool is worth: products of two four-digit numbers, in words alone and with Python (T14).

    python multiplication.py [--stoa PATH] [--model NAME] [--n 100] [--seed 0] [--turns 3] --out FOLDER

Both arms get the same questions and the same seed. Every run with the tool is replayed strictly with a PATH that holds no
sandbox: the replay must be identical. Items go to FOLDER/items.jsonl as they come; FOLDER/table.md has the table: accuracy
with Wilson's 95 % interval, the exact p of McNemar's test. Ends with 1 where a replay differs.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "latent"))
import grading  # noqa: E402
import stoa_runs  # noqa: E402
from intervals import mcnemar, percent  # noqa: E402

ARMS = ("text", "tool")


def questions(n: int, seed: int) -> list[dict]:
    chance = random.Random(seed)
    pairs = [(chance.randint(1000, 9999), chance.randint(1000, 9999)) for _ in range(n)]
    return [{"id": f"{a}x{b}", "question": f"What is {a} times {b}?", "answer": str(a * b)} for a, b in pairs]


def replays_without_sandbox(stoa: stoa_runs.Stoa, run: str) -> bool:
    """Whether a strict replay is identical where no program of the sandbox can be found."""
    environment = os.environ | {"PATH": "/nonexistent"}
    command = [str(stoa.binary), "replay", run, "--mode", "strict", "--json", "--journal", stoa.journal]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    return done.returncode == 0 and json.loads(done.stdout)["identical"] is True


def answer(stoa: stoa_runs.Stoa, problem: dict, arm: str, arguments) -> dict:
    parameters = {"question": problem["question"]}
    if arm == "tool":
        parameters["turns"] = arguments.turns
    result = stoa.run("tool-solver" if arm == "tool" else "single", parameters, seed=arguments.seed)
    item = {
        "arm": arm,
        "id": problem["id"],
        "answer": result["answer"],
        "correct": grading.is_correct(result["answer"], problem["answer"]),
        "status": result["status"],
        "tool_calls": result["usage"]["tool_calls"],
        "decoded_tokens": result["usage"]["decoded_tokens"],
    }
    if arm == "tool":
        item["replays"] = replays_without_sandbox(stoa, result["run"])
    return item


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stoa", default=stoa_runs.BINARY)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    items = {}
    with stoa_runs.Stoa(arguments.stoa, arguments.model) as stoa, (arguments.out / "items.jsonl").open("w") as file:
        for number, problem in enumerate(questions(arguments.n, arguments.seed), 1):
            for arm in ARMS:
                item = items[arm, problem["id"]] = answer(stoa, problem, arm, arguments)
                file.write(json.dumps(item) + "\n")
            stoa.forget()
            if number % 10 == 0:
                print(f"  {number} of {arguments.n}", file=sys.stderr)
    ids = sorted({id for _, id in items})
    lines = [
        f"## {arguments.model}, {len(ids)} products of four-digit numbers, seed {arguments.seed}", "",
        "| arm | correct | accuracy [95 %] | tool calls | decoded tokens |", "|---|---|---|---|---|",
    ]
    for arm in ARMS:
        own = [items[arm, id] for id in ids]
        correct = sum(item["correct"] for item in own)
        calls = sum(item["tool_calls"] for item in own) / len(own)
        tokens = sum(item["decoded_tokens"] for item in own) / len(own)
        lines.append(f"| {arm} | {correct} | {percent(correct, len(own))} | {calls:.2f} | {tokens:.0f} |")
    pairs = [(items["tool", id]["correct"], items["text", id]["correct"]) for id in ids]
    identical = sum(items["tool", id]["replays"] for id in ids)
    p = mcnemar(pairs.count((True, False)), pairs.count((False, True)))
    lines += [
        "", f"McNemar, exact, two-sided: p = {p:.3g}. Strict replays without a sandbox: {identical} of {len(ids)} identical.",
    ]
    text = "\n".join(lines) + "\n"
    (arguments.out / "table.md").write_text(text)
    print(text)
    sys.exit(0 if identical == len(ids) else 1)


if __name__ == "__main__":
    main()

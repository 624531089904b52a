"""Real problems, answered in several ways by one model: alone, by agents that write, by agents that think.

    python arms.py --data FILE.jsonl --n 300 [--arms single,text,isolated,chained,none] [--model smollm2-135m]
                   [--workers 2] [--seed 0] [-P latent_steps=20] --out FOLDER

Every arm answers the same problems, drawn from the file by the seed; only problems whose answer is a number count. One
process with one thread per run. The items go to FOLDER/items.jsonl as they come: a run of this script that was stopped
goes on where it was. At the end, and with --report alone, FOLDER/table.md has the table: accuracy with Wilson's 95 %
interval, the exact p of McNemar's test of each arm against `single` and `text`, tokens and seconds.
"""

import argparse
import concurrent.futures
import json
import pathlib
import random
import statistics
import sys
import threading

import grading
import stoa_runs
from intervals import mcnemar, percent

ARMS = {
    "single": ("single", {}),
    "text": ("latent-chain", {"channel": "text"}),
    "chained": ("latent-chain", {"channel": "latent"}),
    "none": ("latent-chain", {"channel": "none"}),
    "isolated": ("latent-hierarchical", {"channel": "latent", "mode": "isolated"}),
    "hier-chained": ("latent-hierarchical", {"channel": "latent", "mode": "chained"}),
    "hier-text": ("latent-hierarchical", {"channel": "text", "mode": "isolated"}),
    "hier-none": ("latent-hierarchical", {"channel": "none", "mode": "isolated"}),
}


def problems(path: pathlib.Path, n: int, seed: int) -> list[dict]:
    """`n` problems with a number for an answer."""
    every = [json.loads(line) for line in path.read_text().split("\n") if line.strip()]
    usable = [p for p in every if grading.value(p["answer"]) is not None]
    if n > len(usable):
        raise SystemExit(f"{path} has {len(usable)} problems with a number for an answer, {n} are wanted")
    print(f"{path.name}: {len(usable)} of {len(every)} have a number for an answer; {n} drawn", file=sys.stderr)
    return random.Random(seed).sample(usable, n)


def answer(stoa: stoa_runs.Stoa, problem: dict, arm: str, options: dict, seed: int) -> dict:
    playbook, parameters = ARMS[arm]
    parameters = parameters | ({"trace": False} | options if playbook != "single" else {})
    result = stoa.run(playbook, {"question": problem["question"]} | parameters, seed=seed)
    stoa.forget()
    return {
        "arm": arm,
        "id": problem["id"],
        "gold": problem["answer"],
        "answer": result["answer"],
        "found": grading.final_number(result["answer"] or ""),
        "correct": grading.is_correct(result["answer"], problem["answer"]),
        "status": result["status"],
        "seconds": result["seconds"],
        "usage": result["usage"],
    }


def table(items: dict, arms: list[str], ids: list[str], heading: str) -> str:
    """Markdown; over the problems that every arm has answered."""
    whole = [id for id in ids if all((arm, id) in items for arm in arms)]
    lines = [
        heading, "", f"n = {len(whole)} problems, the same for all arms.", "",
        "| arm | correct | accuracy [95 %] | p, single | p, text | prompt tokens | latent steps | decoded | s/question |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for arm in arms:
        own = [items[arm, id] for id in whole]
        correct = sum(item["correct"] for item in own)

        def against(other: str) -> str:
            if other == arm or other not in arms:
                return "-"
            pairs = [(items[arm, id]["correct"], items[other, id]["correct"]) for id in whole]
            better, worse = pairs.count((True, False)), pairs.count((False, True))
            return f"{mcnemar(better, worse):.3g} (+{better} -{worse})"

        def mean(key: str) -> str:
            return f"{statistics.fmean(item['usage'][key] for item in own):.0f}" if own else "-"

        seconds = f"{statistics.median(item['seconds'] for item in own):.2f}" if own else "-"
        lines.append(
            f"| {arm} | {correct} | {percent(correct, len(whole))} | {against('single')} | {against('text')} "
            f"| {mean('prefill_tokens')} | {mean('latent_steps')} | {mean('decoded_tokens')} | {seconds} |"
        )
    odd = sum(items[arm, id]["status"] != "completed" for arm in arms for id in whole)
    lines += [
        "", f"p: McNemar, exact, two-sided; + and - are problems that only this arm, or only the other, got right. "
        f"Tokens are means, seconds medians of one process of one thread. {odd} runs did not complete.",
    ]
    return "\n".join(lines) + "\n"


def read_items(path: pathlib.Path, configuration: dict) -> dict:
    """What is there already, by arm and problem."""
    items = {}
    for line in path.read_text().split("\n") if path.exists() else []:
        try:
            item = json.loads(line)
        except json.JSONDecodeError:
            continue  # The last line of a run that was killed while writing.
        if item["configuration"] != configuration:
            raise SystemExit(f"{path} has items of {item['configuration']}, this is {configuration}: use another --out")
        items[item["arm"], item["id"]] = item
    return items


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="JSON Lines of {id, question, answer}")
    parser.add_argument("--n", type=int, required=True)
    parser.add_argument("--arms", default="single,text,isolated,chained,none", help=", ".join(ARMS))
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-P", dest="options", action="append", default=[], metavar="name=value")
    parser.add_argument("--stoa", default=stoa_runs.BINARY)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--report", action="store_true", help="only write the table of what is there")
    arguments = parser.parse_args()
    arms = arguments.arms.split(",")
    if unknown := set(arms) - ARMS.keys():
        parser.error(f"unknown arm: {', '.join(sorted(unknown))}; there are {', '.join(ARMS)}")
    options = dict(option.split("=", 1) for option in arguments.options)
    drawn = problems(arguments.data, arguments.n, arguments.seed)
    configuration = {"model": arguments.model, "seed": arguments.seed, "data": arguments.data.name, "options": options}
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "items.jsonl"
    items = read_items(path, configuration)
    # Problem by problem, so that what is there at any time is paired.
    todo = [] if arguments.report else [(p, arm) for p in drawn for arm in arms if (arm, p["id"]) not in items]
    lock, local, opened = threading.Lock(), threading.local(), []

    def work(task):
        problem, arm = task
        if not hasattr(local, "stoa"):
            local.stoa = stoa_runs.Stoa(arguments.stoa, arguments.model, threads=1)
            opened.append(local.stoa)
        item = answer(local.stoa, problem, arm, options, arguments.seed) | {"configuration": configuration}
        with lock:
            items[arm, problem["id"]] = item
            with path.open("a") as file:
                file.write(json.dumps(item) + "\n")
            done = sum((a, p["id"]) in items for p in drawn for a in arms)
            if done % 20 == 0:
                print(f"  {done} of {len(drawn) * len(arms)}", file=sys.stderr)

    try:
        if path.exists() and (content := path.read_bytes()) and not content.endswith(b"\n"):
            path.write_bytes(content + b"\n")
        with concurrent.futures.ThreadPoolExecutor(arguments.workers) as pool:
            for future in [pool.submit(work, task) for task in todo]:
                try:
                    future.result()
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
    finally:
        for stoa in opened:
            stoa.close()
    heading = f"## {arguments.model} on {arguments.data.name}, seed {arguments.seed}"
    if options:
        heading += ", " + ", ".join(f"{name} = {value}" for name, value in options.items())
    text = table(items, arms, [p["id"] for p in drawn], heading)
    (arguments.out / "table.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Co-evolution from end to end on sums of two steps: the held-out mean over 8 sampled attempts, before and after 3 rounds.

    sums.py OUT [--stoa .build/release/stoa] [--rounds 3] [--samples 8] [--seed 1] [-P name=value …]

Seeds and held-out problems are written here, 40 and 60: three numbers, of which each of the last two is added or taken away.
They share no skeleton: other sentences on each side. The teacher's families know nothing of them. Prints a table; what was
measured stays in OUT, and STOA_HOME is OUT/home.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
NAMES = ["Mara", "Jonas", "Elif", "Pedro", "Ines", "Tariq", "Lotte", "Kofi", "Yuki", "Bruno"]
THINGS = ["stickers", "marbles", "shells", "postcards", "beads", "plums", "candles", "badges"]
# Each with the signs of its steps. Those for measuring are at the end, and nowhere else.
SEEDS = [
    ("{A} has {a} {t}. {A} finds {b} more and then gives away {c}. How many {t} does {A} have now?", "+-"),
    ("There were {a} {t} in a box. {A} put in {b} and {B} put in {c}. How many {t} are in the box?", "++"),
    ("{A} had {a} {t}. {A} lost {b} of them and sold {c}. How many {t} are left?", "--"),
    ("{A} made {a} {t} on Monday, {b} on Tuesday and {c} on Friday. How many {t} did {A} make in all?", "++"),
    ("A shop had {a} {t}. It sold {b} and then got {c} new ones. How many {t} does the shop have?", "-+"),
]
HELDOUT = [
    ("On a shelf lie {a} {t}. {A} takes {b} away, and {B} brings {c}. How many {t} lie there in the end?", "-+"),
    ("{A} collected {a} {t}, then {b} more, and after a walk another {c}. What is the size of the collection?", "++"),
    ("{A} starts with {a} {t}. {B} borrows {b}, and {c} get broken. How many {t} can {A} still use?", "--"),
    ("A drawer holds {a} {t}. {A} adds {b}; later {B} removes {c}. How many {t} does the drawer hold then?", "+-"),
    ("{A} owns {a} {t}, {B} owns {b}, and their teacher owns {c}. How many {t} do the three own together?", "++"),
    ("Of {a} {t} in a bag {b} were for {A} and {c} for {B}. How many {t} were for the others?", "--"),
]


def problems(texts, count, kind, stream):
    rows, seen = [], set()
    while len(rows) < count:
        text, signs = texts[len(rows) % len(texts)]
        a, b, c = stream.randrange(20, 100), stream.randrange(2, 19), stream.randrange(2, 19)
        answer = a + (b if signs[0] == "+" else -b) + (c if signs[1] == "+" else -c)
        if answer < 0:
            continue
        names = stream.sample(NAMES, 2)
        question = text.format(A=names[0], B=names[1], a=a, b=b, c=c, t=stream.choice(THINGS))
        if question not in seen:
            seen.add(question)
            rows.append({"id": f"{kind}-{len(rows) + 1}", "question": question, "answer": str(answer)})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--stoa", default=".build/release/stoa")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-P", dest="parameters", action="append", default=[])
    arguments = parser.parse_args()
    out = pathlib.Path(arguments.out).resolve()
    (out / "sampled").mkdir(parents=True, exist_ok=True)
    (out / "sampled" / "playbook.yaml").write_text((HERE / "sampled.yaml").read_text())
    stream = random.Random(arguments.seed)
    for name, texts, count in (("seeds", SEEDS, 40), ("heldout", HELDOUT, 60)):
        with open(out / f"{name}.jsonl", "w") as file:
            file.writelines(json.dumps(row) + "\n" for row in problems(texts, count, name, stream))
    environment = dict(os.environ, STOA_HOME=str(out / "home"), NO_COLOR="1")

    def stoa(*words):
        words = [str(pathlib.Path(arguments.stoa).resolve()), *map(str, words)]
        result = subprocess.run(words, env=environment, cwd=HERE.parent.parent, text=True, stdout=subprocess.PIPE)
        if result.returncode not in (0, 2):
            sys.exit(f"{' '.join(words)[:300]}: exit code {result.returncode}\n{result.stdout[-2000:]}")
        return result.stdout

    def mean(adapter):
        return json.loads(stoa(
            "eval", out / "sampled", "--data", out / "heldout.jsonl", "--samples", arguments.samples, "--concurrency", 16,
            "--seed", arguments.seed, "--json", "-P", f"adapter={adapter}"))

    before = mean("")
    words = ["evolve", "playbooks/socratic-zero", "-P", f"seeds={out / 'seeds.jsonl'}", "-P",
             f"heldout={out / 'heldout.jsonl'}", "-P", "profile=full", "-P", "problems=120", "-P", "attempts=2", "--rounds",
             arguments.rounds, "--seed", arguments.seed, "--json", "--report", out / "report"]
    for parameter in arguments.parameters:
        words += ["-P", parameter]
    lines = [json.loads(line) for line in stoa(*words).splitlines()]
    after = mean(lines[-1]["adapter"])
    compared = json.loads(stoa("compare", before["eval"], after["eval"], "--json"))

    def share(value, bounds):
        return f"{100 * value:.1f} % [{100 * bounds[0]:.1f}, {100 * bounds[1]:.1f}]"

    print("| | |\n|---|---|")
    print(f"| mean@{arguments.samples} before, {before['n']} problems | {share(before['accuracy'], before['ci95'])} |")
    for line in lines[:-1]:
        print(f"| round {line['round']}, one greedy attempt | {share(line['heldout_accuracy'], line['ci95'])} |")
    print(f"| mean@{arguments.samples} after {len(lines) - 1} rounds | {share(after['accuracy'], after['ci95'])} |")
    print(f"| difference | {share(compared['difference'], compared['ci95'])} |")
    print(f"\n{lines[-1]['trained_tokens']} tokens trained, {lines[-1]['seeds_solved']} of 40 seeds solved by search")


if __name__ == "__main__":
    main()

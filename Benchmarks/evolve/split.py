#!/usr/bin/env python3
"""Splits a file of word problems into seeds and held-out problems that share no skeleton.

A skeleton is what is left of a question when names (every capitalised word, those that begin a sentence included) and
numbers are masked and punctuation is dropped. Problems of one skeleton fall on one side: where a seed's skeleton is that
of other problems, these are left out of both files, and counted.

    split.py PROBLEMS.jsonl SEEDS.jsonl HELDOUT.jsonl [--seeds 100] [--seed 1]
"""

import argparse
import json
import random
import re


def skeleton(question):
    text = re.sub(r"\d[\d,]*(?:\.\d+)?", " 0 ", question)
    words = re.findall(r"[A-Za-z]+|0", text)
    return " ".join("N" if word[0].isupper() else word for word in words)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problems")
    parser.add_argument("seeds_file")
    parser.add_argument("heldout_file")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    with open(arguments.problems) as file:
        problems = [json.loads(line) for line in file if line.strip()]
    order = random.Random(arguments.seed).sample(range(len(problems)), len(problems))
    seeds, taken, used = [], set(), set()
    for index in order:
        if len(seeds) == arguments.seeds:
            break
        shape = skeleton(problems[index]["question"])
        if shape in taken:
            continue
        taken.add(shape)
        used.add(index)
        seeds.append(problems[index])
    others = [problem for index, problem in enumerate(problems) if index not in used]
    heldout = [problem for problem in others if skeleton(problem["question"]) not in taken]
    for path, rows in ((arguments.seeds_file, seeds), (arguments.heldout_file, heldout)):
        with open(path, "w") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    print(f"{len(seeds)} seeds, {len(heldout)} held out, {len(others) - len(heldout)} left out: a seed's skeleton")


if __name__ == "__main__":
    main()

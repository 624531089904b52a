#!/usr/bin/env python3
"""The headline of co-evolution: from 100 seed problems, beside its baselines, on problems that share no skeleton with them.

    headline.py PROBLEMS.jsonl OUT [--stoa .build/release/stoa] [--seeds 1 2] [--only base evolve answers A B C] [-P name=value …]

Arms, all with the same adapter settings and about the same training tokens:
  base    the model as it is: in words, and writing calculations, with and without examples among the seeds
  evolve  stoa evolve socratic-zero, profile full, once for each seed of chance
  answers supervised training on the seeds as the file has them, questions with their answers, as many epochs as the tokens allow
  A       the same on the seeds' calculations, which the teacher finds by search: the seeds at their best
  B       the same on static variations of the seeds: other numbers and names, paraphrases
  C       the families of the teacher drawn uniformly, whatever the solver can do

What was measured stays in OUT: an arm whose file is there is not run again. STOA_HOME is OUT/home.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
PROMPT = [{"role": "system", "content": "Write the calculation that answers the question."}]


def wilson(right, total, z=1.959963984540054):
    share = right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return [round(100 * (middle - half), 1), round(100 * (middle + half), 1)]


class Bench:
    def __init__(self, arguments):
        self.stoa = str(pathlib.Path(arguments.stoa).resolve())
        self.out = pathlib.Path(arguments.out).resolve()
        self.out.mkdir(parents=True, exist_ok=True)
        self.more = arguments.parameters
        self.environment = dict(os.environ, STOA_HOME=str(self.out / "home"), NO_COLOR="1")
        self.seeds = self.out / "seeds.jsonl"
        self.heldout = self.out / "heldout.jsonl"

    def run(self, *words, **options):
        result = subprocess.run(
            [self.stoa, *map(str, words)], env=self.environment, cwd=HERE.parent.parent, text=True,
            stdout=subprocess.PIPE, **options)
        # 2 is a comparison's way to say that two arms differ.
        if result.returncode not in (0, 2):
            sys.exit(f"{' '.join(map(str, words))[:300]}: exit code {result.returncode}\n{result.stdout[-2000:]}")
        return result.stdout

    def tool(self, name, arguments):
        """A tool of the playbook, with its arguments from a file: they are longer than a command line may be."""
        path = self.out / f"{name}.arguments.json"
        path.write_text(json.dumps(arguments))
        return json.loads(self.run("tool", "test", name, "--args", f"@{path}", "--json"))["value"]

    def kept(self, name, make):
        path = self.out / f"{name}.json"
        if not path.exists():
            start = time.time()
            value = make()
            value["wall_seconds"] = round(time.time() - start, 1)
            path.write_text(json.dumps(value, indent=1) + "\n")
        return json.loads(path.read_text())

    def evaluate(self, playbook, *more):
        words = ["eval", playbook, "--data", self.heldout, "--concurrency", 16, "--json", *more]
        result = json.loads(self.run(*words))
        return {
            "eval": result["eval"], "n": result["n"], "accuracy": result["accuracy"], "ci95": result["ci95"],
            "right": sorted(item["id"] for item in result["items"] if item["correct"])}

    # Arms

    def evolve(self, seed, name, *more):
        def make():
            words = ["evolve", "playbooks/socratic-zero", "-P", "profile=full", "-P", f"seeds={self.seeds}", "-P",
                     f"heldout={self.heldout}", "-P", f"draw={seed}", "--seed", seed, "--json", "--report",
                     self.out / name]
            for parameter in [*self.more, *more]:
                words += ["-P", parameter]
            lines = [json.loads(line) for line in self.run(*words).splitlines()]
            return {"rounds": lines[:-1], "summary": lines[-1]}

        found = self.kept(name, make)
        adapter = found["summary"]["adapter"]
        found["eval"] = self.kept(f"{name}-eval", lambda: self.evaluate("calculation", "-P", f"adapter={adapter}"))
        return found

    def supervised(self, name, problems, tokens, settings, *more):
        """Trains on problems until about as many tokens were seen, and measures with more parameters of the playbook."""
        def make():
            data = self.out / f"{name}.jsonl"
            with open(data, "w") as file:
                for problem in problems:
                    messages = [*PROMPT, {"role": "user", "content": problem["question"]},
                                {"role": "assistant", "content": problem["program"]}]
                    file.write(json.dumps({"messages": messages}) + "\n")
            words = ["train", "sft", "--data", data, "--out", self.out / f"{name}-adapter", "--json"]
            for key, value in settings.items():
                words += [f"--{key}", value]
            once = json.loads(self.run(*words, "--epochs", 1).splitlines()[-1])
            epochs = tokens / once["tokens"]
            summary = json.loads(self.run(*words, "--epochs", f"{epochs:.4f}").splitlines()[-1])
            return {"problems": len(problems), "epochs": epochs, "train": summary}

        found = self.kept(name, make)
        adapter = found["train"]["adapter"]
        found["eval"] = self.kept(
            f"{name}-eval", lambda: self.evaluate("calculation", "-P", f"adapter={adapter}", *more))
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problems")
    parser.add_argument("out")
    parser.add_argument("--stoa", default=".build/release/stoa")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", default=["base", "evolve", "answers", "A", "B", "C"])
    parser.add_argument("-P", dest="parameters", action="append", default=[])
    arguments = parser.parse_args()
    bench = Bench(arguments)
    subprocess.run(
        [sys.executable, HERE / "split.py", arguments.problems, bench.seeds, bench.heldout], check=True)

    rows = {}
    if "base" in arguments.only:
        seeds = [json.loads(line) for line in bench.seeds.open()]
        solved = bench.tool("solve-problems", {"problems": seeds})["solved"]
        examples = [{"question": one["question"], "calculation": one["program"]} for one in solved[:4]]
        rows["in words"] = bench.kept("base-words", lambda: bench.evaluate("single"))
        rows["calculation"] = bench.kept("base-calculation", lambda: bench.evaluate("calculation"))
        rows["calculation, 4 examples"] = bench.kept(
            "base-examples", lambda: bench.evaluate("calculation", "-P", f"examples={json.dumps(examples)}"))
    tokens, settings = None, {}
    if "evolve" in arguments.only:
        for seed in arguments.seeds:
            found = bench.evolve(seed, f"evolve-{seed}")
            rows[f"evolve, seed {seed}"] = found["eval"]
            tokens = tokens or found["summary"]["trained_tokens"]
            settings = settings or found["summary"]["settings"]
    if tokens is None and {"answers", "A", "B", "C"} & set(arguments.only):
        found = json.loads((bench.out / f"evolve-{arguments.seeds[0]}.json").read_text())
        tokens, settings = found["summary"]["trained_tokens"], found["summary"]["settings"]
    if "answers" in arguments.only:
        plain = [{**one, "program": one["answer"]} for one in map(json.loads, bench.seeds.open())]
        rows["answers: the seeds as they are"] = bench.supervised(
            "answers", plain, tokens, settings, "-P", "calculator=false")["eval"]
    if {"A", "B"} & set(arguments.only):
        seeds = [json.loads(line) for line in bench.seeds.open()]
        solved = bench.tool("solve-problems", {"problems": seeds})["solved"]
    if "A" in arguments.only:
        rows["A: the seeds with their calculations"] = bench.supervised("A", solved, tokens, settings)["eval"]
    if "B" in arguments.only:
        count = found["summary"]["examples"] if "evolve" in arguments.only else 5000
        varied = bench.tool("augment-problems", {"problems": solved, "count": count, "seed": 1})["problems"]
        rows["B: static variations"] = bench.supervised("B", solved + varied, tokens, settings)["eval"]
    if "C" in arguments.only:
        rows["C: families drawn uniformly"] = bench.evolve(
            arguments.seeds[0], "C", "mix=uniform", "curriculum=none")["eval"]

    main_row = rows.get(f"evolve, seed {arguments.seeds[0]}")
    print("| arm | right | 95 % interval | difference to evolve |\n|---|---|---|---|")
    for name, row in rows.items():
        line = f"| {name} | {100 * row['accuracy']:.1f} % of {row['n']} | {wilson(len(row['right']), row['n'])} |"
        if main_row is not None and row is not main_row:
            compared = json.loads(bench.run("compare", main_row["eval"], row["eval"], "--json"))
            low, high = (100 * bound for bound in compared["ci95"])
            line += f" {100 * compared['difference']:+.1f} [{low:.1f}, {high:.1f}], p = {compared['mcnemar_p']:.2g} |"
        else:
            line += " |"
        print(line)


if __name__ == "__main__":
    main()

"""What crosses from one agent to another in latent space (L14): a number that only the first was told.

    python needle.py --n 300 [--model smollm2-135m] [--latent-steps 20] [--seed 0] [--json OUT]

The planner's prompt holds a random number of three digits that the judge's prompt lacks. The judge, decoding greedily, is
asked for it with: the planner's whole memory (full); its prompt rows (prompts); its latent rows alone (latents); the rows
of as many random vectors of equal norm fed instead (noise); nothing (none). Of what is kept of a part, the first four
rows of all are kept too, since models rest their attention on them; the number is not in them. The same numbers in all
conditions, many trials per process.

"Crosses in the latents" is said only where the interval of `latents` lies above that of `noise`.
"""

import argparse
import json
import os
import pathlib
import random
import re
import sys
import time

import stoa_runs
from intervals import percent, wilson

PLAYBOOK = pathlib.Path(__file__).resolve().parent / "needle.yaml"
CONDITIONS = {
    "full": {"recall": "full"},
    "prompts": {"recall": "prompts"},
    "latents": {"recall": "latents"},
    "noise": {"recall": "latents", "feedback": "noise"},
    "none": {"channel": "none"},
}


def is_found(reply: str, key: int) -> bool:
    """Whether the first number of a reply is the key."""
    match = re.search(r"\d+", reply.replace(",", ""))
    return match is not None and int(match[0]) == key


def verdict(found: dict[str, int], n: int) -> str:
    latents, noise = wilson(found["latents"], n), wilson(found["noise"], n)
    if latents[0] > noise[1]:
        return "crosses in the latents: latents alone beat noise of equal norm, and the intervals do not overlap"
    return "not shown to cross in the latents: latents alone and noise of equal norm have intervals that overlap"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=300, help="trials of each condition")
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--latent-steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=25, help="trials of one process")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--stoa", default=stoa_runs.BINARY)
    parser.add_argument("--json", type=pathlib.Path, help="also write every trial here")
    arguments = parser.parse_args()
    keys = [random.Random(f"{arguments.seed} {index}").randrange(100, 1000) for index in range(arguments.n)]
    trials, found = {name: [] for name in CONDITIONS}, {}
    started = time.monotonic()
    with stoa_runs.Stoa(arguments.stoa, arguments.model, arguments.threads) as stoa:
        for start in range(0, arguments.n, arguments.batch):
            batch = keys[start : start + arguments.batch]
            for name, parameters in CONDITIONS.items():
                parameters = parameters | {"keys": batch, "latent_steps": arguments.latent_steps}
                result = stoa.run(str(PLAYBOOK), parameters, seed=arguments.seed * 100_000 + start)
                if result["status"] != "completed":
                    raise SystemExit(f"{name}: expected a completed run, found {result}")
                replies = json.loads(result["answer"])
                assert len(replies) == len(batch), (len(replies), len(batch))
                trials[name] += [
                    {"key": key, "reply": reply, "found": is_found(reply, key)} for key, reply in zip(batch, replies)
                ]
                stoa.forget()
            print(f"  {min(start + arguments.batch, arguments.n)} of {arguments.n}", file=sys.stderr)
    lines = [
        f"## Needle, {arguments.model}, {arguments.latent_steps} latent steps, n = {arguments.n} per condition, seed "
        f"{arguments.seed}", "", "| the judge has | found | rate [95 %] |", "|---|---|---|",
    ]
    for name in CONDITIONS:
        found[name] = sum(trial["found"] for trial in trials[name])
        lines.append(f"| {name} | {found[name]} | {percent(found[name], arguments.n)} |")
    conclusion = verdict(found, arguments.n)
    lines += ["", f"Chance is 1 in 900. Verdict: {conclusion}."]
    print("\n".join(lines))
    if arguments.json:
        document = {
            "model": arguments.model, "latent_steps": arguments.latent_steps, "n": arguments.n, "seed": arguments.seed,
            "found": found, "intervals": {name: wilson(count, arguments.n) for name, count in found.items()},
            "verdict": conclusion, "seconds": time.monotonic() - started, "load_average": os.getloadavg()[0],
            "trials": trials,
        }
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()

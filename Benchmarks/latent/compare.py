"""The same algorithm in Stoa and in PyTorch, on the same weights, by turns: seconds per question, and equal latents.

    python compare.py [--stoa PATH] [--model NAME] [--gguf FILE] [--steps 10,40] [--questions 4] [--rounds 1]
                      [--answer-tokens 128] [--threads 2] [--wait SECONDS] [--by best] [--json OUT]

Three latent agents and a judge who writes exactly --answer-tokens tokens, the end of a turn ignored in both; one question
at a time, contestants in an order that rotates. Loading is in neither: Stoa's seconds are the run's, PyTorch's those from
messages to tokens. Both get the messages that the playbook latent-chain has for the question, as Stoa's journal has them.

The latents are compared once per question and number of steps: Stoa's, of a traced run in `exact`, with PyTorch's in fp32,
from the same messages; the token ids of the prompts, come by independently, must be equal too. The cosine of every pair
of vectors must be above 0.999. Ends with 1 where it is not.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys

import stoa_runs

HERE = pathlib.Path(__file__).resolve().parent
# The script of the same name there: what waits for a quiet machine.
sys.path.insert(0, str(HERE.parent / "peers"))
import compare as peers_compare  # noqa: E402

PLAYBOOK = "latent-chain"
QUESTIONS = [
    "A baker makes 12 trays of 8 rolls each. She sells 70 rolls and gives 6 to her neighbour. How many rolls are left?",
    "Tom reads 15 pages on every weekday and 30 pages on each day of the weekend. How many pages does he read in 2 weeks?",
    "Anna buys 3 notebooks for $4 each and 2 pens for $1.50 each. She pays with a $20 note. How much change does she get?",
    "A garden is 14 m long and 6 m wide. A fence around it costs $5 per metre. What does the whole fence cost?",
    "Ben has 40 marbles, which is 8 more than twice as many as Carl has. How many marbles do the two have together?",
    "A class of 28 pupils goes on a trip. Each pupil pays $7, and the school adds $54. The bus costs $150. How much money "
    "is left for lunch?",
]


class Peer:
    """A process of the peer with the model loaded."""

    def __init__(self, dtype: str, gguf: pathlib.Path, threads: int):
        command = [sys.executable, str(HERE / "transformers_latentmas.py"), "--model", str(gguf), "--dtype", dtype]
        self.process = subprocess.Popen(
            [*command, "--threads", str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.tau = self.receive()["tau"]

    def receive(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the peer ended with {self.process.wait()}")
        return json.loads(line)

    def ask(self, agents: list, steps: int, answer_tokens: int, vectors: bool = False) -> dict:
        request = {"agents": agents, "latent_steps": steps, "answer_tokens": answer_tokens, "vectors": vectors}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.receive()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def cosine(a: list[float], b: list[float]) -> float:
    dot = sum(x * y for x, y in zip(a, b))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def traced(stoa: stoa_runs.Stoa, question: str, steps: int) -> list[dict]:
    """The calls of a run in `exact` with every vector written down."""
    parameters = {"question": question, "latent_steps": steps, "answer_tokens": 8, "trace": True}
    result = stoa.run(PLAYBOOK, parameters, precision="exact")
    return stoa.calls(result["run"])


def equality(calls: list[dict], peer: Peer, steps: int) -> dict:
    """How equal the latents are."""
    reply = peer.ask([call["messages"] for call in calls], steps, 1, vectors=True)
    prompts_equal = [call["prompt_tokens"] == ids for call, ids in zip(calls, reply["prompts"])]
    cosines, norms = [], []
    for call, theirs in zip(calls[:-1], reply["vectors"]):
        ours = call.get("vectors", [])
        if len(ours) != steps or len(theirs) != steps:
            raise SystemExit(f"{call['key']}: expected {steps} vectors, found {len(ours)} and {len(theirs)}")
        cosines += [cosine(a, b) for a, b in zip(ours, theirs)]
        norms += [abs(math.sqrt(sum(x * x for x in a)) / peer.tau - 1) for a in ours]
    return {
        "vectors": len(cosines),
        "prompts_equal": all(prompts_equal),
        "lowest_cosine": min(cosines),
        "largest_norm_error": max(norms),
    }


def summary(samples: list[float]) -> dict:
    return {"median": statistics.median(samples), "min": min(samples), "max": max(samples)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stoa", default=stoa_runs.BINARY, help="the stoa binary; a release build")
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--gguf", type=pathlib.Path, help="the model's file; default: what the program says")
    parser.add_argument("--steps", default="10,40", help="numbers of latent steps, comma-separated")
    parser.add_argument("--questions", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--answer-tokens", type=int, default=128)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--peers", default="fp32,bf16", help="of fp32 and bf16; fp32 is needed for the latents")
    parser.add_argument("--wait", type=float, default=0, help="at most so many seconds for a quiet machine, each time")
    parser.add_argument(
        "--by", choices=["median", "best"], default="median",
        help="best: compare the fastest question of each; for a machine that is never quiet",
    )
    parser.add_argument("--json", type=pathlib.Path, help="also write everything measured here")
    arguments = parser.parse_args()
    questions = QUESTIONS[: arguments.questions]
    stoa = stoa_runs.Stoa(arguments.stoa, arguments.model, arguments.threads)
    gguf = arguments.gguf or pathlib.Path(json.loads(stoa.call("model", "path", arguments.model, "--json").stdout)["path"])
    peers = {name: Peer(name, gguf, arguments.threads) for name in arguments.peers.split(",")}

    def ours(precision, question, steps):
        document = stoa.bench(
            "--only", "latent", "--ask", question, "--latent-steps", str(steps), "--repetitions", "1",
            "--answer-tokens", str(arguments.answer_tokens), precision=precision,
        )
        figures = document["latent"]
        assert figures["decoded_tokens"]["median"] == arguments.answer_tokens, figures
        assert figures["latent_steps"]["median"] == 3 * steps, figures
        return figures["seconds_per_question"]["median"]

    def theirs(name, calls, steps):
        reply = peers[name].ask([call["messages"] for call in calls], steps, arguments.answer_tokens)
        assert len(reply["tokens"]) == arguments.answer_tokens
        return reply["seconds"]

    results, is_equal = [], True
    for steps in map(int, arguments.steps.split(",")):
        samples = {name: [] for name in ["stoa-fast", "stoa-exact", *(f"pytorch-{p}" for p in peers)]}
        checks, loads = [], []
        order = list(samples)
        turn = 0
        for question in questions:
            calls = traced(stoa, question, steps)
            if "fp32" in peers:
                checks.append(equality(calls, peers["fp32"], steps))
            stoa.forget()
            for name in peers:
                peers[name].ask([call["messages"] for call in calls], 1, 1)  # warms up
            for _ in range(arguments.rounds):
                for name in order[turn % len(order) :] + order[: turn % len(order)]:
                    if arguments.wait:
                        peers_compare.wait_for_calm(arguments.wait)
                    loads.append({"name": name, "load_average_before": os.getloadavg()[0]})
                    kind, variant = name.split("-")
                    seconds = ours(variant, question, steps) if kind == "stoa" else theirs(variant, calls, steps)
                    samples[name].append(seconds)
                    print(f"  {steps} steps, {name:12} {seconds:7.3f} s", file=sys.stderr)
                turn += 1
        figures = {name: summary(values) for name, values in samples.items()}
        by = "median" if arguments.by == "median" else "min"
        best = min((n for n in samples if n.startswith("pytorch")), key=lambda n: figures[n][by])
        ratios = {
            name: {
                f"of_{by}": figures[best][by] / figures[name][by],
                "per_question": summary([b / a for a, b in zip(samples[name], samples[best])]),
            }
            for name in samples
            if name.startswith("stoa")
        }
        results.append(
            {
                "latent_steps": steps, "answer_tokens": arguments.answer_tokens, "questions": len(questions),
                "rounds": arguments.rounds, "seconds": figures, "better_peer": best, "times_faster": ratios,
                "equality": checks, "samples": samples, "loads": loads,
            }
        )
        print(f"{steps} latent steps, three agents, judge of {arguments.answer_tokens} tokens, {len(questions)} questions")
        for name, figure in figures.items():
            ratio = f"{ratios[name][f'of_{by}']:6.1f} times as fast as {best}, by {arguments.by}" if name in ratios else ""
            print(f"  {name:14} {figure['median']:8.3f} s ({figure['min']:.3f}-{figure['max']:.3f}) {ratio}")
        if checks:
            lowest = min(check["lowest_cosine"] for check in checks)
            same = all(check["prompts_equal"] for check in checks)
            count = sum(check["vectors"] for check in checks)
            good = same and lowest > 0.999
            is_equal = is_equal and good
            print(
                f"  latents, exact beside fp32: {count} vectors, lowest cosine {lowest:.7f}, prompts "
                f"{'equal' if same else 'DIFFERENT'}: {'equal' if good else 'NOT EQUAL'}"
            )
    for peer in peers.values():
        peer.close()
    stoa.close()
    if arguments.json:
        document = {"model": arguments.model, "threads": arguments.threads, "load_average": os.getloadavg()[0]}
        arguments.json.write_text(json.dumps(document | {"results": results}, indent=1) + "\n")
    sys.exit(0 if is_equal else 1)


if __name__ == "__main__":
    main()

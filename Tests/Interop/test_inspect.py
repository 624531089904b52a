"""Has the package inspect-ai read what `stoa log export --format inspect` writes.

`make interop` runs it, with STOA_BINARY and STOA_CACHE set; without a program there is nothing to read.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = os.environ.get("STOA_BINARY")
INSPECT = pathlib.Path(sys.executable).with_name("inspect")

PROBLEMS = [
    {"id": "a", "question": "What is 2 + 3?", "answer": "5", "kind": "sum"},
    {"id": "b", "question": "What is 4 - 1?", "answer": "3", "kind": "difference"},
    {"id": "c", "question": "<script>alert(1)</script> What is 1 + 1?", "answer": "2", "kind": "sum"},
]


@unittest.skipUnless(BINARY, "STOA_BINARY is not set")
class Inspect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.journal = cls.folder / "journal.sqlite"
        data = cls.folder / "problems.jsonl"
        data.write_text("".join(json.dumps(problem) + "\n" for problem in PROBLEMS), encoding="utf-8")
        cls.result = json.loads(
            cls.stoa("eval", "self-refine", "--data", str(data), "--samples", "2", "--seed", "1", "--json"))

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    @classmethod
    def stoa(cls, *arguments):
        done = subprocess.run(
            [BINARY, *arguments, "--journal", str(cls.journal)], capture_output=True, text=True, timeout=600, cwd=ROOT)
        if done.returncode != 0:
            raise AssertionError(f"stoa {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def dump(self, name):
        """The log as `inspect log dump` writes it out again."""
        path = self.folder / f"{name}.json"
        path.write_text(self.stoa("log", "export", name, "--format", "inspect"), encoding="utf-8")
        done = subprocess.run(
            [str(INSPECT), "log", "dump", str(path)], capture_output=True, text=True, timeout=300, cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder)})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_an_evaluation(self):
        log = self.dump(self.result["eval"])
        self.assertEqual(log["status"], "success")
        self.assertEqual(log["eval"]["task"], "self-refine")
        self.assertEqual(log["eval"]["config"]["epochs"], 2)
        metrics = log["results"]["scores"][0]["metrics"]
        self.assertAlmostEqual(metrics["accuracy"]["value"], self.result["accuracy"], places=12)
        self.assertEqual([metrics["ci95_lower"]["value"], metrics["ci95_upper"]["value"]], self.result["ci95"])
        self.assertEqual(len(log["samples"]), len(self.result["items"]))
        for sample, item in zip(log["samples"], self.result["items"]):
            problem = next(one for one in PROBLEMS if one["id"] == sample["id"])
            self.assertEqual(sample["id"], item["id"])
            self.assertEqual(sample["epoch"], item["sample"] + 1)
            self.assertEqual((sample["input"], sample["target"]), (problem["question"], problem["answer"]))
            self.assertEqual(sample["metadata"]["kind"], problem["kind"])
            score = sample["scores"]["equivalent"]
            self.assertEqual(score["value"], "C" if item["correct"] else "I")
            self.assertEqual(sample["messages"][-1]["role"], "assistant")
            self.assertEqual({event["event"] for event in sample["events"]}, {"model"})
            self.assertGreater(len(sample["events"]), 1)

    def test_a_run(self):
        item = self.result["items"][0]
        log = self.dump(item["run"])
        (sample,) = log["samples"]
        self.assertEqual(sample["metadata"]["answer"], item["answer"])
        self.assertFalse(sample["scores"])

    def test_python_reads_it_as_a_log(self):
        self.dump(self.result["eval"])
        from inspect_ai.log import read_eval_log

        log = read_eval_log(str(self.folder / f"{self.result['eval']}.json"))
        self.assertEqual(len(log.samples), len(self.result["items"]))
        self.assertEqual(log.samples[0].output.completion, log.samples[0].messages[-1].text)


if __name__ == "__main__":
    unittest.main()

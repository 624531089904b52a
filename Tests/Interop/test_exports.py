"""Has the packages that trainers read their data with read what `stoa log export` writes.

`make interop` runs it. The files in exports/ are rollouts of every kind, and the test suite holds them against what the
program writes; with STOA_BINARY and STOA_CACHE set, a real run is exported and read as well.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRATCH = tempfile.TemporaryDirectory()
os.environ.update(
    HF_HOME=SCRATCH.name, HF_DATASETS_OFFLINE="1", HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")

import datasets  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXPORTS = HERE / "exports"
CONVERTER = ROOT / "docs" / "interop" / "verl_parquet.py"
BINARY = os.environ.get("STOA_BINARY")

TRL_COLUMNS = [
    "prompt", "completion", "prompt_ids", "completion_ids", "env_mask", "logprobs", "reward", "weight", "turns",
    "finish", "group", "reference", "id", "run", "step", "agent", "model", "fingerprint", "kernel_path", "precision",
    "temperature",
]

# The documented schema of verl: docs/preparation/prepare_data.rst, whose example is written out by `datasets`.
VERL_DOCUMENTED = {
    "data_source": pa.string(),
    "prompt": pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
    "ability": pa.string(),
    "reward_model": pa.struct([("style", pa.string()), ("ground_truth", pa.string())]),
}
VERL_EXTRA = {"split": pa.string(), "index": pa.int64()}


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def load(*paths, kind="json", **options):
    return datasets.load_dataset(
        kind, data_files=[str(path) for path in paths], split="train", cache_dir=SCRATCH.name, **options)


def convert(*arguments):
    return subprocess.run(
        [sys.executable, str(CONVERTER), *map(str, arguments)], capture_output=True, text=True, timeout=120)


def plain(value):
    """A value without the members that are null: `datasets` gives every message the members of all."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items() if member is not None}
    return [plain(element) for element in value] if isinstance(value, list) else value


def rounded(value):
    """A value whose numbers have ten decimals."""
    if isinstance(value, dict):
        return {name: rounded(member) for name, member in value.items()}
    if isinstance(value, list):
        return [rounded(element) for element in value]
    return round(value, 10) if isinstance(value, float) else value


class TRL(unittest.TestCase):
    def check(self, path):
        written, read = lines(path), load(path)
        self.assertEqual(read.column_names, TRL_COLUMNS)
        # Where messages have tool calls, `datasets` encodes them anew, and with them every number of the file, to ten
        # decimals. Files without them are read to the last bit.
        has_calls = any("tool_calls" in message for row in written for message in row["completion"])
        seen = rounded if has_calls else lambda value: value
        self.assertEqual(len(read), len(written))
        for found, expected in zip(read, written):
            self.assertEqual(list(expected), TRL_COLUMNS)
            self.assertEqual(seen(plain(found)), seen(plain(expected)))
            for message in expected["prompt"] + expected["completion"]:
                self.assertIn(message["role"], ("system", "user", "assistant", "tool"))
                self.assertIsInstance(message["content"], str)
            self.assertEqual(expected["completion"][-1]["role"], "assistant")
            self.assertEqual(expected["turns"], sum(one["role"] == "assistant" for one in expected["completion"]))
            ids, mask, numbers = (expected[name] for name in ("completion_ids", "env_mask", "logprobs"))
            if ids is None:
                self.assertIsNone(mask)
                continue
            self.assertEqual(len(mask), len(ids))
            self.assertLessEqual(set(mask), {0, 1})
            if numbers is not None:
                self.assertEqual(len(numbers), len(ids))
                self.assertTrue(all(number <= 0 if own else number == 0 for own, number in zip(mask, numbers)))
        return read

    def test_the_package_datasets_reads_the_columns_with_their_types(self):
        self.check(EXPORTS / "trl.jsonl")
        path = pathlib.Path(tempfile.mkdtemp(dir=SCRATCH.name)) / "plain.jsonl"
        with open(EXPORTS / "trl.jsonl", encoding="utf-8") as file:
            path.write_text("".join(line for line in file if "tool_calls" not in line), encoding="utf-8")
        read = self.check(path)
        features = read.features.arrow_schema
        for name in ("prompt", "completion"):
            message = features.field(name).type.value_type
            types = {field.name: field.type for field in message}
            self.assertEqual(types, {"role": pa.string(), "content": pa.string()})
        for name in ("prompt_ids", "completion_ids", "env_mask"):
            self.assertEqual(features.field(name).type.value_type, pa.int64(), name)
        self.assertEqual(features.field("logprobs").type.value_type, pa.float64())
        for name in ("reward", "weight", "temperature"):
            # JSON has one kind of number: a column without a fraction is read as one of integers.
            self.assertIn(features.field(name).type, (pa.float64(), pa.int64()), name)
        self.assertEqual(features.field("turns").type, pa.int64())
        for name in ("finish", "group", "reference", "id", "run", "step", "agent", "model", "fingerprint"):
            self.assertEqual(features.field(name).type, pa.string(), name)

    def test_tool_calls_are_those_of_the_conversational_format(self):
        message = lines(EXPORTS / "trl.jsonl")[3]["completion"][0]
        self.assertEqual(message["tool_calls"], [
            {"type": "function", "function": {"name": "python", "arguments": {"code": "print(6 * 7)"}}}])

    def test_tokens_and_masks_are_what_a_rollout_function_returns(self):
        batch = load(EXPORTS / "trl.jsonl").filter(lambda row: row["logprobs"] is not None)
        for row in batch:
            self.assertEqual(len(row["completion_ids"]), len(row["logprobs"]))
        first = batch[0]
        self.assertEqual(sum(first["env_mask"]), sum(number != 0 for number in first["logprobs"]))
        # Feedback of tools is between the model's tokens, and no id gives it away.
        inside = first["env_mask"][:len(first["env_mask"]) - first["env_mask"][::-1].index(1)]
        self.assertIn(0, inside)


class Verl(unittest.TestCase):
    def setUp(self):
        self.out = pathlib.Path(tempfile.mkdtemp(dir=SCRATCH.name)) / "out.parquet"

    def check(self, path, *options):
        done = convert(*options, path, self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        table, written = pq.read_table(self.out), lines(path)
        self.assertEqual(table.column_names, [*VERL_DOCUMENTED, "extra_info"])
        for name, kind in VERL_DOCUMENTED.items():
            self.assertTrue(table.schema.field(name).type.equals(kind), f"{name}: {table.schema.field(name).type}")
            self.assertEqual(table.column(name).null_count, 0, name)
        extra = table.schema.field("extra_info").type
        for name, kind in VERL_EXTRA.items():
            self.assertEqual(extra.field(name).type, kind, name)
        for name in ("prompt_ids", "response_ids", "response_mask"):
            self.assertEqual(extra.field(name).type, pa.list_(pa.int64()), name)
        self.assertEqual(extra.field("rollout_log_probs").type, pa.list_(pa.float64()))
        if not options:
            # Column by column: every value that was written is there.
            for name in table.column_names:
                self.assertEqual(table.column(name).to_pylist(), [row[name] for row in written], name)
        return table, written

    def test_the_parquet_file_has_the_documented_schema_and_every_value(self):
        table, written = self.check(EXPORTS / "verl.jsonl")
        for row in table.to_pylist():
            self.assertTrue(row["prompt"])
            self.assertEqual(row["reward_model"]["style"], "rule")
            self.assertTrue(row["reward_model"]["ground_truth"])
            extra = row["extra_info"]
            if extra["response_ids"] is not None:
                self.assertEqual(len(extra["response_mask"]), len(extra["response_ids"]))

    def test_it_is_read_as_verl_reads_it(self):
        self.check(EXPORTS / "verl.jsonl")
        # verl's RLHFDataset loads its files by this call.
        read = load(self.out, kind="parquet")
        self.assertEqual(read.column_names, [*VERL_DOCUMENTED, "extra_info"])
        for row, expected in zip(read, lines(EXPORTS / "verl.jsonl")):
            self.assertEqual(row["prompt"], expected["prompt"])
            self.assertEqual(row["extra_info"]["index"], expected["extra_info"]["index"])
        import pandas
        self.assertEqual(list(pandas.read_parquet(self.out)["data_source"]), ["stoa/test"] * len(read))

    def test_several_exports_are_numbered_on_and_prompts_are_kept_once_if_wanted(self):
        path = EXPORTS / "verl.jsonl"
        done = convert(path, path, self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = pq.read_table(self.out).to_pylist()
        self.assertEqual([row["extra_info"]["index"] for row in rows], list(range(2 * len(lines(path)))))
        done = convert("--distinct-prompts", path, path, self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = pq.read_table(self.out).to_pylist()
        self.assertEqual(len(rows), len({json.dumps(row["prompt"]) for row in lines(path)}))

    def test_a_line_with_other_columns_is_refused_by_its_place(self):
        row = lines(EXPORTS / "verl.jsonl")[0]
        del row["extra_info"]["reward"]
        path = self.out.with_suffix(".jsonl")
        path.write_text(json.dumps(row) + "\n", encoding="utf-8")
        done = convert(path, self.out)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{path}:1: expected the columns", done.stderr)
        self.assertFalse(self.out.exists())


@unittest.skipUnless(BINARY, "STOA_BINARY is not set")
class RealRun(unittest.TestCase):
    """A run with a real model, exported by the program."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(dir=SCRATCH.name))
        cls.journal = cls.folder / "journal.sqlite"
        for question in ("What is 2 + 3?", "What is 4 + 4?"):
            cls.stoa("run", "best-of-n", "--question", question, "-P", "reference=5", "--json")

    @classmethod
    def stoa(cls, *arguments):
        done = subprocess.run(
            [BINARY, *arguments, "--journal", str(cls.journal)], capture_output=True, text=True, timeout=300, cwd=ROOT)
        if done.returncode != 0:
            raise AssertionError(f"stoa {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def export(self, form):
        runs = [run["run"] for run in json.loads(self.stoa("log", "list", "--json"))]
        path = self.folder / f"{form}.jsonl"
        path.write_text(self.stoa("log", "export", *runs, "--format", form), encoding="utf-8")
        self.assertEqual(path.read_text(encoding="utf-8"), self.stoa("log", "export", *runs, "--format", form))
        return path

    def test_for_trl(self):
        read = TRL.check(self, self.export("trl"))
        self.assertGreater(len(read), 1)
        self.assertEqual(len(set(read["id"])), len(read))
        self.assertEqual(len(set(read["group"])), 2)
        for row in read:
            self.assertEqual(len(row["logprobs"]), len(row["completion_ids"]))
            self.assertTrue(all(row["env_mask"]))

    def test_for_verl(self):
        self.out = self.folder / "out.parquet"
        table, written = Verl.check(self, self.export("verl"))
        self.assertGreater(table.num_rows, 1)
        self.assertEqual({row["reward_model"]["ground_truth"] for row in written}, {"5"})


if __name__ == "__main__":
    unittest.main()

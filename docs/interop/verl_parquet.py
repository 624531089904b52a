#!/usr/bin/env python3
"""Converts what `stoa log export --format verl` writes to the Parquet file that verl reads.

Usage: verl_parquet.py [--distinct-prompts] EXPORT.jsonl [EXPORT.jsonl ...] OUT.parquet

With --distinct-prompts only the first line of each prompt is kept: verl samples a prompt several times by itself.
Needs pyarrow.
"""
import argparse
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

MESSAGE = pa.struct([("role", pa.string()), ("content", pa.string())])
EXTRA = pa.struct([
    ("split", pa.string()), ("index", pa.int64()), ("response", pa.string()),
    ("prompt_ids", pa.list_(pa.int64())), ("response_ids", pa.list_(pa.int64())),
    ("response_mask", pa.list_(pa.int64())), ("rollout_log_probs", pa.list_(pa.float64())),
    ("reward", pa.float64()), ("weight", pa.float64()), ("turns", pa.int64()), ("finish", pa.string()),
    ("group", pa.string()), ("id", pa.string()), ("run", pa.string()), ("step", pa.string()), ("agent", pa.string()),
    ("model", pa.string()), ("fingerprint", pa.string()), ("kernel_path", pa.string()),
])
SCHEMA = pa.schema([
    pa.field("data_source", pa.string(), nullable=False),
    pa.field("prompt", pa.list_(MESSAGE), nullable=False),
    pa.field("ability", pa.string(), nullable=False),
    pa.field("reward_model", pa.struct([("style", pa.string()), ("ground_truth", pa.string())]), nullable=False),
    pa.field("extra_info", EXTRA, nullable=False),
])


def check(row, place):
    """Refuses a line whose columns are not those of the schema: a member that is left out would become null unseen."""
    for found, expected in ((row, SCHEMA.names), (row.get("extra_info", {}), [field.name for field in EXTRA])):
        if list(found) != expected:
            sys.exit(f"{place}: expected the columns {', '.join(expected)}; found {', '.join(found)}")


def rows(paths, distinct):
    seen = set()
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                row = json.loads(line)
                check(row, f"{path}:{number}")
                prompt = json.dumps(row["prompt"])
                if distinct and prompt in seen:
                    continue
                seen.add(prompt)
                yield row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--distinct-prompts", action="store_true")
    parser.add_argument("exports", nargs="+", metavar="EXPORT.jsonl")
    parser.add_argument("out", metavar="OUT.parquet")
    options = parser.parse_args()
    table = list(rows(options.exports, options.distinct_prompts))
    # Several exports make one data set: its lines are numbered anew.
    for index, row in enumerate(table):
        row["extra_info"]["index"] = index
    pq.write_table(pa.Table.from_pylist(table, schema=SCHEMA), options.out)
    print(f"{options.out}: {len(table)} rows", file=sys.stderr)


if __name__ == "__main__":
    main()

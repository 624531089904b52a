#!/usr/bin/env python3
"""Skeletons of questions as Benchmarks/evolve/split.py has them: compared with skeletons.json, or recorded there.

See ../README.md: RECORD_GOLDENS=1 records, which CI refuses.
"""

import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks" / "evolve"))

from split import skeleton  # noqa: E402

HARD = [
    "",
    "...",
    "Tom has 3 dogs.",
    "Tom has 1,250.75 dollars and $5.",
    "Joan 's school has 2 - or 3-room flats , he said 7 .",
    "It was 0.8333333333333334 mile.",
    "x1y2z 3a 4.5.6 7,,8 9.",
    "Sue\u2019s caf\u00e9 has na\u00efve T-shirts; Mrs. O'Neil's \u00c9clair.",
    "3.",
    "3 . 5 and .5 and 5.",
    "Half (1/2) of it: 50% + 2^3 = ?",
    "\u0663 apples and \uff15 pears",
    "tab\tnew\nline  two   spaces",
    "ALL CAPS and mIxed Case",
]


def main():
    questions = list(HARD)
    for name in ("seeds", "heldout"):
        with open(ROOT / "playbooks" / "socratic-zero" / f"{name}.jsonl") as file:
            questions += [json.loads(line)["question"] for line in file if line.strip()]
    cases = [{"question": question, "skeleton": skeleton(question)} for question in questions]
    text = json.dumps(cases, indent=1) + "\n"
    recorded = HERE / "skeletons.json"
    if os.environ.get("RECORD_GOLDENS") == "1":
        if os.environ.get("CI"):
            sys.exit("goldens are not recorded in CI")
        recorded.write_text(text)
    elif recorded.read_text() != text:
        print("skeletons.json differs from what split.py says", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

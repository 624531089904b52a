"""Writes templates.json, small templates with what Python's jinja2 makes of them, and conversations.json.

Run with the packages in README.md: python generate.py
"""

import json
import pathlib

import jinja2

from conversations import CONVERSATIONS, SPECIAL_TOKENS
from environment import outcome
from expressions import CONTEXT, EXPRESSIONS
from statements import SETTINGS, TEMPLATES

CHAT = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": False}


def write(name, document):
    path = pathlib.Path(__file__).with_name(name)
    path.write_text(json.dumps(document, ensure_ascii=True, indent=0, allow_nan=False) + "\n")


def main():
    assert jinja2.__version__ == "3.1.6", jinja2.__version__
    cases = []
    for expression in EXPRESSIONS:
        source = "[{{ " + expression + " }}]"
        cases.append({"name": expression, "source": source, "outcome": outcome(source, CONTEXT, **CHAT)})
    for name, source in TEMPLATES.items():
        white_space = name.startswith(("ws ", "raw", "comment", "set block", "macro white"))
        for settings in SETTINGS if white_space else [CHAT]:
            case = {"name": name, "source": source, "outcome": outcome(source, CONTEXT, **settings)}
            if settings != CHAT:
                case["settings"] = settings
            cases.append(case)
    # Text with an address of an object in it differs from run to run and is no golden.
    cases = [case for case in cases if " at 0x" not in case["outcome"].get("text", "")]
    document = {"context": CONTEXT, "cases": cases}
    write("templates.json", document)
    write("conversations.json", {"special_tokens": SPECIAL_TOKENS, "conversations": CONVERSATIONS})
    print(len(cases), "cases,", sum("error" in case["outcome"] for case in cases), "of them errors")


main()

"""Renders every template of a folder with every conversation, as the transformers library would.

Usage: python render_families.py FOLDER OUTPUT

FOLDER is what .ci/fetch-templates made. OUTPUT is a JSON object: template, then conversation, to the outcome.
"""

import json
import pathlib
import sys

import jinja2

from environment import environment, outcome_of

HERE = pathlib.Path(__file__).parent


def main(folder, output):
    assert jinja2.__version__ == "3.1.6", jinja2.__version__
    document = json.loads((HERE / "conversations.json").read_text())
    result = {}
    for path in sorted(folder.rglob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        outcomes = {}
        try:
            template = environment().from_string(source)
        except jinja2.exceptions.TemplateSyntaxError:
            template = None
        for name, conversation in document["conversations"].items():
            context = dict(document["special_tokens"])
            context.update(conversation.get("extra", {}))
            context.update(
                messages=conversation["messages"], tools=conversation.get("tools"),
                documents=conversation.get("documents"),
                add_generation_prompt=conversation.get("add_generation_prompt", True),
            )
            outcomes[name] = outcome_of(template, context) if template else {"error": "syntax"}
        result[str(path.relative_to(folder))] = outcomes
    output.write_text(json.dumps(result, ensure_ascii=True))


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))

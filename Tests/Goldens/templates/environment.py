"""The environment in which the transformers library renders chat templates, on Python's jinja2.

Facts from transformers 5.23 `utils/chat_template_utils.py`: the sandbox, the white space settings, the extensions, the
functions and the `tojson` filter.
"""

import datetime
import json

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox
import jinja2.utils

NOW = datetime.datetime(2025, 3, 9, 14, 5, 7)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


class Namespace(jinja2.utils.Namespace):
    def __init__(*args, **kwargs):
        self, args = args[0], args[1:]
        attributes = dict(*args, **kwargs)
        for name in attributes:
            Namespace._check(name)
        jinja2.utils.Namespace.__init__(self, attributes)

    def __setitem__(self, name, value):
        Namespace._check(name)
        jinja2.utils.Namespace.__setitem__(self, name, value)

    @staticmethod
    def _check(name):
        if isinstance(name, str) and name.startswith("_"):
            raise jinja2.exceptions.SecurityError(f"underscore attribute {name!r}")


class Dict:
    def __call__(self, *args, **kwargs):
        return dict(*args, **kwargs)

    def fromkeys(self, *args, **kwargs):
        return dict.fromkeys(*args, **kwargs)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False):
    result = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=trim_blocks,
        lstrip_blocks=lstrip_blocks,
        keep_trailing_newline=keep_trailing_newline,
        extensions=[Generation, jinja2.ext.loopcontrols],
    )
    result.filters["tojson"] = tojson
    result.globals["raise_exception"] = raise_exception
    result.globals["strftime_now"] = lambda format: NOW.strftime(format)
    result.globals["dict"] = Dict()
    result.globals["namespace"] = Namespace
    return result


def outcome(source, context, **options):
    """What rendering gives: {"text": …} or {"error": "syntax" or "runtime", "line": …}."""
    try:
        template = environment(**options).from_string(source)
    except jinja2.exceptions.TemplateSyntaxError as error:
        if "nexpected end of template" in str(error):  # Its line is that of the last token, wherever the end is.
            return {"error": "syntax"}
        return {"error": "syntax", "line": error.lineno}
    except SyntaxError:
        return {"error": "syntax"}
    return outcome_of(template, context)


def outcome_of(template, context):
    """What rendering a parsed template gives: {"text": …} or {"error": "runtime", "line": …}."""
    try:
        return {"text": template.render(**context)}
    except RecursionError:
        raise
    except Exception as error:  # Whatever Python raises is the outcome.
        result = {"error": "runtime"}
        trace, line = error.__traceback__, None
        while trace:
            if trace.tb_frame.f_code.co_filename == "<template>":
                line = trace.tb_lineno
            trace = trace.tb_next
        if line is not None:
            result["line"] = line
        return result

"""Computes the value of an expression."""

import re

import sympy
from sympy.printing.str import StrPrinter
from sympy.parsing.sympy_parser import (
    convert_xor,
    implicit_multiplication_application,
    parse_expr,
    standard_transformations,
)

RULES = standard_transformations + (implicit_multiplication_application, convert_xor)
ALLOWED = re.compile(r"[0-9A-Za-z_+\-*/^(),.!\s]+")
CONSTANTS = {"pi": sympy.pi, "e": sympy.E, "i": sympy.I, "oo": sympy.oo, "inf": sympy.oo}


def read(text):
    """An expression of numbers, names, functions and operators: no attributes, no texts, nothing of Python's own."""
    if not ALLOWED.fullmatch(text) or "__" in text or re.search(r"\.\s*[A-Za-z_]", text):
        raise ValueError(f"expected an expression such as 2*x^2 + sqrt(3), found {text!r}")
    names = dict(CONSTANTS)
    for match in re.finditer(r"(?<![A-Za-z_])[A-Za-z_]\w*", text):
        name = match.group()
        is_called = text[match.end() :].lstrip().startswith("(")
        # A name is a function where it is called like one and sympy has one; names of one letter never are.
        if name not in names and not (is_called and len(name) > 1 and hasattr(sympy, name)):
            names[name] = sympy.Symbol(name)
    # What stands between a name that is none and a parenthesis is a product.
    text = re.sub(r"(?<![A-Za-z_])([A-Za-z_]\w*)(?=\s*\()", lambda m: m[1] + "*" if m[1] in names else m[1], text)
    try:
        value = parse_expr(text, local_dict=names, transformations=RULES)
    except (SyntaxError, TypeError, AttributeError, NameError) as error:
        raise ValueError(f"{text!r} is no expression: {error}") from None
    if not isinstance(value, sympy.Expr):
        raise ValueError(f"expected one expression, found {text!r}")
    return value


class Writer(StrPrinter):
    """Writes what can be read again: the constants as people write them."""

    def _print_Exp1(self, value):
        return "e"

    def _print_ImaginaryUnit(self, value):
        return "i"


write = Writer().doprint


def run(expression, digits=15):
    value = read(expression)
    if value.free_symbols:
        names = ", ".join(sorted(str(symbol) for symbol in value.free_symbols))
        raise ValueError(f"the value depends on {names}: substitute numbers first")
    exact = sympy.nsimplify(value, rational=True) if value.has(sympy.Float) else value
    exact = sympy.simplify(exact)
    return {"exact": write(exact), "decimal": write(sympy.N(exact, digits))}

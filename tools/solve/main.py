"""Solves equations and inequalities."""

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


RELATIONS = {"<=": sympy.Le, ">=": sympy.Ge, "!=": sympy.Ne, "==": sympy.Eq, "=": sympy.Eq, "<": sympy.Lt, ">": sympy.Gt}


def relation(text):
    parts = re.split(r"(<=|>=|!=|==|=|<|>)", text)
    if len(parts) == 1:
        return sympy.Eq(read(text), 0, evaluate=False)
    if len(parts) != 3:
        raise ValueError(f"expected one equation or inequality, found {text!r}")
    return RELATIONS[parts[1]](read(parts[0]), read(parts[2]), evaluate=False)


def where(numbers, name):
    """A set of numbers as a condition."""
    if numbers is sympy.S.EmptySet:
        return "never"
    if numbers == sympy.S.Reals:
        return "always"
    try:
        return write(numbers.as_relational(name))
    except (NotImplementedError, AttributeError):
        return f"{name} is in {write(numbers)}"


def run(equations, unknowns=None):
    relations = [relation(text) for text in ([equations] if isinstance(equations, str) else equations)]
    if unknowns is None:
        symbols = sorted(set().union(*(part.free_symbols for part in relations)), key=str)
    else:
        symbols = [read(name) for name in unknowns]
    if not symbols or not all(symbol.is_Symbol for symbol in symbols):
        raise ValueError("expected at least one unknown, such as x")
    if all(isinstance(part, sympy.Eq) for part in relations):
        differences = [sympy.simplify(part.lhs - part.rhs) for part in relations]
        differences = [difference for difference in differences if difference != 0]
        if not differences:
            return {"solutions": [{}], "holds": "always"}
        found = sympy.solve(differences, symbols, dict=True)
        solutions = [{str(name): write(value) for name, value in sorted(one.items(), key=str)} for one in found]
        return {"solutions": sorted(solutions, key=str), "holds": None}
    if len(symbols) != 1:
        raise ValueError("expected one unknown in inequalities, found " + ", ".join(map(str, symbols)))
    # Order is a matter of real numbers.
    real = sympy.Symbol(str(symbols[0]), real=True)
    holds = sympy.S.Reals
    for part in relations:
        part = part.subs(symbols[0], real)
        if part is sympy.S.true or part is sympy.S.false:
            holds = holds if part else sympy.S.EmptySet
        elif isinstance(part, sympy.Eq):
            holds = holds.intersect(sympy.solveset(part, real, sympy.S.Reals))
        elif isinstance(part, sympy.Ne):
            holds = holds - sympy.solveset(sympy.Eq(part.lhs, part.rhs), real, sympy.S.Reals)
        else:
            if sympy.periodicity(part.lhs - part.rhs, real):
                raise ValueError(f"{write(part)} holds again and again: it can't be said where")
            holds = holds.intersect(sympy.solve_univariate_inequality(part, real, relational=False))
    return {"solutions": [], "holds": where(holds, real)}

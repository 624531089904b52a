/// The program that gives the second opinion: it reads two answers by a grammar of its own and compares them with sympy.
///
/// No part of an answer is run, or handed to a parser that would run it: names, numbers and operators are looked up one by
/// one, and what is not known ends the reading. Powers, factorials, depth and length are bounded before anything is computed.
///
/// It prints `{verdict, evidence}`; the verdict is `same` (proved by algebra, and the same in numbers), `different` (in
/// numbers, at some point where both are real) or `unknown`. Names stand for real numbers.
enum SympyProgram {
    /// The code that compares two answers.
    ///
    /// - Parameters:
    ///   - answer: an answer, in LaTeX or plain.
    ///   - reference: another.
    /// - Returns: Python, the same but for the two texts, in which no text of theirs can be code.
    static func code(comparing answer: String, with reference: String) -> String {
        "FIRST = \(PythonText.literal(answer))\nSECOND = \(PythonText.literal(reference))\n" + source
    }

    private static let source = #"""
        import json
        import re

        import sympy

        FUNCTIONS = {
            "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "cot": sympy.cot, "sec": sympy.sec, "csc": sympy.csc,
            "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan, "asin": sympy.asin, "acos": sympy.acos,
            "atan": sympy.atan, "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh, "ln": sympy.log, "log": sympy.log,
            "exp": sympy.exp, "sqrt": sympy.sqrt, "abs": sympy.Abs,
        }
        GREEK = {
            "alpha", "beta", "gamma", "delta", "theta", "lambda", "mu", "phi", "omega", "tau", "rho", "sigma", "varphi",
        }
        SKIPPED = {"left", "right", "displaystyle", "quad", "qquad", "limits", "big", "Big", "bigl", "bigr"}
        TOKEN = re.compile(
            r"(?P<space>\s+|\\[,;:! ]|~)|(?P<number>\d{1,3}(?:(?:,|\{,\})\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+)"
            r"|\\(?P<command>[A-Za-z]+)|(?P<letters>[A-Za-z]+)|(?P<mark>\*\*|[-+*/^()\[\]{}|!=_%]|\\[{}%$])|(?P<other>.)",
            re.DOTALL,
        )
        MARKS = {"\u2212": "-", "\u00b7": "*", "\u00d7": "*", "\u00f7": "/", "\u03c0": "\\pi ", "\u221e": "\\infty "}


        class Unreadable(Exception):
            pass


        def tokens(text):
            if re.search(r"\d\s*[eE]\s*[-+]?\s*\d", text):
                raise Unreadable("1e-9, which may be meant in two ways")
            for mark, plain in MARKS.items():
                text = text.replace(mark, plain)
            found = []
            for match in TOKEN.finditer(text.strip().rstrip(".").strip().strip("$").rstrip(".").strip()):
                kind, word = match.lastgroup, match.group(match.lastgroup)
                if kind == "space" or kind == "command" and word in SKIPPED:
                    continue
                if kind == "other" or kind == "mark" and word in ("\\{", "\\}", "\\$"):
                    raise Unreadable(f"{word!r}")
                if kind == "letters" and word not in FUNCTIONS and word != "pi":
                    if len(word) > 2:
                        raise Unreadable(f"the word {word!r}")
                    found += [("letter", letter) for letter in word]
                elif kind == "letters":
                    found.append(("command", word))
                elif kind == "number":
                    found.append(("number", word.replace("{,}", "").replace(",", "")))
                elif word == "**":
                    found.append(("mark", "^"))
                elif word == "\\%":
                    found.append(("mark", "%"))
                else:
                    found.append((kind, word))
            if not found or len(found) > 400:
                raise Unreadable("nothing" if not found else "a text of more than 400 parts")
            return found


        class Reader:
            """Reads an expression part by part and builds it of sympy's objects: nothing is evaluated but arithmetic."""

            def __init__(self, parts):
                self.parts, self.place, self.depth = parts, 0, 0

            def peek(self, ahead=0):
                place = self.place + ahead
                return self.parts[place] if place < len(self.parts) else ("end", "")

            def take(self, *marks):
                if self.peek()[0] == "mark" and self.peek()[1] in marks:
                    self.place += 1
                    return self.parts[self.place - 1][1]
                return None

            def expect(self, mark):
                if not self.take(mark):
                    raise Unreadable(f"{self.peek()[1]!r} where {mark!r} was expected")

            def sum(self):
                self.depth += 1
                if self.depth > 60:
                    raise Unreadable("too deep")
                value = self.product()
                while sign := self.take("+", "-"):
                    value = value + self.product() if sign == "+" else value - self.product()
                self.depth -= 1
                return value

            def product(self):
                value = self.signed()
                divided = False
                while True:
                    if self.take("*") or self.command("cdot", "times"):
                        value, divided = value * self.signed(), False
                    elif self.take("/") or self.command("div"):
                        value, divided = quotient(value, self.signed()), True
                    elif self.begins_factor():
                        if divided:
                            raise Unreadable("1/2x, which may be meant in two ways")
                        if self.peek()[0] == "number" or self.peek()[1] in ("frac", "dfrac", "tfrac") and value.is_Rational:
                            raise Unreadable("two numbers side by side")
                        value = value * self.power()
                    else:
                        return value

            def signed(self):
                sign = 1
                while mark := self.take("+", "-"):
                    sign = -sign if mark == "-" else sign
                return sign * self.power()

            def begins_factor(self):
                kind, word = self.peek()
                if kind == "mark":
                    return word in ("(", "[", "{")
                return kind in ("number", "letter") or kind == "command" and word not in ("cdot", "times", "div")

            def power(self):
                value = self.postfix(self.atom())
                if self.take("^"):
                    value = raised(value, self.exponent())
                    value = self.postfix(value)
                return value

            def postfix(self, value):
                while mark := self.take("!", "%"):
                    if mark == "%":
                        value = value / 100
                    elif value.is_Integer and 0 <= value <= 500:
                        value = sympy.factorial(value)
                    else:
                        raise Unreadable("a factorial")
                return value

            def exponent(self):
                if self.peek() == ("command", "circ"):
                    raise Unreadable("degrees")
                if self.take("-"):
                    return -self.exponent()
                value = self.atom()
                return raised(value, self.exponent()) if self.take("^") else value

            def command(self, *names):
                if self.peek()[0] == "command" and self.peek()[1] in names:
                    self.place += 1
                    return True
                return False

            def group(self):
                """What stands in braces, or one digit or letter."""
                if self.take("{"):
                    value = self.sum()
                    self.expect("}")
                    return value
                kind, word = self.peek()
                if kind == "number" and len(word) > 1:
                    self.parts[self.place] = ("number", word[1:])
                    return sympy.Integer(word[0]) if word[0] != "." else self.fail()
                return self.atom()

            def fail(self):
                raise Unreadable(f"{self.peek()[1]!r}")

            def atom(self):
                kind, word = self.peek()
                self.place += 1
                if kind == "number":
                    return sympy.Rational(word)
                if kind == "letter":
                    if word in ("f", "g", "h") and self.peek() == ("mark", "("):
                        raise Unreadable("a function without a rule")
                    if word == "e":
                        return sympy.E
                    if word == "i":
                        return sympy.I
                    return symbol(word + self.index())
                if kind == "mark":
                    for first, last in (("(", ")"), ("[", "]"), ("{", "}"), ("|", "|")):
                        if word == first:
                            value = self.sum()
                            self.expect(last)
                            return sympy.Abs(value) if first == "|" else value
                if kind == "command":
                    return self.named(word)
                self.place -= 1
                return self.fail()

            def index(self):
                if not self.take("_"):
                    return ""
                kind, word = self.peek()
                if self.take("{"):
                    kind, word = self.peek()
                    self.place += 1
                    self.expect("}")
                else:
                    self.place += 1
                if kind not in ("number", "letter"):
                    self.fail()
                return "_" + word

            def named(self, word):
                if word in ("frac", "dfrac", "tfrac"):
                    return quotient(self.group(), self.group())
                if word in ("binom", "dbinom", "tbinom"):
                    above, below = self.group(), self.group()
                    if above.is_Integer and below.is_Integer and 0 <= above <= 500:
                        return sympy.binomial(above, below)
                    raise Unreadable("a binomial")
                if word == "pi":
                    return sympy.pi
                if word in GREEK:
                    return symbol(word + self.index())
                if word == "sqrt":
                    degree = sympy.Integer(2)
                    if self.take("["):
                        degree = self.sum()
                        self.expect("]")
                    value = self.group()
                    if degree.is_Integer and degree % 2 == 1 and value.is_negative:
                        return -sympy.root(-value, degree)
                    return raised(value, 1 / degree)
                if word in FUNCTIONS:
                    return self.function(word)
                raise Unreadable(f"\\{word}")

            def function(self, word):
                base = None
                if word == "log" and self.take("_"):
                    base = self.group()
                elif word == "log":
                    # Of ten, of e, of two: who knows.
                    raise Unreadable("a logarithm without a base")
                exponent = self.exponent() if self.take("^") else None
                if exponent is not None and not (exponent.is_Integer and exponent > 0):
                    raise Unreadable("an inverse function")
                if self.peek()[0] == "mark" and self.peek()[1] in ("(", "[", "{", "|"):
                    value = self.atom()
                else:
                    value = None
                    # sin 2x: as far as numbers and letters go.
                    while self.peek()[0] in ("number", "letter") or self.peek()[1] in GREEK | {"pi", "frac", "dfrac", "sqrt"}:
                        part = self.power()
                        value = part if value is None else value * part
                    if value is None:
                        self.fail()
                result = FUNCTIONS[word](value) if base is None else sympy.log(value) / sympy.log(base)
                return result if exponent is None else result**exponent


        def symbol(name):
            return sympy.Symbol(name, real=True)


        def quotient(above, below):
            if below.is_zero:
                raise Unreadable("a division by zero")
            return above / below


        def raised(base, exponent):
            if exponent.is_number:
                size = abs(exponent.evalf(5))
                bits = 1 + (abs(base.p * base.q).bit_length() if base.is_Rational else 8)
                if not size.is_real or size * bits > 20000:
                    raise Unreadable("a power that is too large")
            if base.is_zero and not exponent.is_positive:
                raise Unreadable("a power of zero")
            return base**exponent


        def read(text):
            """The expression, and the variable that it is said to be the value of."""
            parts = tokens(text)
            name = None
            if ("mark", "=") in parts:
                place = parts.index(("mark", "="))
                if place != 1 or parts[0][0] != "letter" or ("mark", "=") in parts[place + 1 :]:
                    raise Unreadable("an equation")
                name, parts = parts[0][1], parts[place + 1 :]
            reader = Reader(parts)
            value = reader.sum()
            if reader.place < len(parts):
                reader.fail()
            if not isinstance(value, sympy.Expr) or value.has(sympy.nan, sympy.zoo, sympy.oo):
                raise Unreadable("no number")
            return value, name


        POINTS = [(7, 3), (-5, 4), (11, 8), (-23, 10), (1, 6), (29, 9), (-2, 7), (13, 2)]


        def values(first, second):
            """Both values at some points, where both have one."""
            names = sorted(first.free_symbols | second.free_symbols, key=str)
            for shift in range(len(POINTS) if names else 1):
                point = {
                    name: sympy.Rational(*POINTS[(shift + 3 * index) % len(POINTS)]) + index
                    for index, name in enumerate(names)
                }
                pair = [sympy.N(value.subs(point), 40) for value in (first, second)]
                if all(value.is_number and value.is_finite for value in pair):
                    is_real = [abs(sympy.im(value)) < sympy.Float("1e-30") for value in pair]
                    # Beyond the reals a name that was meant to be real says nothing.
                    if not names or all(is_real) or first.has(sympy.I) or second.has(sympy.I):
                        yield pair


        def is_zero(value):
            """Whether a value that is next to zero in numbers is zero, by algebra."""
            steps = (
                lambda it: it, sympy.expand, sympy.simplify, lambda it: sympy.trigsimp(sympy.expand_trig(it)),
                lambda it: sympy.powsimp(sympy.expand(it.rewrite(sympy.exp))), sympy.radsimp,
                lambda it: sympy.simplify(sympy.sqrtdenest(it)), lambda it: sympy.simplify(it.rewrite(sympy.exp)),
            )
            constant = not value.free_symbols
            # Of a number next to zero the sine is zero only where it is.
            if constant and value.has(sympy.atan, sympy.asin, sympy.acos):
                if sympy.simplify(sympy.expand(sympy.sin(value), trig=True)) == 0:
                    return True
            for step in steps:
                if step(value) == 0:
                    return True
            if constant and value.is_algebraic:
                name = sympy.Dummy()
                return sympy.minimal_polynomial(value, name) == name
            return False


        def compare(first, second):
            try:
                (one, name), (other, other_name) = read(first), read(second)
            except Unreadable as problem:
                return "unknown", f"cannot be read: {problem}"
            if name and other_name and name != other_name:
                return "unknown", f"values of {name} and of {other_name}"
            pairs = list(values(one, other))
            for left, right in pairs:
                if abs(left - right) > sympy.Float("1e-20") * max(1, abs(left)):
                    return "different", f"{sympy.N(left, 12)} is not {sympy.N(right, 12)}"
            if len(pairs) < (3 if one.free_symbols | other.free_symbols else 1):
                return "unknown", "no values to compare"
            if is_zero(one - other):
                return "same", f"{one} - ({other}) = 0"
            return "unknown", "the same in numbers, but not proved"


        try:
            verdict, evidence = compare(FIRST, SECOND)
        except Exception as problem:
            verdict, evidence = "unknown", f"{type(problem).__name__}: {problem}"
        print(json.dumps({"verdict": verdict, "evidence": evidence[:200]}))
        """#
}

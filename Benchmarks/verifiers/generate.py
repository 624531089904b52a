"""Makes the labelled sets: answers for `stoa verify --batch`, and answers and solutions for `stoa eval verify-answer`.

    python3 generate.py --math FILE.jsonl --gsm8k FILE.jsonl --table DIR

Every label is true by construction: what is right is another spelling of the reference, or follows from an identity; what is
wrong has a digit, a sign, a bracket or an order changed that the value depends on. The same seed makes the same files.
"""

import argparse
import json
import random
import re
from fractions import Fraction
from pathlib import Path

INTEGER = re.compile(r"-?\d{1,6}")
FRACTION = re.compile(r"(-?)\\d?frac\{(\d+)\}\{(\d+)\}")
SURD = re.compile(r"(-?\d*)\\sqrt\{(\d+)\}")
TUPLE = re.compile(r"\((-?\d+),\s*(-?\d+)\)")
INTERVAL = re.compile(r"[\[(](-?\d+|-\\infty),\s*(-?\d+|\\infty)[\])]")
POLYNOMIAL = re.compile(r"[-+0-9x^{} ]*x[-+0-9x^{} ]*")


def changed_number(draw, text):
    """The text with one of its numbers another one."""
    places = list(re.finditer(r"\d+", text))
    place = draw.choice(places)
    other = str(max(1, int(place.group()) + draw.choice([-1, 1, 10]))) if int(place.group()) > 1 else "3"
    return text[: place.start()] + other + text[place.end() :]


def spelt(draw, text):
    """The same in other words; never the same text."""
    fraction = FRACTION.fullmatch(text)
    options = [f"${text}$", f"\\boxed{{{text}}}", f"The answer is {text}.", f"So we get\n#### {text}"]
    if INTEGER.fullmatch(text):
        options += [f"x = {text}", text + ".0", f"{text}.", f"\\frac{{{2 * int(text)}}}{{2}}"]
        if len(text.lstrip("-")) > 3:
            options += [f"{int(text):,}"] * 2
    elif fraction:
        sign, above, below = fraction.groups()
        value = Fraction(int(above), int(below))
        options += [f"{sign}{above}/{below}", f"{sign}\\tfrac{{{3 * int(above)}}}{{{3 * int(below)}}}"]
        if not 10**6 % value.denominator:
            options += [f"{sign}{float(value)}", f"{sign}{float(100 * value)}\\%"]
    elif SURD.fullmatch(text):
        scale, root = SURD.fullmatch(text).groups()
        scale = int(scale + "1" if scale in ("", "-") else scale)
        options += [f"{'-' if scale < 0 else ''}\\sqrt{{{scale * scale * int(root)}}}", f"{scale}*sqrt({root})"]
    elif TUPLE.fullmatch(text) or INTERVAL.fullmatch(text):
        options += ["\\left" + text[:-1] + "\\right" + text[-1], text.replace(",", " ,  ")]
    elif POLYNOMIAL.fullmatch(text):
        options += [text.replace(" ", ""), text.replace("+", " + ").replace("-", " - ").strip(), f"y = {text}"]
    return draw.choice([option for option in options if option != text])


def missed(draw, text):
    """Something near that is not the same."""
    if TUPLE.fullmatch(text):
        first, second = TUPLE.fullmatch(text).groups()
        if first != second and draw.random() < 0.5:
            return f"({second}, {first})"
    if INTERVAL.fullmatch(text) and draw.random() < 0.5:
        mark = {"(": "[", "[": "("}[text[0]] if "\\infty" not in text.split(",")[0] else text[0]
        end = {")": "]", "]": ")"}[text[-1]] if "\\infty" not in text.split(",")[1] else text[-1]
        if (mark, end) != (text[0], text[-1]):
            return mark + text[1:-1] + end
    if INTEGER.fullmatch(text) and draw.random() < 0.3:
        return draw.choice([text + "\\%", text + "0", text + ".01", f"x > {text}"])
    if FRACTION.fullmatch(text) and draw.random() < 0.5:
        sign, above, below = FRACTION.fullmatch(text).groups()
        value = Fraction(int(above), int(below))
        rounded = f"{sign}{float(value):.3f}"
        if Fraction(rounded) != Fraction(sign + above) / int(below):
            return rounded
        if above != below:
            return f"{sign}\\frac{{{below}}}{{{above}}}"
    if text not in ("0", "-0") and draw.random() < 0.25 and re.match(r"-?[\d\\]", text):
        return text[1:] if text[0] == "-" and not POLYNOMIAL.fullmatch(text) else changed_number(draw, text)
    return changed_number(draw, text)


def identity(draw):
    """Two expressions that are the same by an identity, and the second with a number changed."""
    a, b, n = draw.randint(2, 7), draw.randint(2, 7), draw.randint(2, 4)
    c = draw.choice([2, 3, 5, 6, 7])
    while b == a:
        b = draw.randint(2, 7)
    low, high = sorted((a, b))
    cube = (a**3 + 3 * a * b * b * c, 3 * a * a * b + b**3 * c)
    return draw.choice([
        (f"\\sin {a + b}x", f"\\sin {a}x\\cos {b}x+\\cos {a}x\\sin {b}x"),
        (f"\\cos({a}x)", f"2\\cos^2(\\frac{{{a}x}}{{2}})-1"), (f"{a}\\cos 2x", f"{a}-{2 * a}\\sin^2 x"),
        (f"\\ln {a * b}", f"\\ln {a}+\\ln {b}"), (f"\\ln {a**n}", f"{n}\\ln {a}"),
        (f"e^{{{a}x}}\\cdot e^{{{b}x}}", f"e^{{{a + b}x}}"), (f"(e^{{x}})^{{{a}}}", f"e^{{{a}x}}"),
        (f"\\sqrt{{{low + high}+2\\sqrt{{{low * high}}}}}", f"\\sqrt{{{low}}}+\\sqrt{{{high}}}"),
        (f"\\frac{{\\sin {a}x}}{{\\cos {a}x}}", f"\\tan {a}x"), (f"{a}\\cos\\frac{{\\pi}}{{5}}", f"\\frac{{{a}+{a}\\sqrt{{5}}}}{{4}}"),
        (f"\\log_{{{a}}} {a**n * b}", f"{n}+\\log_{{{a}}} {b}"), (f"\\arctan {a}+\\arctan\\frac{{1}}{{{a}}}", "\\frac{\\pi}{2}"),
        (f"\\sqrt[3]{{{cube[0]}+{cube[1]}\\sqrt{{{c}}}}}", f"{a}+{b}\\sqrt{{{c}}}"),
        (f"({a}x+{b})^3", f"{a**3}x^3+{3 * a * a * b}x^2+{3 * a * b * b}x+{b**3}"),
        (f"\\frac{{{a}}}{{1+\\tan^2 x}}", f"{a}\\cos^2 x"), (f"\\frac{{x^{n + 1}-1}}{{x-1}}", "+".join(["1", "x"] + [f"x^{k}" for k in range(2, n + 1)])),
        (f"\\sin^{2} {a}x+\\cos^{2} {a}x+{b}", f"{b + 1}"), (f"\\frac{{1}}{{\\sqrt{{{a}}}+{b}}}", f"\\frac{{\\sqrt{{{a}}}-{b}}}{{{a - b * b}}}"),
    ])  # fmt: skip


def answers(draw, math, table):
    pairs = []
    rows = [json.loads(line) for path in sorted(Path(table).glob("*.jsonl")) for line in path.read_text().split("\n") if line]
    rows = [row for row in rows if row["answer"] != row["reference"]]
    for label in (True, False):
        some = [row for row in rows if row["equivalent"] is label]
        pairs += [("table", row["answer"], row["reference"], label) for row in draw.sample(some, 200)]
    forms = (INTEGER, FRACTION, SURD, TUPLE, INTERVAL, POLYNOMIAL)
    by_form = [[row["answer"] for row in math if form.fullmatch(row["answer"])] for form in forms]
    for index in range(200):
        some = draw.choice(by_form)
        reference, label = draw.choice(some), index % 2 == 0
        answer = spelt(draw, reference) if label else missed(draw, reference)
        pairs.append(("math", answer, reference, label))
    for index in range(100):
        first, second = identity(draw)
        label = index % 2 == 0
        if not label:
            second = changed_number(draw, second)
            # Of what else is equal only a changed 1 could be.
            while second == first:
                second = changed_number(draw, second)
        pairs.append(("identity", first, second, label))
    return [
        {"id": f"{kind}-{index}", "kind": kind, "answer": answer, "reference": reference, "label": label}
        for index, (kind, answer, reference, label) in enumerate(pairs)
    ]


CALCULATION = re.compile(r"<<([-+*/().\d ]+)=(-?[\d.]+)>>")


def plain(text):
    """A worked solution without its marks."""
    return CALCULATION.sub("", text)


def number(value):
    return str(value.numerator) if value.denominator == 1 else format(float(value), ".10g")


def mistaken(draw, solution, answer):
    """The solution with one result wrong and everything behind it computed on with that; and the step; or None."""
    steps = solution.split("\n")
    results = [(i, m) for i, step in enumerate(steps) for m in CALCULATION.finditer(step)]
    if not results:
        return None
    wrong_step, wrong = draw.choice(results)
    old = wrong.group(2)
    new = number(Fraction(old) + draw.choice([-2, -1, 1, 2, 10]))
    if Fraction(new) <= 0 or len(old) < 2 and old in "12":
        return None
    values, lines = {}, []
    for index, step in enumerate(steps):
        def swap(text):
            return re.sub(r"(?<![\d.])\d+(?:\.\d+)?(?!\d|\.\d)", lambda m: values.get(m.group(), m.group()), text)

        if index < wrong_step:
            lines.append(plain(step))
            continue
        place, line = 0, ""
        for match in CALCULATION.finditer(step):
            line += swap(step[place : match.start()])
            expression, result = swap(match.group(1)), match.group(2)
            if match.group() == wrong.group() and index == wrong_step and match.start() == wrong.start():
                value = new
            else:
                try:
                    value = number(eval(re.sub(r"\d+(?:\.\d+)?", lambda m: f"Fraction('{m.group()}')", expression)))
                except (SyntaxError, ZeroDivisionError, TypeError):
                    return None
            if value != result:
                values[result] = value
            place = match.end()
        lines.append(line + swap(step[place:]))
    said = values.get(answer)
    return ("\n".join(lines), said, wrong_step + 1) if said and said != answer else None


def solutions(draw, problems, count):
    found = []
    for problem in draw.sample(problems, len(problems)):
        answer = problem["answer"].replace(",", "")
        if len(found) == count or not INTEGER.fullmatch(answer) or len(problem["solution"]) > 500:
            continue
        label = len(found) % 2 == 0
        text, said, step = plain(problem["solution"]), answer, None
        if not label:
            wrong = mistaken(draw, problem["solution"], answer)
            if wrong is None:
                continue
            text, said, step = wrong
        found.append({
            "id": problem["id"], "question": problem["question"], "text": f"{text}\nThe answer is {said}.",
            "reference": answer, "answer": "accepted" if label else "refused", "step": step,
        })  # fmt: skip
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--math", required=True)
    parser.add_argument("--gsm8k", required=True)
    parser.add_argument("--table", required=True)
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()

    def lines(path):
        return [json.loads(line) for line in Path(path).read_text().split("\n") if line.strip()]

    here = Path(__file__).parent
    draw = random.Random(options.seed)
    pairs = answers(draw, lines(options.math), options.table)
    worked = solutions(draw, lines(options.gsm8k), 200)
    said = {True: "accepted", False: "refused"}
    asked = [
        {
            "id": pair["id"], "question": "Does the answer say the same as the reference?", "text": pair["answer"],
            "reference": pair["reference"], "kind": pair["kind"], "answer": said[pair["label"]],
        }
        for pair in pairs
    ]  # fmt: skip
    files = {"answers": pairs, "answers-eval": asked, "solutions": worked}
    for name, rows in files.items():
        (here / f"{name}.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        print(name, len(rows))


if __name__ == "__main__":
    main()

"""Whether an answer in words gives the number that is right."""

import re
from fractions import Fraction

NUMBER = r"-?\$?\d[\d,]*(?:\.\d+)?(?:\s*/\s*\d+)?"
# What the last statement of an answer looks like, the surest first.
STATEMENTS = [
    re.compile(r"\\boxed\{\s*\$?\s*(" + NUMBER + r")"),
    re.compile(r"answer\s*(?:is|:|=|would be|will be)\s*:?\s*\**\s*(?:about |approximately )?(" + NUMBER + r")", re.I),
]


def value(text: str) -> Fraction | None:
    """The number that a text is; None for anything else."""
    text = text.strip().replace("$", "").replace(" ", "").rstrip("%.")
    # A comma is part of a number only between groups of three digits.
    if "," in text:
        if not re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
            return None
        text = text.replace(",", "")
    if match := re.fullmatch(r"(-?\d+)/(\d+)", text):
        return Fraction(int(match[1]), int(match[2])) if int(match[2]) else None
    return Fraction(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def decimals(text: str) -> int:
    match = re.search(r"\.(\d+)", text)
    return len(match[1]) if match else 0


def final_number(answer: str) -> str | None:
    """The number that an answer ends with: the last one that it states as its answer, else its last number."""
    for statement in STATEMENTS:
        if found := statement.findall(answer):
            return found[-1].strip().rstrip(",")
    found = re.findall(NUMBER, answer)
    return found[-1].strip().rstrip(",") if found else None


def is_correct(answer: str | None, gold: str) -> bool:
    """Whether the final number is the right one: equal, or equal as far as both are written out.

    3.33 is right for 3.33333, 3 is not; 0.5 and 1/2 are the same; 1,234 is 1234 and never 1.
    """
    expected = value(gold)
    if expected is None:
        raise ValueError(f"{gold!r} is no number")
    written = final_number(answer or "")
    found = value(written) if written else None
    if found is None:
        return False
    if found == expected:
        return True
    places = decimals(written)
    if 2 <= places < decimals(gold):
        return round(expected, places) == found
    # A gold answer that was cut off, such as 0.6666666667, stands for the fraction.
    return decimals(gold) >= 4 and abs(found - expected) <= Fraction(1, 10 ** (decimals(gold) - 1))


def check():
    """The cases that readers of answers get wrong."""
    cases = [
        ("The answer is 42.", "42", True), ("The answer is $1,234.", "1234", True), ("1234", "1,234", True),
        ("so 1,999", "1,234", False), ("The answer is 1.", "1,234", False), ("The answer is 2.0", "2", True),
        ("\\boxed{1/2}", "0.5", True), ("about 3.33", "3.33333", True), ("3", "3.33333", False),
        ("The answer is 2/3", "0.6666666667", True), ("Answer: 7. In 2020 there were 9.", "7", True), ("", "1", False),
        ("5 + 7 = 12", "12", True), ("-5", "-5", True), ("5", "-5", False), ("The answer is 50%", "50", True),
        ("No number", "0", False), ("The answer is: **18**", "18", True), ("it is 4, 5", "5", True),
    ]
    for answer, gold, expected in cases:
        assert is_correct(answer, gold) == expected, (answer, gold)


check()

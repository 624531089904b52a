"""Swift source as the checks see it: without comments and string literals."""
import re

STRING = re.compile(r'"(?:\\.|[^"\\])*"')


def code_lines(text):
    """The file's lines with comments and the contents of string literals blanked out."""
    in_block, in_text = False, False
    for line in text.splitlines():
        if in_block:
            in_block = "*/" not in line
            yield ""
            continue
        if line.count('"""') % 2 == 1:
            in_text = not in_text
            yield ""
            continue
        if in_text:
            yield ""
            continue
        line = STRING.sub('""', line)
        line = line.split("//", 1)[0]
        if "/*" in line:
            in_block = "*/" not in line.split("/*", 1)[1]
            line = line.split("/*", 1)[0]
        yield line

import StoaCore
import Testing

/// What counts as code to run, case by case.
@Suite struct FenceTableTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        /// The code that is found; nil for none.
        let code: String?
        /// What is left of the text behind the block.
        var behind = ""
        var isOpen = false
        /// Whether the words up to the end of the block have a box.
        var isBoxed = false
        var testDescription: String { name }
    }

    /// The block, and the text up to its end, as a turn would be cut.
    private static func check(_ example: Case, _ syntax: FenceSyntax) {
        let scan = FenceScan(example.text, syntax)
        let text = Array(example.text.utf8)
        let cut = scan.block.map { String(decoding: text[..<$0.range.upperBound], as: UTF8.self) } ?? example.text
        #expect(scan.block?.code == example.code)
        #expect(scan.isUnterminated == example.isOpen)
        #expect(cut.contains("\\boxed{") == example.isBoxed)
        guard let block = scan.block else { return }
        #expect(String(decoding: text[block.range.upperBound...], as: UTF8.self) == example.behind)
        #expect(block.range.lowerBound < block.codeRange.lowerBound)
        #expect(block.codeRange.upperBound < block.range.upperBound)
    }

    // MARK: - SimpleTIR's

    /// The whole table of what SimpleTIR's code makes of a turn, defects included.
    static let simpleTIR: [Case] = [
        Case(
            name: "a result made up behind the code",
            text: "Let me see.\n```python\nprint(1+1)\n```\nCode execution result: 2\nSo \\boxed{2}",
            code: "print(1+1)",
            behind: "\nCode execution result: 2\nSo \\boxed{2}"),
        Case(name: "py", text: "```py\nprint(1)\n```", code: "print(1)"),
        Case(name: "bare", text: "```\nprint(1)\n```", code: "print(1)"),
        Case(name: "a capital", text: "```Python\nprint(1)\n```", code: nil),
        Case(name: "a space", text: "``` python\nprint(1)\n```", code: nil),
        Case(name: "one line", text: "```python print(1)```", code: nil),
        Case(name: "tildes", text: "~~~python\nprint(1)\n~~~", code: nil),
        Case(name: "CRLF", text: "```python\r\nprint(1)\r\n```", code: nil),
        Case(name: "an indented closing fence", text: "```python\nprint(1)\n  ```", code: nil, isOpen: true),
        Case(name: "another language", text: "```javascript\nf()\n```", code: nil),
        Case(name: "no line", text: "```python\n```", code: nil, isOpen: true),
        Case(name: "a blank line", text: "```python\n\n```", code: ""),
        Case(name: "unterminated", text: "```python\nprint(1)", code: nil, isOpen: true),
        Case(name: "a box", text: "\\boxed{4}", code: nil, isBoxed: true),
        Case(name: "a box with a space", text: "\\boxed {4}", code: nil),
        Case(name: "plain words", text: "The answer is 4.", code: nil),
        Case(name: "nothing", text: "", code: nil),
        Case(
            name: "a box, then code", text: "The answer is \\boxed{3}\n```python\nprint(3)\n```", code: "print(3)",
            isBoxed: true),
        Case(
            name: "JSON, then code", text: "```json\n{}\n```\n```python\nprint(1)\n```",
            code: "```python\nprint(1)"),
        Case(
            name: "a fence within a string", text: "```python\ns = \"\"\"\n```\n\"\"\"\nprint(s)\n```",
            code: "s = \"\"\"", behind: "\n\"\"\"\nprint(s)\n```"),
        Case(name: "four backticks", text: "````python\nprint(1)\n````", code: "print(1)", behind: "`"),
        Case(name: "behind words", text: "So ```python\nprint(1)\n```", code: "print(1)"),
        Case(name: "two blocks", text: "```py\n1\n```\n```py\n2\n```", code: "1", behind: "\n```py\n2\n```"),
    ]

    @Test(arguments: simpleTIR) func `SimpleTIR's table, defects included`(_ example: Case) {
        Self.check(example, .simpletir)
    }

    // MARK: - The strict one

    static let strict: [Case] = [
        Case(
            name: "a result made up behind the code",
            text: "Let me see.\n```python\nprint(1+1)\n```\nCode execution result: 2\nSo \\boxed{2}",
            code: "print(1+1)",
            behind: "\nCode execution result: 2\nSo \\boxed{2}"),
        Case(name: "py", text: "```py\nprint(1)\n```", code: "print(1)"),
        Case(name: "python3", text: "```python3\nprint(1)\n```", code: "print(1)"),
        Case(name: "bare", text: "```\nprint(1)\n```", code: "print(1)"),
        Case(name: "a capital", text: "```Python\nprint(1)\n```", code: "print(1)"),
        Case(name: "a space", text: "``` python\nprint(1)\n```", code: "print(1)"),
        Case(name: "more words of info", text: "```\tpython \tmain.py x=1 \nprint(1)\n```", code: "print(1)"),
        Case(name: "one line is a span of code", text: "```python print(1)```\nWords.", code: nil),
        Case(name: "tildes", text: "~~~python\nprint(1)\n~~~", code: "print(1)"),
        Case(name: "tildes with a backtick in the info", text: "~~~ python `x`\n```\n~~~", code: "```"),
        Case(
            name: "CRLF", text: "```python\r\nx = 1\r\nprint(x)\r\n```\r\nSo", code: "x = 1\nprint(x)", behind: "\r\nSo"
        ),
        Case(name: "CR", text: "```python\rx = 1\rprint(x)\r```\rSo", code: "x = 1\nprint(x)", behind: "\rSo"),
        Case(name: "an indented closing fence", text: "```python\nprint(1)\n   ```", code: "print(1)"),
        Case(
            name: "a closing fence that is indented too far", text: "```python\nprint(1)\n    ```", code: nil,
            isOpen: true),
        Case(name: "blanks behind the closing fence", text: "```\nx\n``` \t \nSo", code: "x", behind: " \t \nSo"),
        Case(name: "words behind the closing fence", text: "```\nx\n``` y\n```", code: "x\n``` y"),
        Case(name: "an info behind the closing fence", text: "```\nx\n```python\n```", code: "x\n```python"),
        Case(name: "an opening fence that is indented too far", text: "    ```python\nprint(1)\n    ```", code: nil),
        Case(name: "a tab before the fence", text: "\t```python\nprint(1)\n\t```", code: nil),
        Case(name: "another language", text: "```javascript\nf()\n```", code: nil),
        Case(name: "a language that begins like one", text: "```python3.11\nf()\n```", code: nil),
        Case(name: "a very long language", text: "```pythonpythonpythonpython\nf()\n```", code: nil),
        Case(name: "no line", text: "```python\n```", code: ""),
        Case(name: "a blank line", text: "```python\n\n```", code: ""),
        Case(name: "two blank lines", text: "```python\n\n\n```", code: "\n"),
        Case(name: "unterminated", text: "```python\nprint(1)", code: nil, isOpen: true),
        Case(name: "unterminated, with a line ending", text: "```python\nprint(1)\n", code: nil, isOpen: true),
        Case(name: "an opening fence and nothing else", text: "```python", code: nil, isOpen: true),
        Case(name: "unterminated, of another language", text: "```json\n{}", code: nil, isOpen: true),
        Case(name: "two backticks", text: "``\nx\n``", code: nil),
        Case(name: "a box", text: "\\boxed{4}", code: nil, isBoxed: true),
        Case(name: "a box with a space", text: "\\boxed {4}", code: nil),
        Case(name: "nothing", text: "", code: nil),
        Case(
            name: "a box, then code", text: "The answer is \\boxed{3}\n```python\nprint(3)\n```", code: "print(3)",
            isBoxed: true),
        Case(name: "JSON, then code", text: "```json\n{}\n```\n```python\nprint(1)\n```", code: "print(1)"),
        Case(name: "code in a block of text", text: "````text\n```python\nx\n```\n````\n```\ny\n```", code: "y"),
        Case(
            name: "four backticks", text: "````python\ns = '''\n```\n'''\n````", code: "s = '''\n```\n'''"),
        Case(name: "a longer closing fence", text: "```\nx\n`````\nSo", code: "x", behind: "\nSo"),
        Case(name: "tildes within backticks", text: "```\n~~~\n```", code: "~~~"),
        Case(
            name: "the fence's indentation is not the code's",
            text: "  ```python\n  if x:\n      y\n z\n\tw\n\n  ```", code: "if x:\n    y\nz\n  w\n"),
        Case(name: "behind words is no fence", text: "So ```python\nprint(1)\n```\n", code: nil, isOpen: true),
        Case(name: "characters of all lengths", text: "é日🦊\n```\né日🦊\n```\n🦊", code: "é日🦊", behind: "\n🦊"),
        Case(name: "two blocks", text: "```py\n1\n```\n```py\n2\n```", code: "1", behind: "\n```py\n2\n```"),
    ]

    @Test(arguments: strict) func `CommonMark's fences`(_ example: Case) { Self.check(example, .strict) }

    @Test func `a block says what it is and where it lies`() {
        let text = "Hé:\n ~~~~ PY x\n a\r\n b\n ~~~~~ \nSo"
        let block = FenceScan(text, .strict).block
        #expect(block == FencedBlock(code: "a\nb", language: "py", range: 6..<29, codeRange: 16..<22))
        let reference = FenceScan("So ```py\na\n```", .simpletir).block
        #expect(reference == FencedBlock(code: "a", language: "py", range: 3..<14, codeRange: 9..<10))
    }
}

import OrderedCollections
import StoaCore
import Testing

/// The filter `nearest`.
@Suite struct TemplateRetrievalTests {
    private static let exemplars: TemplateValue = TemplateValue(
        .array([
            ["question": "How many apples does Tom have after he buys 3 more?", "solution": "add"],
            ["question": "Factor the polynomial x^2 - 5x + 6.", "solution": "factor"],
            ["question": "What is the sum of the roots of x^2 - 7x + 12?", "solution": "roots"],
            ["question": "How many days are in 3 weeks?", "solution": "days"],
        ]))

    private static func nearest(_ text: String, _ arguments: String = "", _ list: TemplateValue = exemplars) throws
        -> String
    {
        try Template("{{ (list|nearest(text\(arguments)))|map(attribute='solution')|join(' ') }}").render(
            context: ["list": list, "text": .string(TemplateString(text))])
    }

    @Test(
        arguments: [
            ("Factor x^2 - 9", "factor"), ("how many WEEKS are in 21 days?", "days"), ("sum of the roots", "roots"),
            ("Tom buys apples", "add"),
        ])
    func `what shares the rarest words is nearest`(_ text: String, expected: String) throws {
        #expect(try Self.nearest(text, ", attribute='question'") == expected)
        #expect(try Self.nearest(text) == expected, "without an attribute it is the whole element's text")
    }

    @Test func `as many as are wanted come, the nearest first, and equals in their order`() throws {
        #expect(try Self.nearest("How many weeks?", ", 2, attribute='question'") == "days add")
        #expect(try Self.nearest("How many weeks?", ", 0, 'question'") == "")
        #expect(try Self.nearest("nothing alike here", ", 9, attribute='question'") == "add factor roots days")
        #expect(try Self.nearest("", ", 4, attribute='question'") == "add factor roots days")
    }

    @Test(arguments: 0..<100) func `a text is nearest to itself, and the order of the others does not matter`(
        seed: UInt64
    ) throws {
        let random = RandomStream(seed: seed).child("words")
        var position: UInt64 = 0
        func draw(_ bound: Int) -> Int {
            position += 1
            return random.integer(at: position, below: bound)
        }
        let texts = OrderedSet(
            (0..<12).map { index in
                (0..<(3 + draw(9))).map { _ in "w\(draw(30))" }.joined(separator: " ") + " only\(index)"
            })
        let wanted = texts[draw(texts.count)]
        for list in [Array(texts), texts.reversed(), texts.sorted()] {
            let found = try Template("{{ list|nearest(text)|first }}").render(
                context: [
                    "list": TemplateValue(.array(list.map { .string($0) })), "text": .string(TemplateString(wanted)),
                ])
            #expect(found == wanted)
        }
    }

    @Test(
        arguments: [
            ("{{ 5|nearest('a') }}", "'int' object is not iterable"),
            ("{{ []|nearest }}", "nearest"), ("{{ []|nearest('a', -1) }}", "the count of nearest must not be negative"),
            ("{{ []|nearest('a', 'b') }}", "the count of nearest"),
        ])
    func `what makes no sense is an error`(_ source: String, message: String) throws {
        let error = #expect(throws: TemplateError.self) { try Template(source).render(context: [:]) }
        #expect(error?.reason.contains(message) == true, "\(error?.reason ?? "")")
    }

    @Test(arguments: ["[]", "'abc'", "{'a': 1}", "[1, none, 2.5, ['a']]", "range(5)"])
    func `lists of anything have a nearest`(_ list: String) throws {
        _ = try Template("{{ \(list)|nearest('a 1') }}").render(context: [:])
        _ = try Template("{{ ['a']|nearest(\(list)) }}").render(context: [:])
    }

    @Test func `its work is bounded`() throws {
        let error = #expect(throws: TemplateError.self) {
            try Template(
                "{% for a in range(99999) %}{% set x = ['b' * 100000]|nearest('a' * 100000) %}{% endfor %}"
            ).render(context: [:])
        }
        #expect(error?.reason.contains("steps of work") == true)
    }
}

import Foundation
import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTools
import Testing

@Suite(.needsPackages, .timeLimit(.minutes(30))) struct ShippedToolTests {
    static let names = [
        "calculator", "evaluate", "expand", "expected-gain", "factor", "python", "simplify", "solve", "substitute",
    ]
    /// The pure functions of curricula, whose files their own tests compare with what they are.
    static let curricula = [
        "augment-problems", "draw-problems", "filter-problems", "make-critiques", "make-examples", "make-pairs",
        "read-problems",
        "refine-problems", "replay-problems", "reward-attempts", "screen-problems", "solve-problems", "sort-zones",
        "weigh-problems", "wilson-interval",
    ]

    @Test(arguments: names) func `it is whole: described, with what it takes and what it gives`(name: String) throws {
        let tool = try TestTools.shipped(name)
        #expect(tool.name == name && !tool.summary.isEmpty && tool.isIdempotent && tool.approval == .auto)
        #expect(tool.specification.returns != nil && tool.parameters["additionalProperties"] == false)
        _ = try Toolbox([tool.specification], resources: TestTools.noResources)
    }

    @Test func `these are all that ship`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: "\(TestTools.project)/tools").sorted()
        #expect(folders == (Self.names + Self.curricula).sorted())
    }

    @Test(
        arguments: [
            ("simplify", ["expression": "(x^2 - 1)/(x - 1)"], ["result": "x + 1"]),
            ("simplify", ["expression": "2x(x+1) - 2x"], ["result": "2*x**2"]),
            ("simplify", ["expression": "sin(x)^2 + cos(x)^2"], ["result": "1"]),
            ("simplify", ["expression": "e^(i*pi)"], ["result": "-1"]),
            ("expand", ["expression": "(x + 1)^3"], ["result": "x**3 + 3*x**2 + 3*x + 1"]),
            ("factor", ["expression": "x^3 - x"], ["result": "x*(x - 1)*(x + 1)"]),
            ("factor", ["expression": "-360"], ["result": "-2**3*3**2*5"]),
            (
                "substitute", ["expression": "a*x + b", "values": ["a": 2, "b": "y/3", "x": 0.1]],
                ["result": "y/3 + 1/5"]
            ),
            ("substitute", ["expression": "x/y", "values": ["x": "y", "y": "x"]], ["result": "y/x"]),
            ("evaluate", ["expression": "sqrt(2)^3 / 5"], ["exact": "2*sqrt(2)/5", "decimal": "0.565685424949238"]),
            ("evaluate", ["expression": "0.1 + 0.2", "digits": 3], ["exact": "3/10", "decimal": "0.300"]),
            ("evaluate", ["expression": "5!"], ["exact": "120", "decimal": "120.000000000000"]),
            (
                "solve", ["equations": ["x + y = 10", "x - y = 2"]],
                ["solutions": [["x": "6", "y": "4"]], "holds": .null]
            ),
            ("solve", ["equations": "x^2 = 4"], ["solutions": [["x": "-2"], ["x": "2"]], "holds": .null]),
            ("solve", ["equations": "a*x - b", "unknowns": ["x"]], ["solutions": [["x": "b/a"]], "holds": .null]),
            ("solve", ["equations": "x = x + 1"], ["solutions": [], "holds": .null]),
            ("solve", ["equations": "2*x = x + x"], ["solutions": [[:]], "holds": "always"]),
            ("solve", ["equations": "x^2 < 4"], ["solutions": [], "holds": "(-2 < x) & (x < 2)"]),
            ("solve", ["equations": ["x > 1", "x <= 0"]], ["solutions": [], "holds": "never"]),
        ] as [(String, JSONValue, JSONValue)])
    func `algebra comes to what it must`(name: String, arguments: JSONValue, value: JSONValue) async throws {
        let result = try await TestTools.with([try TestTools.shipped(name).specification]) {
            try await $0.call(name, arguments)
        }
        #expect(result.status == .ok && result.value == value, "\(result)")
        #expect(result.output.isEmpty)
    }

    @Test(
        arguments: [
            (
                "simplify", ["expression": "__import__('os').system('id')"],
                "simplify: ValueError: expected an expression such as 2*x^2 + sqrt(3)"
            ),
            ("simplify", ["expression": "().__class__"], "simplify: ValueError: expected an expression"),
            ("simplify", ["expression": "x +"], "simplify: ValueError: 'x +' is no expression"),
            ("evaluate", ["expression": "x + 1"], "evaluate: ValueError: the value depends on x"),
            ("substitute", ["expression": "x", "values": ["x+1": 2]], "substitute: ValueError: expected a name"),
            ("solve", ["equations": "1 < 2"], "solve: ValueError: expected at least one unknown"),
            ("solve", ["equations": "sin(x) > 0"], "solve: ValueError: sin(x) > 0 holds again and again"),
            (
                "solve", ["equations": []],
                "solve: arguments.equations: expected at least 1 element, found an empty list"
            ),
            ("solve", ["equation": "x"], "solve: arguments.equations: expected a text or a list, found nothing"),
        ] as [(String, JSONValue, String)])
    func `what is no algebra is a failure that says so`(name: String, arguments: JSONValue, output: String) async throws
    {
        let result = try await TestTools.with([try TestTools.shipped(name).specification]) {
            try await $0.call(name, arguments)
        }
        #expect(result.status == .failed && result.output.hasPrefix(output), "\(result.output)")
    }

    @Test func `what one of them writes another can read`() async throws {
        let tools = try ["expand", "factor", "simplify"].map { try TestTools.shipped($0).specification }
        try await TestTools.with(tools) { (box: Toolbox) async throws in
            for expression in [
                "(x + i)^2*e", "x^2 + sqrt(2)*x", "(a + b)*(a - b)/3", "exp(x)*e^2", "price*(1 + rate)^2",
            ] {
                let first = try await box.call("expand", ["expression": .string(expression)])
                let text = try #require(first.value["result"]?.stringValue)
                let difference = "(\(expression)) - (\(text))"
                let result = try await box.call("simplify", ["expression": .string(difference)])
                #expect(result.value["result"] == "0", "\(expression) became \(text)")
            }
        }
    }

    @Test func `python keeps its variables, knows numpy and sympy, and gives its answer by its own way`() async throws {
        let tool = try TestTools.shipped("python")
        #expect(tool.specification.sharesRunState && tool.kind == "code")
        try await TestTools.with([tool.specification]) { (box: Toolbox) async throws in
            var session = TestSession("s")
            _ = try await session.run(box, "import sympy, numpy\nx = sympy.Symbol('x')")
            let result = try await session.call(
                box, "python", ["code": "final_answer(sympy.solve(x**2 - 2)[1])\nnumpy.ones(2).sum()"])
            #expect(result.status == .ok && result.value["answer"] == "sqrt(2)" && result.value["stdout"] == "")
        }
    }
}

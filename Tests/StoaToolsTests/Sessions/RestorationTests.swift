import OrderedCollections
import StoaCore
import StoaTools
import Testing

/// Sessions that another process had: rebuilt from what was called in them.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct RestorationTests {
    @Test func `a session that is not there is rebuilt by its calls, which come to the same`() async throws {
        var session = TestSession("s", seed: 7)
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            _ = try await session.run(box, "import random\nxs = [random.random() for _ in range(3)]\nxs")
            _ = try await session.run(box, "1 / 0")
            _ = try await session.run(box, "xs.append(random.random())\nprint(xs)")
        }
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            let result = try await session.call(box, "python", ["code": "len(xs)"])
            #expect(result.value["value"] == "4")
            #expect(result.restoration == ToolRestoration(calls: 3))
            let next = try await session.call(box, "python", ["code": "len(xs)"])
            #expect(next.restoration == nil && next.value["value"] == "4")
        }
    }

    @Test func `calls that come to something else are named`() async throws {
        var session = TestSession("s")
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            _ = try await session.run(box, "x = 1\nx")
            _ = try await session.run(box, "import os\nos.urandom(8)")
            _ = try await session.run(box, "import time\nprint(time.time_ns())")
            _ = try await session.run(box, "x + 1")
        }
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            let result = try await session.call(box, "python", ["code": "x"])
            #expect(result.restoration == ToolRestoration(calls: 4, differing: [1, 2]))
            #expect(result.value["value"] == "1")
        }
    }

    @Test func `chance is the session's own, the same however often it is rebuilt`() async throws {
        let code = "import random\nrandom.random()"
        func draw(_ session: inout TestSession) async throws -> String? {
            var copy = session
            return try await TestTools.with([TestTools.code]) { try await copy.run($0, code).value }
        }
        var first = TestSession("a", seed: 1)
        var same = TestSession("a", seed: 1)
        var other = TestSession("b", seed: 1)
        var reseeded = TestSession("a", seed: 2)
        let value = try await draw(&first)
        #expect(value != nil)
        #expect(try await draw(&same) == value)
        #expect(try await draw(&other) != value)
        #expect(try await draw(&reseeded) != value)
    }

    @Test func `what was before the interpreter was lost is not run again`() async throws {
        var session = TestSession("s")
        let deadly = "import os\nos._exit(1)"
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            _ = try await session.run(box, "x = 1")
            _ = try await session.run(box, deadly)
            _ = try await session.run(box, "x")
            _ = try await session.run(box, "y = 2")
        }
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            let result = try await session.call(box, "python", ["code": "y, 'x' in globals()"])
            #expect(result.value["value"] == "(2, False)" && result.restoration == ToolRestoration(calls: 1))
        }
        // The process may end right behind the loss: the next one says it too.
        let end = try #require(session.context.history.firstIndex { $0.call.arguments["code"] == .string(deadly) })
        session.context.history.removeSubrange((end + 1)...)
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            #expect(try await session.run(box, "1").status == "session_lost")
            #expect(try await session.run(box, "1").value == "1")
        }
    }

    @Test func `a tool with a state of its own code is rebuilt too`() async throws {
        let counter = TestTools.python("n = 0\ndef run(by):\n    global n\n    n += by\n    return n\n", name: "count")
        var session = TestSession("s")
        try await TestTools.with([counter]) { (box: Toolbox) async throws in
            #expect(try await session.call(box, "count", ["by": 2]).value == 2)
            #expect(try await session.call(box, "count", ["by": 3]).value == 5)
            #expect(try await session.call(box, "count", [:]).status == .failed)
        }
        try await TestTools.with([counter]) { (box: Toolbox) async throws in
            let result = try await session.call(box, "count", ["by": 1])
            #expect(result.value == 6 && result.restoration == ToolRestoration(calls: 3))
        }
    }
}

import OrderedCollections
import StoaCore
import StoaTools
import Testing

/// How many interpreters there are, and when they end.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct InterpreterTests {
    private static func mark() -> String { "m" + String(UInt64.random(in: 0..<UInt64.max), radix: 36) }

    @Test func `sessions are bounded in number, and the one that had to go is rebuilt`() async throws {
        let mark = Self.mark()
        try await TestTools.with([TestTools.code], TestTools.resources(interpreters: 2, mark: mark)) {
            (box: Toolbox) async throws in
            var sessions = (0..<5).map { TestSession("s\($0)") }
            for index in sessions.indices {
                _ = try await sessions[index].run(box, "x = \(index)")
                #expect(Processes.sandboxes(mark) <= 2)
            }
            for index in sessions.indices.reversed() {
                #expect(try await sessions[index].run(box, "x").value == "\(index)")
                #expect(Processes.sandboxes(mark) <= 2)
            }
        }
        #expect(Processes.marked(mark) == 0)
    }

    @Test func `more calls than places wait for their turn, also beside kept sessions`() async throws {
        let mark = Self.mark()
        try await TestTools.with([TestTools.code], TestTools.resources(interpreters: 2, mark: mark)) {
            (box: Toolbox) async throws in
            var kept = TestSession("kept")
            _ = try await kept.run(box, "x = 1")
            let values = try await withThrowingTaskGroup(of: String?.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        let context = index.isMultiple(of: 2) ? ToolContext() : TestSession("p\(index)").context
                        return try await box.run("\(index) * \(index)", in: context).value["value"]?.stringValue
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1 ?? "none") }
            }
            #expect(values == ["0", "1", "4", "9", "16", "25"])
            #expect(Processes.sandboxes(mark) <= 2)
        }
    }

    @Test func `calls of one session come one behind the other`() async throws {
        try await TestTools.with([TestTools.code]) { (box: Toolbox) async throws in
            let context = TestSession("s").context
            _ = try await box.run("n = 0", in: context)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        _ = try await box.run("m = n\nimport time\ntime.sleep(0.01)\nn = m + 1", in: context)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await box.run("n", in: context).value["value"] == "8")
        }
    }

    @Test func `a session that is ended is gone, and so are all when the box is closed`() async throws {
        let mark = Self.mark()
        let box = try Toolbox([TestTools.code], resources: TestTools.resources(mark: mark))
        var first = TestSession("first")
        var second = TestSession("second")
        _ = try await first.run(box, "x = 1")
        _ = try await second.run(box, "x = 2")
        #expect(Processes.sandboxes(mark) == 2)
        try await box.end(#require(first.context.session))
        #expect(Processes.sandboxes(mark) == 1)
        try await box.end(#require(first.context.session))
        first.context.history = []
        #expect(try await first.run(box, "'x' in globals()").value == "False")
        await box.close()
        #expect(Processes.marked(mark) == 0)
    }

    @Test func `a call without a session leaves nothing behind`() async throws {
        let mark = Self.mark()
        try await TestTools.with([TestTools.code], TestTools.resources(mark: mark)) { (box: Toolbox) async throws in
            _ = try await box.run("1")
            #expect(Processes.marked(mark) == 0)
        }
    }
}

internal import OrderedCollections
public import StoaCore

/// A tool that runs a tiny language and keeps its variables between the calls of a session, as an interpreter does.
///
/// A line of code is one of `x = 3`, `x = y`, `x += 2`, `print x`, `print "words"`, `x` (whose value is the result's, where
/// it comes last), `draw x` (a number of the session's chance), `nonce` (prints what the test chose), `answer x`,
/// `raise words` and `forever`, which is stopped with the variables as they are.
public final class StatefulTools: ToolExecutor {
    /// A call that was carried out, whether asked for or to rebuild a session.
    public struct Run: Sendable, Hashable {
        /// The session's name; nil for a call with a state of its own.
        public var session: String?
        /// The code.
        public var code: String
        /// Whether it was carried out again, to rebuild the session.
        public var isRestoration: Bool

        /// Describes a call.
        public init(_ session: String?, _ code: String, isRestoration: Bool = false) {
            self.session = session
            self.code = code
            self.isRestoration = isRestoration
        }
    }

    private struct State {
        var sessions: [ToolSession: [String: Int]] = [:]
        var runs: [Run] = []
        var ended: [String] = []
        var running: Set<ToolSession> = []
        var isShared = false
    }

    /// The tool it is.
    public let tools: [ToolDefinition]
    private let nonce: String
    private let before: @Sendable (ToolCall) async throws -> Void
    private let state = Guarded(State())

    /// Creates a tool.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - nonce: what `nonce` prints.
    ///   - before: is told of each call before it is carried out, and may fail.
    public init(
        name: String = "python", nonce: String = "nonce",
        before: @escaping @Sendable (ToolCall) async throws -> Void = { _ in }
    ) {
        tools = [
            ToolDefinition(
                name: name, description: "runs code",
                parameters: [
                    "type": "object", "properties": ["code": ["type": "string"]], "required": ["code"],
                ])
        ]
        self.nonce = nonce
        self.before = before
    }

    // MARK: - What a test asks

    /// What was carried out, in order.
    public var runs: [Run] { state.withLock { $0.runs } }

    /// The sessions that were ended, in order.
    public var ended: [String] { state.withLock { $0.ended } }

    /// The sessions that it has.
    public var open: [String] { state.withLock { $0.sessions.keys.map(\.name).sorted() } }

    /// Whether two calls of one session were ever made at a time.
    public var wasShared: Bool { state.withLock { $0.isShared } }

    // MARK: - The tool

    /// Runs the code, in a session that is rebuilt where it is not there.
    public func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult {
        enter(context.session)
        defer { leave(context.session) }
        try await before(call)
        return state.withLock { state in
            var variables: [String: Int] = [:]
            var restoration: ToolRestoration?
            if let session = context.session {
                if let known = state.sessions[session] {
                    variables = known
                } else if !context.history.isEmpty {
                    var differing: [Int] = []
                    for (index, exchange) in context.history.enumerated() {
                        state.runs.append(Run(session.name, Self.code(exchange.call), isRestoration: true))
                        let again = run(Self.code(exchange.call), &variables, context.seed)
                        // What the journal gives back has its members in another order.
                        let isSame = again.document.canonicalText == exchange.result.document.canonicalText
                        if !isSame { differing.append(index) }
                    }
                    restoration = ToolRestoration(calls: context.history.count, differing: differing)
                }
            }
            state.runs.append(Run(context.session?.name, Self.code(call)))
            var result = run(Self.code(call), &variables, context.seed)
            result.restoration = restoration
            // Never the same twice: if it were compared, every replay would differ.
            result.details = ["runs": .integer(Int64(state.runs.count))]
            if let session = context.session { state.sessions[session] = variables }
            return result
        }
    }

    /// Forgets a session.
    public func end(_ session: ToolSession) async {
        state.withLock { state in
            state.sessions[session] = nil
            state.ended.append(session.name)
        }
    }

    private func enter(_ session: ToolSession?) {
        guard let session else { return }
        state.withLock { if !$0.running.insert(session).inserted { $0.isShared = true } }
    }

    private func leave(_ session: ToolSession?) {
        guard let session else { return }
        state.withLock { _ = $0.running.remove(session) }
    }

    private static func code(_ call: ToolCall) -> String { call.arguments["code"]?.stringValue ?? "" }

    // MARK: - The language

    private func run(_ code: String, _ variables: inout [String: Int], _ seed: SeedPath) -> ToolResult {
        var result = CodeResult()
        for line in code.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard let first = words.first, result.isOK else { break }
            let rest = words.count > 1 ? words[1] : ""
            result.value = nil
            func value(_ text: String) -> Int? { Int(text) ?? variables[text] }
            func fail(_ type: String, _ message: String) {
                result.status = "exception"
                result.exception = CodeResult.Exception(
                    type: type, message: message, traceback: "Traceback\n  line 1\n\(type): \(message)")
            }
            switch (first, rest.first) {
            case ("print", "\""?): result.stdout += rest.filter { $0 != "\"" } + "\n"
            case ("print", _), ("answer", _):
                guard let found = value(rest) else {
                    fail("NameError", rest)
                    continue
                }
                if first == "print" { result.stdout += "\(found)\n" } else { result.answer = "\(found)" }
            case ("nonce", _): result.stdout += nonce + "\n"
            case ("raise", _): fail("RuntimeError", rest)
            case ("forever", _): (result.status, result.limit) = ("timeout", "soft_wall")
            case ("draw", _):
                let count = variables["draws"] ?? 0
                variables["draws"] = count + 1
                variables[rest] = seed.stream.integer(at: UInt64(count), below: 1000)
            case (_, "="?):
                guard let found = value(String(rest.dropFirst(2))) else {
                    fail("NameError", String(rest.dropFirst(2)))
                    continue
                }
                variables[first] = found
            case (_, "+"?): variables[first, default: 0] += value(String(rest.dropFirst(3))) ?? 0
            default:
                if let found = value(first) { result.value = "\(found)" } else { fail("NameError", first) }
            }
        }
        let status: ToolResult.Status = result.isOK ? .ok : result.limit == nil ? .failed : .limit
        return ToolResult(status: status, value: result.document, output: result.stdout)
    }
}

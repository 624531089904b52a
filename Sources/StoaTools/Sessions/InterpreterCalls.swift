internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox

/// What a tool does with an interpreter that it is given.
protocol InterpreterWork: Sendable {
    /// Prepares a fresh interpreter.
    ///
    /// - Returns: nil where it is ready; otherwise what every call comes to.
    func prepare(_ interpreter: SandboxSession) async throws -> ToolResult?

    /// Carries out a call.
    func run(_ arguments: JSONValue, on interpreter: SandboxSession) async throws -> WorkResult

    /// Whether a result of an earlier call says that its interpreter did not outlive it.
    func endedInterpreter(_ result: ToolResult) -> Bool

    /// What a call comes to whose session was lost before it, so that the caller knows.
    func loss(_ reason: String) -> ToolResult

    /// Whether a result says that a session was lost, and so that nothing was carried out.
    func isLoss(_ result: ToolResult) -> Bool
}

/// What came of a call, and whether its interpreter was there to carry it out.
struct WorkResult: Sendable {
    var result: ToolResult
    var isLost = false
}

/// Calls that work on interpreters: of their own, or of a session that is rebuilt where this process does not have it.
struct InterpreterCalls: Sendable {
    let tool: String
    let packages: PackageSet?
    let limits: SandboxLimits
    let resources: ToolResources
    let work: any InterpreterWork

    func call(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolResult {
        let key = context.session.map { Interpreters.Key(session: $0, tool: tool) }
        return try await resources.interpreters.with(key) { interpreter in
            let (result, last) = try await self.call(arguments, in: context, on: interpreter)
            if key != nil, let last, await last.isAlive { return (result, keeping: last) }
            await last?.close()
            return (result, keeping: nil)
        }
    }

    func end(_ session: ToolSession) async {
        await resources.interpreters.end(Interpreters.Key(session: session, tool: tool))
    }

    /// - Returns: what came of the call, and the interpreter to go on with.
    private func call(
        _ arguments: JSONValue, in context: ToolContext, on kept: SandboxSession?
    ) async throws -> (ToolResult, SandboxSession?) {
        if let kept {
            let done = try await closing(kept) { try await work.run(arguments, on: kept) }
            if !done.isLost { return (done.result, kept) }
            // It went away between two calls, which is nobody's fault: it is rebuilt.
            await kept.close()
        }
        let history = context.session == nil ? [] : context.history
        if let last = history.last, work.endedInterpreter(last.result) {
            // Said once, so that nobody takes the variables for still there; the next call begins anew.
            return (
                work.loss(
                    "the call before it ended the interpreter: all variables are gone, the next call begins anew"), nil
            )
        }
        return try await rebuilt(arguments, context, history)
    }

    private func rebuilt(
        _ arguments: JSONValue, _ context: ToolContext, _ history: [ToolExchange]
    ) async throws -> (ToolResult, SandboxSession?) {
        let start = history.lastIndex { work.endedInterpreter($0.result) }.map { $0 + 1 } ?? 0
        let calls = history[start...].filter { !work.isLoss($0.result) }
        var restoration = calls.isEmpty ? nil : ToolRestoration(calls: calls.count)
        var interpreter = try await fresh(context)
        for (index, exchange) in calls.enumerated() {
            guard let ready = interpreter.interpreter else { break }
            let again = try await closing(ready) { try await work.run(exchange.call.arguments, on: ready) }
            if again.result.document.canonical != exchange.result.document.canonical {
                restoration?.differing.append(index)
            }
            guard await ready.isAlive else {
                await ready.close()
                interpreter = try await fresh(context)
                continue
            }
        }
        guard let ready = interpreter.interpreter else {
            return (interpreter.failure ?? ToolResult(status: .failed), nil)
        }
        var result = try await closing(ready) { try await work.run(arguments, on: ready) }.result
        result.restoration = restoration
        return (result, ready)
    }

    /// A fresh interpreter that is ready, or why there is none.
    private func fresh(_ context: ToolContext) async throws -> (interpreter: SandboxSession?, failure: ToolResult?) {
        let session = try await resources.sandboxes.open(
            packages, seed: context.seed.stream.word(at: 0), limits: limits)
        let failure = try await closing(session) { try await work.prepare(session) }
        guard let failure else { return (session, nil) }
        await session.close()
        return (nil, failure)
    }

    /// Does something with an interpreter, which is closed where that throws.
    private func closing<Value>(_ interpreter: SandboxSession, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            await interpreter.close()
            throw error
        }
    }
}

internal import OrderedCollections
internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// How the end of a run is told: the document of the contract, the words for people, and the exit code.
struct RunReport {
    let outcome: RunOutcome
    /// Where a fork left its parent.
    var parent: RunRecord.Fork?

    // MARK: - Document

    /// The document of the contract.
    var document: JSONValue {
        var members: JSONValue.Members = [
            "run": .string(outcome.run.rawValue), "status": .string(outcome.status.rawValue),
            "answer": outcome.answer.map { .string($0) } ?? .null,
            "seconds": .number(outcome.duration / .seconds(1)), "usage": .object(Self.usage(outcome.spending)),
            "agents": .array(outcome.agents.map(Self.document)), "model": Self.document(model),
            "seed": .integer(Int64(bitPattern: outcome.seed)),
        ]
        // Seeds beyond 63 bits have no spelling as an integer that every reader of JSON understands.
        if outcome.seed > UInt64(Int64.max) { members["seed"] = .string(String(outcome.seed)) }
        if let parent {
            members["parent"] = .string(parent.run.rawValue)
            members["at"] = .integer(Int64(parent.sequence))
        }
        if let limit = outcome.limit { members["limit"] = limit.document }
        if let pending = outcome.pending {
            members["pending"] = [
                "call": .string(pending.effect.description), "question": .string(pending.question),
                "approval": .bool(pending.isApproval),
            ]
        }
        if let failure = outcome.failure {
            members["error"] = [
                "kind": .string(failure.kind.rawValue), "message": .string(failure.message),
                "hint": failure.hint.map { .string($0) } ?? .null,
            ]
        }
        return .object(members)
    }

    /// The model called `default`, or the first of the others.
    private var model: ModelIdentity? {
        outcome.models["default"] ?? outcome.models.min { $0.key < $1.key }?.value
    }

    private static func document(_ model: ModelIdentity?) -> JSONValue {
        guard let model else { return .null }
        return ["name": .string(model.name), "fingerprint": .string(model.fingerprint)]
    }

    private static func usage(_ spending: Spending) -> JSONValue.Members {
        [
            "prefill_tokens": .integer(Int64(spending.usage.prefillTokens + spending.usage.cachedTokens)),
            "latent_steps": .integer(Int64(spending.usage.latentSteps)),
            "decoded_tokens": .integer(Int64(spending.usage.decodedTokens)),
            "tool_calls": .integer(Int64(spending.toolCalls)),
        ]
    }

    private static func document(_ report: RunOutcome.AgentReport) -> JSONValue {
        var members: JSONValue.Members = [
            "agent": .string(report.agent), "seconds": .number(report.spending.workingTime / .seconds(1)),
        ]
        members.merge(usage(report.spending)) { $1 }
        return .object(members)
    }

    // MARK: - Exit code

    /// The code of the contract.
    var exit: ExitStatus {
        switch outcome.status {
        case .completed: .success
        case .limit: outcome.answer == nil ? .budget : .success
        case .failed: outcome.failure.map { ExitStatus($0.kind) } ?? .failure
        case .approvalRequired: .approval
        case .interrupted: .interrupted
        case .cancelled, .running: .failure
        }
    }

    // MARK: - Ending

    /// Tells the end and ends the command with its code.
    ///
    /// - Parameters:
    ///   - context: the command's.
    ///   - journal: where the run is kept.
    ///   - isStreaming: whether the document is the last of several lines.
    /// - Throws: `EndWith` unless all went well; `CLIError` where standard output cannot be written.
    func finish(in context: CommandContext, journal: SQLiteJournal, isStreaming: Bool = false) async throws {
        let console = context.console
        if context.json {
            var document = document
            if isStreaming, case .object(var members) = document {
                members["type"] = "result"
                document = .object(members)
            }
            try console.writeLine(StyledText(document.text))
        } else if let answer = outcome.answer {
            // On the terminal the answer stands apart from what was said on the way to it.
            if console.isLive { console.complain(StyledText("\nanswer", .bold)) }
            try console.writeLine(StyledText(answer))
        }
        await summarise(on: console, journal: journal)
        if let failure = outcome.failure { console.report(failure) }
        guard exit == .success else { throw EndWith(exit) }
    }

    private func summarise(on console: Console, journal: SQLiteJournal) async {
        let summary = RunSummary(outcome: outcome, width: console.error.isTerminal ? console.error.width : nil)
        if let table = summary.table { console.note("\n" + table) }
        // Why there is no answer is more than narration.
        if exit == .budget { console.complain(summary.line) } else { console.note(summary.line) }
        // A person's decision is wanted also where nothing else is to be said.
        if let pending = outcome.pending { console.complain(summary.question(pending)) }
        if outcome.status == .interrupted { console.note(RunSummary.resume(outcome.run)) }
        // Where a fork is worth its while: behind the first thing that an agent said.
        let first = try? await journal.events(in: outcome.run, after: 0, limit: 500).first {
            $0.event.key.kind == .messagePosted && $0.event.actor != .conductor
        }
        console.note(summary.commands(forkAt: first?.sequence))
    }
}

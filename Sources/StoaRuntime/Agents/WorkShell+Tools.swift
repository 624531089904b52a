internal import OrderedCollections
internal import StoaCore

/// Tool calls, and the persons who are asked about them.
extension WorkShell {
    /// Has a tool called; where a method is followed, as far as its budget goes.
    mutating func call(_ request: ToolRequest) async throws -> AgentEvent {
        guard let method = assignment.method else { return .returned(try await run(request)) }
        var ledger = method.ledger
        ledger.book(spending, agent: plan.name)
        if let (limit, _) = ledger.exhausted(for: plan.name, before: .call) { return .limited(limit) }
        do {
            return .returned(try await run(request))
        } catch let signal as LimitSignal {
            return .limited(signal.limit)
        }
    }

    private mutating func run(_ request: ToolRequest) async throws -> ToolResult {
        let (call, isIdempotent) = (request.call, request.tool.isIdempotent)
        let place = ToolSessions.Place(request, at: assignment.key, branch: assignment.branch)
        let (sessions, clock, key) = (world.sessions, world.clock, key)
        let effect = Effect(
            key: key, actor: agent, repetition: .tool, intent: ToolRecord.intent(call, session: place?.description),
            encode: { ToolRecord.result($0.result) },
            decode: { payload, reader in
                TimedResult(result: try await ToolRecord.read(payload, in: "\(key)/effect_completed", reader))
            }, observe: { $0.details },
            interrupted: isIdempotent
                ? nil
                : TimedResult(
                    result: ToolResult(status: .interrupted, output: "the process died while the tool ran")),
            perform: {
                let start = clock.now
                let result = try await sessions.execute(call, in: place, at: key)
                return TimedResult(result: result, duration: clock.now - start)
            })
        spending.toolCalls += 1
        let result: ToolResult
        do {
            result = try await perform(effect, within: request.tool.timeout ?? assignment.timeout).result
        } catch var failure as WorkFailure {
            failure.mayRepeat = isIdempotent
            throw failure
        }
        if let place {
            await sessions.note(call, result, in: place)
            if let restoration = result.restoration { note(restoration, of: place, at: key) }
        }
        return result
    }

    /// Says with the call's result that a lost session was rebuilt for it: in one transaction, so that it is said once.
    private mutating func note(_ restoration: ToolRestoration, of place: ToolSessions.Place, at key: EffectKey) {
        var payload = restoration.document.objectValue ?? [:]
        payload["session"] = .string(place.description)
        pending.append(
            Event(
                key: EventKey(key, .sessionRestored), actor: agent, payload: .object(payload), isObservation: true))
        report(.decided(restoration.words(of: place.description)))
    }

    mutating func seekApproval(_ question: String) async throws -> Bool {
        let answer = try await perform(
            PersonRecord.effect(
                key: key, actor: agent, question: question, choices: ["yes", "no"], isApproval: true, world: world),
            // Nobody hurries a person.
            within: nil)
        return answer == "yes"
    }
}

extension ToolRestoration {
    /// The account, for people.
    func words(of session: String) -> String {
        let same = differing.isEmpty ? "all came to the same" : "\(differing.count) came to something else"
        return "\(session): rebuilt by \(calls) call\(calls == 1 ? "" : "s"), \(same)"
    }
}

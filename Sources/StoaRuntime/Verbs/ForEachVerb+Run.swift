internal import StoaCore

extension ForEachVerb {
    /// Carries out the steps once per item.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let value = try await conductor.evaluate(items, in: frame)
        guard let items = value.arrayValue else {
            throw WorkFailure(
                failure: EffectFailure(
                    kind: .badInput, message: "\(step.id).for_each: expected a list, found \(value.canonicalText)"))
        }
        var starts: [Frame] = []
        var messages: [Message] = []
        for (index, item) in items.enumerated() {
            var start = frame.iteration(index)
            let message = conductor.message(
                ["item": item, "index": .integer(Int64(index))], topic: variable, at: start.key(step))
            messages.append(message)
            start.scope[variable] = .message(message.id, member: "item")
            start.scope[Self.indexName] = .message(message.id, member: "index")
            starts.append(start)
        }
        if !messages.isEmpty {
            try await conductor.world.memory.post(messages, before: [], details: .emptyObject, after: frame.last)
        }
        let body = body
        var ends: [Frame] = []
        var failure: (any Error)?
        if isParallel {
            (ends, failure) = await conductor.runConcurrently(starts, in: &frame) { _, frame in
                try await conductor.run(body, in: &frame)
            }
        } else {
            for start in starts where failure == nil {
                var iteration = start
                iteration.ledger = frame.ledger
                do {
                    try await conductor.run(body, in: &iteration)
                } catch {
                    failure = error
                }
                frame.ledger = iteration.ledger
                ends.append(iteration)
            }
        }
        let last = body.last?.id ?? ""
        frame.scope[step.id] = .list(ends.map { $0.scope[last] ?? .missing })
        if let failure { throw failure }
    }
}

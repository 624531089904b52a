internal import StoaCore

extension RepeatVerb {
    /// Carries out the steps round by round.
    public func run(_ step: PlanStep, by conductor: Conductor, in frame: inout Frame) async throws {
        let most = try await conductor.number(maximum, of: "\(step.id).max", in: frame)
        let outer = frame.scope[Self.roundName]
        let indices = frame.indices
        defer {
            frame.indices = indices
            frame.scope[Self.roundName] = outer
        }
        var rounds = 0
        var isDone = false
        while rounds < most, !isDone {
            frame.indices = indices + [rounds]
            let round = try await conductor.post(
                ["round": .integer(Int64(rounds))], topic: Self.roundName, at: frame.key(step), in: &frame)
            frame.scope[Self.roundName] = .message(round, member: "round")
            try await conductor.run(body, in: &frame)
            rounds += 1
            if let until {
                let holds = try await conductor.isTrue(until, in: frame)
                let decision = try await conductor.decided(
                    step, in: &frame, ["done": .bool(holds)], ordinal: 1,
                    words: "\(step.id): \(until.source) is \(holds) after round \(rounds)")
                isDone = decision["done"] == true
            }
        }
        frame.indices = indices
        let key = try await conductor.post(
            ["rounds": .integer(Int64(rounds)), "done": .bool(isDone)], topic: step.id, at: frame.key(step),
            in: &frame)
        frame.scope[step.id] = .message(key)
    }
}

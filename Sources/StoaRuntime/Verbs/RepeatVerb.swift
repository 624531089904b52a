/// Steps are carried out again and again, until a condition holds or a number of rounds is reached.
///
/// The step's value is `{rounds, done}`. Steps inside read the latest value of one another, also from the round before.
public struct RepeatVerb: StepVerb {
    /// `repeat`.
    public static let keyword = "repeat"

    /// The keys of the step.
    public static let fields: [PlanField] = [
        PlanField("repeat", .steps, isRequired: true, "the steps of a round"),
        PlanField("until", .expression, "what ends it, looked at after every round"),
        PlanField("max", .count(PlanLimits.rounds), isRequired: true, "the most rounds"),
    ]

    /// What the steps inside call the number of the round, from 0.
    public static let roundName = "round"

    /// The steps of a round.
    public var body: [PlanStep]
    /// What ends it, looked at after every round; nil for the number of rounds alone.
    public var until: PlanExpression?
    /// The most rounds.
    public var maximum: PlanCount

    /// Reads the verb from a step's mapping.
    ///
    /// - Parameter reader: the step's mapping.
    public init?(reading reader: PlanReader) {
        let maximum = reader.count("max")
        let inside = reader.scope.adding(variables: [Self.roundName]).adding(steps: reader.exported("repeat"))
        let body = reader.steps("repeat", in: inside)
        until = reader.expression("until", in: inside)
        guard let maximum, let body else { return nil }
        self.body = body
        self.maximum = maximum
    }

    /// What its condition and its bound read from outside.
    public var names: [String] {
        let inner = Set(body.flatMap(\.readableNames)).union([Self.roundName])
        return PlanNames.union(maximum.names, until?.names.filter { !inner.contains($0) })
    }
    /// The steps of a round.
    public var blocks: [StepBlock] { [StepBlock(label: "repeat", steps: body, variables: [Self.roundName])] }
}

internal import StoaCore

/// What a page shows of a round of training, as the round's own line says it.
struct EvolutionRound: Sendable {
    /// Problems that were tried, by how often attempts were right.
    struct Zones: Sendable {
        var mastered = 0
        var learning = 0
        var tooHard = 0

        var total: Int { mastered + learning + tooHard }
    }

    /// An accuracy, and its 95 % interval.
    struct Accuracy: Sendable {
        var value: Double
        var interval: ConfidenceInterval?

        /// `{heldout_accuracy, ci95}`; nil for anything else.
        init?(_ document: JSONValue) {
            guard let value = document["heldout_accuracy"]?.doubleValue else { return nil }
            self.value = value
            let bounds = (document["ci95"]?.arrayValue ?? []).compactMap(\.doubleValue)
            if bounds.count == 2 { interval = ConfidenceInterval(bounds[0], bounds[1]) }
        }
    }

    let number: Int
    let problems: Int
    let pairs: Int
    let zones: Zones
    let level: Double?
    let success: Double?
    let losses: [(name: String, value: Double)]
    let accuracy: Accuracy?
    let adapter: String
    let isRolledBack: Bool

    /// Reads a round's line; members that are missing are left out of the page.
    init(_ document: JSONValue, index: Int) {
        func count(_ name: String, in document: JSONValue?) -> Int { document?[name]?.intValue ?? 0 }
        number = document["round"]?.intValue ?? index + 1
        problems = count("problems", in: document)
        pairs = count("pairs", in: document)
        let zones = document["zones"]
        self.zones = Zones(
            mastered: count("mastered", in: zones), learning: count("learning", in: zones),
            tooHard: count("too_hard", in: zones))
        level = document["level"]?.doubleValue
        success = document["success"]?.doubleValue
        losses = [("loss", "loss"), ("preference_loss", "preferences"), ("generator_loss", "generator")].compactMap {
            key, name in document[key]?.doubleValue.map { (name, $0) }
        }
        accuracy = Accuracy(document)
        adapter = document["adapter"]?.stringValue ?? ""
        isRolledBack = document["rolled_back"] == true
    }
}

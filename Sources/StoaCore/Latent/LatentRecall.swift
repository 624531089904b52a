internal import OrderedCollections

/// Which rows of the latents before a conversation its reader has in mind.
///
/// Rows are chosen by who wrote them and what they are, then pruned by what they have to do with the conversation. The
/// first rows of all are always kept: models rest their attention on them (the attention sink). Keys are kept before
/// rotation, so that moving what is left together is exact.
public struct LatentRecall: Sendable, Hashable {
    /// Which kinds of rows are kept.
    public enum Rows: String, Sendable, Hashable, CaseIterable {
        /// All.
        case full
        /// Those that each latent's maker added itself, not those that it had in mind (`sequential_info_only` of the
        /// reference).
        case own
        /// The latent rows that each latent's maker added itself (`latent_only` of the reference).
        case thought
        /// Latent rows of everybody.
        case latents
        /// Rows of prompts.
        case prompts
        /// Rows of words that were spoken.
        case text
    }

    /// Which positions the kept rows get.
    public enum Positions: String, Sendable, Hashable, CaseIterable {
        /// They move together.
        case compact
        /// They stay where they are, and the conversation comes where it would have come.
        case keep
    }

    /// Which kinds of rows are kept.
    public var rows: Rows
    /// Whose rows are kept; nil for everybody's.
    public var authors: [String]?
    /// How many of them are kept; nil for all.
    public var pruning: LatentPruning?
    /// How many of the very first rows are kept in any case.
    public var sink: Int
    /// Which positions the kept rows get.
    public var positions: Positions

    /// Describes which rows are kept; by default all.
    public init(
        rows: Rows = .full, authors: [String]? = nil, pruning: LatentPruning? = nil, sink: Int = 4,
        positions: Positions = .compact
    ) {
        self.rows = rows
        self.authors = authors
        self.pruning = pruning
        self.sink = sink
        self.positions = positions
    }

    /// Whether every row is kept.
    public var keepsAll: Bool { rows == .full && authors == nil && pruning == nil }

    /// `{rows, authors?, prune?, sink, positions}`.
    public var document: JSONValue {
        var members: JSONValue.Members = [
            "rows": .string(rows.rawValue), "sink": .integer(Int64(sink)), "positions": .string(positions.rawValue),
        ]
        if let authors { members["authors"] = .array(authors.map { .string($0) }) }
        if let pruning { members["prune"] = pruning.document }
        return .object(members)
    }

    /// Reads the document; nil for anything else.
    ///
    /// - Parameter document: what `document` gave.
    public init?(document: JSONValue) {
        guard let rows = document["rows"]?.stringValue.flatMap(Rows.init(rawValue:)),
            let sink = document["sink"]?.intValue,
            let positions = document["positions"]?.stringValue.flatMap(Positions.init(rawValue:))
        else { return nil }
        self.init(
            rows: rows, authors: document["authors"]?.arrayValue?.compactMap(\.stringValue), sink: sink,
            positions: positions)
        if let value = document["prune"] {
            guard let pruning = LatentPruning(document: value) else { return nil }
            self.pruning = pruning
        }
    }
}

/// How many rows are kept, and which.
public struct LatentPruning: Sendable, Hashable {
    /// What rows are scored by.
    public enum Score: String, Sendable, Hashable, CaseIterable {
        /// The cosine of the row's keys in the middle layer with the mean input embedding of the reader's prompt, folded
        /// to a head's width. Source: kNN-latentMAS, as the specification gives it.
        case similarity
        /// How much of the attention of the reader's prompt falls on the row, over all layers and heads.
        case attention
    }

    /// Which scores are kept.
    public enum Strategy: String, Sendable, Hashable, CaseIterable {
        /// The highest.
        case top
        /// The lowest.
        case bottom
        /// Any, drawn from the reader's seed.
        case random
    }

    /// What rows are scored by.
    public var score: Score
    /// The part of all rows that is kept, from 0 to 1.
    public var fraction: Double
    /// The least number of rows that is kept; so many of the latest rows are always among them.
    public var least: Int
    /// Which scores are kept.
    public var strategy: Strategy

    /// Describes what to keep; by default what the reference keeps.
    public init(score: Score = .similarity, fraction: Double = 0.8, least: Int = 5, strategy: Strategy = .top) {
        self.score = score
        self.fraction = fraction
        self.least = least
        self.strategy = strategy
    }

    /// `{by, fraction, least, strategy}`.
    public var document: JSONValue {
        [
            "by": .string(score.rawValue), "fraction": .number(fraction), "least": .integer(Int64(least)),
            "strategy": .string(strategy.rawValue),
        ]
    }

    /// Reads the document; nil for anything else.
    ///
    /// - Parameter document: what `document` gave.
    public init?(document: JSONValue) {
        guard let score = document["by"]?.stringValue.flatMap(Score.init(rawValue:)),
            let fraction = document["fraction"]?.doubleValue, let least = document["least"]?.intValue,
            let strategy = document["strategy"]?.stringValue.flatMap(Strategy.init(rawValue:))
        else { return nil }
        self.init(score: score, fraction: fraction, least: least, strategy: strategy)
    }
}

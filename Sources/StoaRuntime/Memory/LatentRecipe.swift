internal import OrderedCollections
internal import StoaCore

/// How a latent was made of others, so that it can be made again.
enum LatentRecipe: Sendable, Hashable {
    /// The same latent, under a name of its own.
    case fork(LatentHandle)
    /// One latent behind another.
    case append(LatentHandle, LatentHandle)
    /// What several continuations of one latent add to it, behind one another.
    case merge(base: LatentHandle?, branches: [LatentHandle])
    /// Some rows of a latent.
    case select(LatentHandle, rows: [Int])

    /// What it takes, in order.
    var sources: [LatentHandle] {
        switch self {
        case .fork(let latent), .select(let latent, _): [latent]
        case .append(let first, let second): [first, second]
        case .merge(let base, let branches): [base].compactMap { $0 } + branches
        }
    }

    /// Whether a latent is among what it takes.
    func takes(_ latent: LatentHandle) -> Bool { sources.contains { $0.digest == latent.digest } }

    /// The recipe with other handles for the same latents, in the order of `sources`.
    func taking(_ sources: [LatentHandle]) -> LatentRecipe {
        switch self {
        case .fork: .fork(sources[0])
        case .append: .append(sources[0], sources[1])
        case .merge(let base, _):
            .merge(base: base == nil ? nil : sources[0], branches: sources.suffix(from: base == nil ? 0 : 1).map { $0 })
        case .select(_, let rows): .select(sources[0], rows: rows)
        }
    }

    /// Makes the latent, of sources that the model has.
    ///
    /// - Parameter model: the model of all of them.
    /// - Returns: the latent, held once.
    /// - Throws: what the model throws.
    func carryOut(by model: any LatentModel) async throws -> LatentHandle {
        switch self {
        case .fork(let latent):
            guard await model.retain(latent) else { throw MemoryError.unmade(latent) }
            return latent
        case .append(let first, let second): return try await model.append(first, second)
        case .merge(let base, let branches): return try await model.merge(base: base, branches: branches)
        case .select(let latent, let rows): return try await model.select(latent, rows: rows)
        }
    }

    /// `{operation, of, base?, rows?}`.
    var document: JSONValue {
        var content = Content()
        func handles(_ latents: [LatentHandle]) -> JSONValue { .array(latents.map(\.document)) }
        switch self {
        case .fork(let latent):
            content.set("operation", "fork")
            content.set("of", handles([latent]))
        case .append(let first, let second):
            content.set("operation", "append")
            content.set("of", handles([first, second]))
        case .merge(let base, let branches):
            content.set("operation", "merge")
            content.set("of", handles(branches))
            content.set("base", base?.document)
        case .select(let latent, let rows):
            content.set("operation", "select")
            content.set("of", handles([latent]))
            content.set("rows", .array(rows.map { .integer(Int64($0)) }))
        }
        return .object(content.document)
    }

    /// Reads the document; nil for anything else.
    init?(document: JSONValue?) {
        guard let document, let list = document["of"]?.arrayValue else { return nil }
        let latents = list.compactMap { LatentHandle(document: $0) }
        guard latents.count == list.count else { return nil }
        switch (document["operation"]?.stringValue, latents.count) {
        case ("fork", 1): self = .fork(latents[0])
        case ("append", 2): self = .append(latents[0], latents[1])
        case ("merge", _):
            self = .merge(base: document["base"].flatMap { LatentHandle(document: $0) }, branches: latents)
        case ("select", 1):
            self = .select(latents[0], rows: (document["rows"]?.arrayValue ?? []).compactMap(\.intValue))
        default: return nil
        }
    }
}

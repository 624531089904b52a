/// A wish for an adapter: what to learn, from where, and how.
///
/// The adapter that comes of it is a pure function of the request and the trainer's model.
public struct TrainingRequest: Sendable, Hashable {
    /// What is learned, in an order that does not matter: the seed decides which comes when.
    public var examples: [TrainingExample]
    /// The adapter that is gone on from; nil for a new one, which changes nothing yet.
    public var start: AdapterReference?
    /// The adapter that preferences are held to; nil for the model itself.
    public var reference: AdapterReference?
    /// How it is learned.
    public var settings: TrainingSettings
    /// Whose randomness is drawn on: the first numbers of a new adapter, and the order of examples.
    public var seed: SeedPath

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - examples: what is learned.
    ///   - start: the adapter that is gone on from.
    ///   - reference: the adapter that preferences are held to.
    ///   - settings: how it is learned.
    ///   - seed: whose randomness is drawn on.
    public init(
        examples: [TrainingExample], start: AdapterReference? = nil, reference: AdapterReference? = nil,
        settings: TrainingSettings = TrainingSettings(), seed: SeedPath
    ) {
        self.examples = examples
        self.start = start
        self.reference = reference
        self.settings = settings
        self.seed = seed
    }
}

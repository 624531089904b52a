/// Is told how an evaluation goes on; decides nothing.
public protocol EvaluationObserver: Sendable {
    /// Takes note of how far it is; called whenever an item was recorded, in any order; must not wait.
    func observe(_ progress: EvaluationProgress)
}

/// How far an evaluation is.
public struct EvaluationProgress: Sendable, Hashable {
    /// Items that are recorded.
    public var done: Int
    /// Items there are at most.
    public var total: Int
    /// Items that are right.
    public var correct: Int
    /// Items whose run failed.
    public var failed: Int
    /// How long it has worked, in seconds, stops left out.
    public var elapsed: Double
    /// Items that were recorded by this process.
    public var own: Int
}

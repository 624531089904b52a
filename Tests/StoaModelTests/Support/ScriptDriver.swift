import StoaCore
import StoaModel

/// A sequence that does as a test tells it: feeds a prompt, then given tokens one by one, and keeps the logits.
///
/// `@unchecked Sendable`: touched by the model's lane until `run` returns, by the test afterwards.
final class ScriptDriver: SequenceDriver, @unchecked Sendable {
    private var demands: [Demand]
    private var isStarted = false
    private let onNext: () throws -> Void
    private let onRow: (Int) throws -> Void
    /// The logits of every row that came back.
    private(set) var logits: [[Float]] = []
    /// What holds the sequence back while it is closed.
    var gate: Gate?

    /// Creates a driver of given demands.
    ///
    /// - Parameters:
    ///   - demands: what to feed, one after another.
    ///   - onNext: called where the next demand is asked for.
    ///   - onRow: called with the number of rows that have come back.
    init(
        _ demands: [Demand], onNext: @escaping () throws -> Void = {}, onRow: @escaping (Int) throws -> Void = { _ in }
    ) {
        self.demands = demands.reversed()
        self.onNext = onNext
        self.onRow = onRow
    }

    /// Creates a driver that feeds a prompt at once and a continuation token by token.
    convenience init(
        prompt: [TokenID], continuation: [TokenID] = [], onNext: @escaping () throws -> Void = {},
        onRow: @escaping (Int) throws -> Void = { _ in }
    ) {
        let outputs = OutputRequest(logits: .all)
        let first = Demand(inputs: prompt.inputs, origin: .prompt, outputs: outputs)
        let rest = continuation.map { Demand(inputs: [.token($0)], origin: .text, outputs: outputs) }
        self.init([first] + rest, onNext: onNext, onRow: onRow)
    }

    var isBlocked: Bool { gate?.isOpen == false }

    func next() throws -> Demand? {
        try onNext()
        return demands.popLast()
    }

    func receive(_ output: RowOutput) throws {
        if let row = output.logits { logits.append(Array(row)) }
        try onRow(logits.count)
    }
}

/// Lets sequences begin together.
final class Gate: Sendable {
    private let state = Guarded(false)
    var isOpen: Bool { state.withLock { $0 } }
    func open() { state.withLock { $0 = true } }
}

/// Runs drivers side by side: none takes a step before all are there.
func runTogether(_ drivers: [ScriptDriver], on model: LocalModel) async throws {
    let gate = Gate()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for driver in drivers {
            driver.gate = gate
            group.addTask { _ = try await model.run(driver) }
        }
        await until { await model.sequenceCount == drivers.count }
        gate.open()
        try await group.waitForAll()
    }
}

/// Whether two tables hold the same bits.
func sameBits(_ left: some Collection<[Float]>, _ right: some Collection<[Float]>) -> Bool {
    left.count == right.count
        && zip(left, right).allSatisfy { first, second in
            first.withUnsafeBytes { first in second.withUnsafeBytes { first.elementsEqual($0) } }
        }
}

/// Bytes of a page of a model's caches.
func pageBytes(_ model: LocalModel) async throws -> Int {
    let cache = try await model.prefill([.token(5)])
    return cache.byteCount * 32
}

/// Gives way to other tasks until a condition holds.
func until(_ condition: () async -> Bool) async {
    while await !condition() { await Task.yield() }
}

import StoaCore
import Testing

@testable import StoaTraining

@Suite struct MicroBatchTests {
    private func groups(_ sizes: [Int]) throws -> [TrainingGroup] {
        try sizes.map { size in
            TrainingGroup([
                try TrainingSequence(
                    tokens: (0..<size).map { TokenID(Int32($0)) }, isScored: (0..<size).map { $0 > 0 })
            ])
        }
    }

    @Test func `groups stay whole and in order, and a large one is alone`() throws {
        #expect(MicroBatches(try groups([3, 4, 3, 20, 2]), rows: 8).parts == [[0, 1], [2], [3], [4]])
        #expect(MicroBatches([], rows: 8).parts.isEmpty)
    }

    @Test func `a sequence scores something, and never its first token`() throws {
        #expect(throws: TrainingError.self) { try TrainingSequence(tokens: [1, 2], isScored: [true, true]) }
        #expect(throws: TrainingError.self) { try TrainingSequence(tokens: [1, 2], isScored: [false, false]) }
        #expect(throws: TrainingError.self) { try TrainingSequence(tokens: [1, 2], isScored: [false]) }
        #expect(throws: TrainingError.self) { try TrainingSequence(prompt: [], completion: [1]) }
        #expect(try TrainingSequence(prompt: [5], completion: [1, 2]).scoredCount == 2)
    }

    @Test(arguments: 0..<50) func `an order has every example once, and steps follow it`(seed: UInt64) {
        let order = ExampleOrder(seed: seed, count: 17)
        #expect(order.indices(epoch: 0).sorted() == Array(0..<17))
        let steps = (0..<9).flatMap { order.indices(step: $0, size: 5) }
        #expect(
            steps == Array((order.indices(epoch: 0) + order.indices(epoch: 1) + order.indices(epoch: 2)).prefix(45)))
        #expect(order.indices(epoch: 0) != order.indices(epoch: 1))
    }
}

import Foundation
import OrderedCollections
import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

/// What Tests/Goldens/latent records.
struct LatentGoldens {
    private let document: JSONValue

    init() throws { document = try JSONParser.parse(golden("latent/goldens.json")) }

    func number(_ group: String, _ name: String) throws -> Double {
        try #require(document[group]?[name]?.doubleValue)
    }

    func table(_ group: String, _ name: String) throws -> [[Double]] {
        try #require(document[group]?[name]?.arrayValue).map { try Self.row($0) }
    }

    /// Rows of a matrix by their number.
    func rows(_ group: String) throws -> [Int: [Double]] {
        var result: [Int: [Double]] = [:]
        for (name, row) in try #require(document[group]?["rows"]?.objectValue) {
            result[try #require(Int(name))] = try Self.row(row)
        }
        return result
    }

    private static func row(_ value: JSONValue) throws -> [Double] {
        try #require(value.arrayValue).map { try #require($0.doubleValue) }
    }
}

extension RidgeSystem {
    /// The equations of two tables, added in blocks of `rows`.
    init(_ predictors: [[Double]], _ targets: [[Double]], blocks rows: Int = 1000) throws {
        try self.init(width: try #require(predictors.first).count, targets: .rows(width: targets[0].count))
        for first in stride(from: 0, to: predictors.count, by: rows) {
            let block = first..<min(first + rows, predictors.count)
            add(
                rows: block.count, predictors: Array(predictors[block].joined()),
                targets: Array(targets[block].joined()))
        }
    }

    /// W as a table, [width][target width].
    func solution(_ lambda: Double = AlignmentMatrix.usualLambda) throws -> [[Double]] {
        let transposed = try solved(lambda: lambda)
        return (0..<width).map { row in (0..<targetWidth).map { transposed[$0 * width + row] } }
    }
}

/// The largest absolute difference of two tables of numbers.
func largestDifference(_ found: [[Double]], _ expected: [[Double]]) -> Double {
    guard found.map(\.count) == expected.map(\.count) else { return .infinity }
    return zip(found.joined(), expected.joined()).reduce(0) {
        max($0, abs($1.0 - $1.1).isNaN ? .infinity : abs($1.0 - $1.1))
    }
}

/// A row times a matrix, in double precision.
func product(_ row: [Double], _ matrix: [[Double]]) -> [Double] {
    matrix[0].indices.map { column in row.indices.reduce(0.0) { $0 + row[$1] * matrix[$1][column] } }
}

func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

func cosine(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (norm(a) * norm(b)) }

func doubles(_ vector: [Float]) -> [Double] { vector.map { Double($0) } }

/// The probabilities of logits at a temperature, in double precision.
func softmax(_ logits: [Float], temperature: Double = 1) -> [Double] {
    let largest = Double(logits.max() ?? 0)
    let weights = logits.map { exp((Double($0) - largest) / temperature) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
}

/// The effective embedding as the file has it, in double precision.
func effectiveEmbedding(_ path: String) throws -> [[Double]] {
    let weights = try ModelWeights(path: path)
    let tensor = try weights.tensor(.tokenEmbedding)
    let values = tensor.dequantised()
    let scale = Double(weights.configuration.embeddingScale)
    return (0..<weights.configuration.vocabularySize).map { row in
        values[row * tensor.columns..<(row + 1) * tensor.columns].map { Double($0) * scale }
    }
}

/// The logits and the hidden state that each vector of a thought was made of, found by feeding the thought again.
func statesBehind(
    _ thought: LatentThought, _ prompt: [TokenID], on model: LocalModel
) async throws -> [(hidden: [Float], logits: [Float])] {
    let outputs = OutputRequest(logits: .all, hidden: .all)
    let rows = try await model.probe(prompt.inputs + thought.vectors.map { .embedding($0) }, outputs: outputs).rows
    return try rows[(prompt.count - 1)..<(rows.count - 1)].map {
        (try #require($0.hidden), try #require($0.logits))
    }
}

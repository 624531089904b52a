import Foundation
import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

@testable import StoaTraining

/// What torch says of one tiny model: a batch, an adapter, log-probabilities and gradients.
struct TrainingGolden {
    let sequences: [TrainingSequence]
    let adapter: Adapter
    /// An adapter whose numbers are the gradients.
    let gradients: Adapter
    let derivatives: [Double]
    let logProbabilities: [Double]
    let referenceLogProbabilities: [Double]
    let loss: Double

    init(_ name: String) throws {
        let folder = goldenPath("training/\(name)")
        let document = try JSONParser.parse(fileBytes("\(folder)/golden.json"))
        let file = try SafetensorsFile(path: "\(folder)/golden.safetensors")
        let tokens = try #require(document["sequences"]?.arrayValue)
        let masks = try #require(document["masks"]?.arrayValue)
        sequences = try zip(tokens, masks).map { tokens, mask in
            try TrainingSequence(
                tokens: try #require(tokens.arrayValue).map { TokenID(Int32(try #require($0.intValue))) },
                isScored: try #require(mask.arrayValue).map { $0.intValue == 1 })
        }
        let configuration = try AdapterConfiguration(
            rank: try #require(document["rank"]?.intValue), alpha: try #require(document["alpha"]?.doubleValue))
        func read(_ prefix: String) throws -> Adapter {
            let layers = file.tensorNames.filter { $0.hasPrefix("\(prefix).") && $0.hasSuffix("q_proj.lora_A.weight") }
            let modules = try (0..<layers.count).flatMap { layer in
                try AdapterTarget.allCases.map { target in
                    let name = "\(prefix).base_model.model.model.layers.\(layer).\(target.path)"
                    let down = try file.tensor("\(name).lora_A.weight")
                    let up = try file.tensor("\(name).lora_B.weight")
                    return Adapter.Module(
                        layer: layer, target: target, inputs: down.columns, outputs: up.rows, down: down.dequantised(),
                        up: up.dequantised())
                }
            }
            return Adapter(configuration, modules: modules)
        }
        adapter = try read("adapter")
        gradients = try read("gradient")
        func numbers(_ name: String) throws -> [Double] { try file.tensor(name).dequantised().map { Double($0) } }
        derivatives = try numbers("derivatives")
        logProbabilities = try numbers("log_probabilities")
        referenceLogProbabilities = try numbers("reference_log_probabilities")
        loss = try #require(document["loss"]?.doubleValue)
    }

    /// One group of all sequences.
    var groups: [TrainingGroup] { [TrainingGroup(sequences)] }
}

/// A tiny random model in one of its files.
struct TinyBase: Sendable, CustomTestStringConvertible {
    let name: String
    var usesGGUF = false

    var testDescription: String { usesGGUF ? "\(name) (GGUF)" : name }
    var path: String { goldenPath("models/\(name)") + (usesGGUF ? "/model.gguf" : "") }

    static let all =
        ["llama", "llama3-rope", "qwen2", "qwen3", "gemma3"].flatMap {
            [TinyBase(name: $0), TinyBase(name: $0, usesGGUF: true)]
        } + [TinyBase(name: "gemma3-scaled")]

    func trainer(
        _ configuration: AdapterConfiguration, _ change: (inout TrainerOptions) -> Void = { _ in }
    ) async throws -> Trainer {
        var options = TrainerOptions()
        change(&options)
        return try await Trainer.load(path, adapter: configuration, options: options)
    }
}

/// sum(derivative * log-probability), the derivatives in the order of all scored tokens.
struct FixedDerivatives: Objective {
    let derivatives: [Double]

    func value(of logProbabilities: [[Double]], group: Int) -> ObjectiveValue {
        var rest = derivatives[...]
        let split = logProbabilities.map { row in
            defer { rest = rest.dropFirst(row.count) }
            return Array(rest.prefix(row.count))
        }
        let loss = zip(derivatives, logProbabilities.joined()).reduce(0) { $0 + $1.0 * $1.1 }
        return ObjectiveValue(loss: loss, derivatives: split)
    }
}

/// |a - b| / |b| in the Euclidean norm.
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    var difference = 0.0
    var size = 0.0
    for (x, y) in zip(a, b) {
        difference += Double(x - y) * Double(x - y)
        size += Double(y) * Double(y)
    }
    return (difference / max(size, 1e-30)).squareRoot()
}

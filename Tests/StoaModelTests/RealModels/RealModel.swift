import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Everything that needs real weights, one test at a time: they are large and use every core.
@Suite(.serialized, .enabled(if: RealModels.areExpected, "there are no real weights here"))
struct RealModelTests {}

/// One of the two models that the program fetches by name, with what the reference library says of it.
enum RealModel: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case smollm2 = "smollm2-135m"
    case gemma3 = "gemma3-270m"

    var testDescription: String { rawValue }

    /// Every model in every precision.
    static let cases = allCases.flatMap { model in Precision.allCases.map { (model, $0) } }

    /// The folder of dequantised copies; nil where there is none.
    static var dequantisedFolder: String? { ProcessInfo.processInfo.environment["STOA_TEST_DEQUANTISED"] }

    /// The dequantised copy of the model.
    func dequantisedPath() throws -> String {
        try "\(#require(Self.dequantisedFolder))/hf-\(file.dropLast(".gguf".count))"
    }

    private var file: String {
        switch self {
        case .smollm2: "SmolLM2-135M-Instruct.Q4_1.gguf"
        case .gemma3: "gemma-3-270m-q4_k_m.gguf"
        }
    }

    /// Loads an engine of its own.
    func load(_ precision: Precision, _ change: (inout LocalModel.Options) -> Void = { _ in }) async throws
        -> LocalModel
    {
        var options = LocalModel.Options()
        options.precision = precision
        change(&options)
        return try await LocalModel.load(try RealModels.path(file), options: options)
    }

    /// The engine that all tests share which do not ask for options of their own.
    func shared(_ precision: Precision) async throws -> LocalModel {
        try await SharedEngines.all.engine(self, precision)
    }

    /// What Tests/Goldens/parity records.
    func golden() throws -> Golden { try Golden(rawValue) }

    struct Golden {
        struct Window {
            let name: String
            let tokens: [TokenID]
            /// Entry r is about token r + 1.
            let logProbabilities: [Float]
            /// The five most probable tokens after token r.
            let top: [[(id: Int, logProbability: Float)]]
        }

        struct Continuation {
            let name: String
            let prompt: [TokenID]
            let tokens: [TokenID]
        }

        let windows: [Window]
        let continuations: [Continuation]
        let perplexity: Double

        init(_ name: String) throws {
            let folder = URL(filePath: TinyModel.folder).deletingLastPathComponent().appending(path: "parity").path
            let document = try JSONParser.parse(Data(contentsOf: URL(filePath: "\(folder)/\(name).json")))
            let words = try Words(path: "\(folder)/\(name).safetensors")
            func ids(_ value: JSONValue?) throws -> [TokenID] {
                try #require(value?.arrayValue).map { TokenID(Int32(try #require($0.intValue))) }
            }
            perplexity = try #require(document["perplexity"]?.doubleValue)
            windows = try ["chat", "code", "maths", "prose"].map { window in
                let ids = try ids(document["windows"]?[window])
                let best = try words.of("\(window).top_ids").map { Int($0) }
                let values = try words.of("\(window).top_logprobs").map { Float(bitPattern: $0) }
                let top = (0..<ids.count - 1).map { row in (row * 5..<row * 5 + 5).map { (best[$0], values[$0]) } }
                return Window(
                    name: window, tokens: ids,
                    logProbabilities: try words.of("\(window).logprobs").map { Float(bitPattern: $0) }, top: top)
            }
            let greedy = try #require(document["greedy"]?.objectValue)
            continuations = try greedy.map { name, entry in
                Continuation(name: name, prompt: try ids(entry["prompt"]), tokens: try ids(entry["tokens"]))
            }
        }
    }
}

/// The 32-bit words of a safetensors file: its integers too, which the reader of weights has no use for.
private struct Words {
    private let bytes: [UInt8]
    private let header: JSONValue
    private let start: Int

    init(path: String) throws {
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        let size = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        self.bytes = bytes
        header = try JSONParser.parse(bytes[8..<8 + size])
        start = 8 + size
    }

    func of(_ name: String) throws -> [UInt32] {
        let entry = try #require(header[name]?["data_offsets"]?.arrayValue)
        let offsets = entry.compactMap(\.intValue)
        return stride(from: start + offsets[0], to: start + offsets[1], by: 4).map { place in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
        }
    }
}

/// Engines that are loaded once.
private actor SharedEngines {
    static let all = SharedEngines()

    private var engines: [String: Task<LocalModel, any Error>] = [:]

    func engine(_ model: RealModel, _ precision: Precision) async throws -> LocalModel {
        let key = "\(model.rawValue) \(precision.rawValue)"
        let task = engines[key] ?? Task { try await model.load(precision) }
        engines[key] = task
        return try await task.value
    }
}

import Foundation
import StoaCore
import StoaTestKit

/// llama.cpp's own server on the real weights: one for all tests of the process, started by the first of them.
final class LlamaServer: Sendable {
    /// Why there is no server.
    struct Missing: Error, CustomStringConvertible { let description: String }

    /// The key that the server wants.
    static let key = "sk-llama-test"
    private static let weights = "SmolLM2-135M-Instruct.Q4_1.gguf"
    private static let shared = Task { try LlamaServer() }

    private static func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
    private static var python: String { environment("STOA_TEST_PYTHON") ?? "python3" }

    /// Whether tests against the server run: with the package and the weights, and always where `CI` is `true`.
    static let isExpected: Bool = {
        if environment("CI") == "true" { return true }
        guard RealModels.areExpected, (try? RealModels.path(weights)) != nil else { return false }
        let probe = process(["-c", "import xllamacpp"])
        probe.standardError = FileHandle.nullDevice
        guard (try? probe.run()) != nil else { return false }
        probe.waitUntilExit()
        return probe.terminationStatus == 0
    }()

    /// Where it listens, as in `http://127.0.0.1:40123`.
    let address: String
    /// The server ends when this does: with the process of the tests, however that ends.
    private let lifeline: Pipe

    /// The server, ready to answer.
    static var running: LlamaServer { get async throws { try await shared.value } }

    private static func process(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python] + arguments
        return process
    }

    private init() throws {
        let process = Self.process([goldenPath("remote/llama_server.py"), try RealModels.path(Self.weights), Self.key])
        let output = Pipe()
        lifeline = Pipe()
        process.standardInput = lifeline
        process.standardOutput = output
        try process.run()
        var text = ""
        while true {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else {
                throw Missing(
                    description:
                        "llama_server.py printed no address; it needs xllamacpp (see STOA_TEST_PYTHON): \(text)")
            }
            text += String(decoding: data, as: UTF8.self)
            let line = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .first { $0.hasPrefix("http://") }
            if let line {
                address = String(line)
                return
            }
        }
    }
}

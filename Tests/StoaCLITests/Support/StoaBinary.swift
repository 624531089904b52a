import Foundation
import StoaCore
import Testing

/// The program as it was built beside the tests.
enum StoaBinary {
    /// What one run of the program did.
    struct Result {
        let status: Int32
        /// Whether a signal ended it; `status` is then the signal.
        let wasSignalled: Bool
        let output: String
        let error: String

        /// Standard output as the one JSON document that it must be.
        func document() throws -> JSONValue {
            #expect(output.hasSuffix("\n") && output.dropLast().contains("\n") == false, "one document, on one line")
            return try JSONParser.parse(output)
        }
    }

    static var url: URL {
        get throws {
            let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let url = URL(fileURLWithPath: runner).deletingLastPathComponent().appendingPathComponent("stoa")
            try #require(FileManager.default.isExecutableFile(atPath: url.path), "no program at \(url.path)")
            return url
        }
    }

    /// The variables that every run gets, and no others.
    static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "/nonexistent",
    ]

    /// Makes a process that has not started.
    static func process(_ arguments: [String], _ changes: [String: String?] = [:]) throws -> Process {
        let process = Process()
        process.executableURL = try url
        process.arguments = arguments
        var variables = environment
        for (name, value) in changes { variables[name] = value }
        process.environment = variables
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs the program to its end.
    static func run(_ arguments: String..., environment changes: [String: String?] = [:]) throws -> Result {
        try run(process(arguments, changes))
    }

    static func run(_ process: Process, whileRunning: () throws -> Void = {}) throws -> Result {
        let output = Pipe()
        let error = Pipe()
        process.standardOutput = output
        process.standardError = error
        try process.run()
        try whileRunning()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaints = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, wasSignalled: process.terminationReason == .uncaughtSignal,
            output: String(decoding: text, as: UTF8.self), error: String(decoding: complaints, as: UTF8.self))
    }
}

/// A folder of its own for one test.
final class TemporaryFolder {
    let path = NSTemporaryDirectory() + "stoa-cli-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

import Foundation
import Glibc
import StoaCLI
import StoaCore
import Testing

@Suite(.timeLimit(.minutes(30))) struct ProgramTests {
    @Test func `the version is one line`() throws {
        let result = try StoaBinary.run("--version")
        #expect(result.status == 0 && result.error.isEmpty)
        #expect(result.output == StoaVersion.current + "\n")
    }

    @Test(arguments: [
        ["nonsense"], ["model", "nonsense"], ["model", "pull"], ["model", "list", "--nonsense"], ["completion", "csh"],
    ])
    func `a wrong command line ends with 64 and says why on standard error`(_ arguments: [String]) throws {
        let result = try StoaBinary.run(StoaBinary.process(arguments))
        #expect(result.status == 64)
        #expect(result.output.isEmpty && result.error.contains("Usage: stoa"))
    }

    @Test func `a missing parameter is named`() throws {
        #expect(try StoaBinary.run("model", "pull").error.contains("<name>"))
    }

    @Test(arguments: [["--help"], ["model", "--help"], ["model", "pull", "--help"], ["help", "doctor"]])
    func `help is a success on standard output`(_ arguments: [String]) throws {
        let result = try StoaBinary.run(StoaBinary.process(arguments))
        #expect(result.status == 0 && result.error.isEmpty && result.output.contains("USAGE: stoa"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `there is a completion script for each shell`(_ shell: String) throws {
        let result = try StoaBinary.run("completion", shell)
        #expect(result.status == 0 && result.output.contains("doctor") && result.output.contains("pull"))
    }

    @Test func `the exit codes are those of the contract`() {
        let codes = ExitStatus.allCases.map(\.rawValue)
        #expect(codes == [0, 1, 2, 3, 4, 5, 6, 7, 64, 65, 124, 130])
        let kinds: [FailureKind: Int32] = [
            .failure: 1, .usage: 64, .badInput: 65, .budget: 4, .unreachable: 7, .timeout: 124, .divergence: 3,
            .noSandbox: 6,
        ]
        for kind in FailureKind.allCases { #expect(ExitStatus(kind).rawValue == kinds[kind]) }
    }

    @Test func `output that cannot be written is an error`() throws {
        let process = try StoaBinary.process(["--version"])
        let error = Pipe()
        process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
        process.standardError = error
        try process.run()
        let complaint = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(complaint == "error: standard output: No space left on device\n")
    }

    @Test func `the first interrupt cancels, and the program ends with 130`() throws {
        let folder = try TemporaryFolder()
        let server = try SilentServer()
        let process = try StoaBinary.process(
            ["model", "pull", "hf:owner/repo/file.gguf"],
            ["STOA_CACHE": folder.path, "STOA_HF_BASE": "http://127.0.0.1:\(server.port)"])
        let result = try StoaBinary.run(process) {
            server.awaitConnection()
            process.interrupt()
        }
        #expect(result.status == 130 && !result.wasSignalled)
        #expect(result.output.isEmpty && result.error.hasSuffix("interrupted\n"))
    }
}

/// Accepts connections and never says a word.
private final class SilentServer {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socketAddress in
                bind(descriptor, socketAddress, size) == 0 && listen(descriptor, 4) == 0
                    && getsockname(descriptor, socketAddress, &size) == 0
            }
        }
        try #require(isBound)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    func awaitConnection() { _ = accept(descriptor, nil, nil) }
}

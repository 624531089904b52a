import Foundation
import StoaCore
import StoaTestKit
import Testing

@testable import StoaSandbox

/// The launcher as root and as somebody else.
///
/// It is driven by hand here: the test runner itself is one user only.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct OrdinaryUserTests {
    /// Runs one cell through the launcher as another user, and gives the frames' bytes.
    private func run(as user: uid_t) async throws -> (ready: ReadyReport, answer: DriverAnswer, end: EndReport) {
        // The build folder may be private; a copy is not.
        let folder = try StoaTestKit.TemporaryFolder()
        chmod(folder.path, 0o755)
        let copy = folder.path + "/stoa-sandbox-init"
        try FileManager.default.copyItem(atPath: try TestSandbox.launcher, toPath: copy)
        chmod(copy, 0o755)
        let tools = SandboxTools(
            launcher: copy, bubblewrap: try await TestSandbox.tools().bubblewrap,
            python: try await TestSandbox.tools().python)
        var words = try LaunchCommand(SandboxPolicy(), tools, packages: nil, slot: 0).arguments
        if let index = words.firstIndex(of: "--user") { words.removeSubrange(index...index + 1) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = ["--reuid", String(user), "--regid", String(user), "--clear-groups", copy] + words
        process.environment = [:]
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let request = CellRequest(
            code: "import os\n(os.getuid(), os.path.exists('/etc'))", name: "c", seed: 0, isProgram: false,
            limits: .init(),
            memoryBytes: nil, nonce: (1, 2))
        var decoder = FrameDecoder()
        var frames: [SandboxFrame.Kind: [UInt8]] = [:]
        while frames[.done] == nil {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the launcher ended: \(frames)")
            data.withUnsafeBytes { decoder.append($0) }
            while let frame = try decoder.next() {
                frames[frame.kind] = frame.payload
                if frame.kind == .ready { try input.fileHandleForWriting.write(contentsOf: request.frame(1).bytes) }
            }
        }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        let (ready, control) = (try #require(frames[.ready]), try #require(frames[.control]))
        let done = try #require(frames[.done])
        return (
            try ReadyReport(ready), try #require(DriverAnswer(control, valueLimit: 4096)), try #require(EndReport(done))
        )
    }

    @Test(.enabled("only root can become somebody else") { getuid() == 0 })
    func `an ordinary user has the same sandbox`()
        async throws
    {
        let (_, answer, end) = try await run(as: 61_500)
        #expect(answer.value == "(1000, False)" && end.reason == .itself)
    }

    @Test(.enabled("only root drops its user") { getuid() == 0 }) func `root's sandboxes run as nobody of the system`()
        async throws
    {
        let mark = TestSandbox.mark()
        let sandbox = try await TestSandbox.make(SandboxPolicy(preload: [mark]))
        let session = try #require(try await sandbox.openSession())
        let driver = try #require(HostProcesses.marked(mark).first { $0.value.contains("/stoa/driver.py") }?.key)
        let status = try String(contentsOfFile: "/proc/\(driver)/status", encoding: .utf8)
        let fields = Dictionary(
            uniqueKeysWithValues: status.split(separator: "\n").compactMap { line -> (String, String)? in
                let parts = line.split(separator: ":", maxSplits: 1)
                return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
            })
        let users = try #require(fields["Uid"]).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        #expect(users.count == 4 && users.allSatisfy { LaunchCommand.users.contains($0) })
        #expect(
            fields["CapEff"]?.contains("0000000000000000") == true
                && fields["CapBnd"]?.contains("0000000000000000") == true)
        #expect(fields["NoNewPrivs"]?.contains("1") == true && fields["Seccomp"]?.contains("2") == true)
        #expect(fields["Seccomp_filters"]?.contains("2") == true, "both filters are in force")
        await session.close()
        await sandbox.close()
    }
}

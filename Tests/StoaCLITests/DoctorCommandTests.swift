import Foundation
import StoaCore
import Testing

@Suite(.timeLimit(.minutes(30))) struct DoctorCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ environment: [String: String?] = [:]) throws -> StoaBinary.Result {
        try StoaBinary.run(
            StoaBinary.process(
                ["doctor", "--json"],
                ["STOA_CACHE": folder.path, "STOA_HOME": folder.path + "/home"].merging(environment) { $1 }))
    }

    @Test func `the document has every check, and the exit code follows it`() throws {
        let result = try run()
        let document = try result.document()
        let checks = try #require(document["checks"]?.arrayValue)
        #expect(
            checks.map { $0["name"]?.stringValue } == [
                "cpu", "openblas", "sqlite", "bubblewrap", "seccomp", "python", "pip", "sandbox", "packages",
                "models", "journal", "playbooks", "disk",
            ])
        for check in checks {
            let ok = try #require(check["ok"]?.boolValue as Bool?)
            #expect(check["detail"]?.stringValue?.isEmpty == false)
            #expect((check["fix"] == .null) == ok, "what is broken has a fix, and nothing else")
        }
        let ok = try #require(document["ok"]?.boolValue as Bool?)
        #expect(ok == checks.allSatisfy { $0["ok"] == true })
        #expect(result.status == (ok ? 0 : 2))
    }

    private func finding(_ name: String, _ environment: [String: String?]) throws -> JSONValue {
        let result = try run(environment)
        #expect(result.status == 2)
        let checks = try #require(try result.document()["checks"]?.arrayValue)
        return try #require(checks.first { $0["name"]?.stringValue == name })
    }

    @Test func `missing programs are found missing, with the cure`() throws {
        let check = try finding("bubblewrap", ["PATH": "/nowhere"])
        #expect(check["ok"] == false && check["detail"] == "no bwrap in PATH")
        #expect(check["fix"] == "run: apt-get install bubblewrap")
        #expect(try finding("pip", ["PATH": "/nowhere"])["fix"] == "run: apt-get install python3-pip")
    }

    @Test func `a kernel path that this CPU lacks is found`() throws {
        let check = try finding("cpu", ["STOA_ISA": "mmx"])
        #expect(check["ok"] == false)
        #expect(
            check["detail"]?.stringValue == "STOA_ISA: expected one of scalar, avx2, avx512, neon, found \"mmx\"")
    }

    @Test func `a cache folder that cannot be written is found`() throws {
        let file = folder.path + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        let check = try finding("disk", ["STOA_CACHE": file + "/cache"])
        #expect(check["ok"] == false)
        #expect(check["detail"]?.stringValue == "\(file) is no folder that can be written")
    }

    @Test func `it changes nothing`() throws {
        _ = try run()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
}

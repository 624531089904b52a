import StoaCore
import Testing

@testable import StoaSandbox

/// Programs that nobody would call suspicious must run as they do anywhere.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct HonestProgramTests {
    /// All programs of a table in one session: each is a cell, and each gives its value.
    private static func check(_ programs: [(code: String, value: String)], packages: PackageSet?) async throws {
        let policy = SandboxPolicy(limits: .init(wall: .seconds(60), cpu: .seconds(60)), packages: packages)
        let sandbox = try await TestSandbox.make(policy)
        let session = try #require(try await sandbox.openSession())
        for (code, value) in programs {
            let result = try await session.run(code)
            #expect(result.isOK && result.value == value, "\(code)\n\(result)")
        }
        await session.close()
        await sandbox.close()
    }

    @Test func `the standard library works`() async throws {
        #expect(HonestPrograms.standard.count >= 85)
        try await Self.check(HonestPrograms.standard, packages: nil)
    }

    @Test(.needsPackages) func `numpy, sympy and mpmath work`() async throws {
        #expect(HonestPrograms.scientific.count >= 30)
        try await Self.check(HonestPrograms.scientific, packages: .mathematics)
    }
}

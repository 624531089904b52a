import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct InterleavingTests {
    @Test(arguments: 0..<40, Playbooks.Sample.allCases)
    func `no interleaving of tasks and actors changes what is recorded`(seed: UInt64, sample: Playbooks.Sample)
        async throws
    {
        let plan = try sample.plan()
        let reference = Scene()
        let usual = try await reference.driver.run(plan, parameters: ["question": "why"], seed: 4)
        let scene = Scene()
        let driver = scene.driver
        let executor = SeededExecutor(seed: seed)
        let outcome = try await executor.run {
            try await driver.run(plan, parameters: ["question": "why"], seed: 4)
        }
        #expect(executor.steps > 200, "it ran under the executor")
        #expect(try await scene.record(of: outcome.run) == reference.record(of: usual.run))
        let report = try await executor.run { try await driver.replay(outcome.run, plan: plan, mode: .recompute) }
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
    }

    @Test func `different seeds are different interleavings, equal ones are equal`() async throws {
        func order(_ seed: UInt64) async throws -> [EventKey] {
            let plan = try Playbooks.everything()
            let scene = Scene()
            let driver = scene.driver
            let run = try await SeededExecutor(seed: seed).run {
                try await driver.run(plan, parameters: ["question": "why"], seed: 4).run
            }
            return try await scene.journal.events(in: run, after: 0, limit: .max).map(\.event.key)
        }
        let orders = [try await order(1), try await order(1), try await order(2)]
        #expect(orders[0] == orders[1])
        #expect(orders[0] != orders[2])
    }
}

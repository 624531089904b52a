import StoaCore
import StoaTestKit
import StoaTestSupport
import Testing

@Suite(.serialized, .enabled(if: RealModels.areExpected)) struct EngineConformanceTests {
    @Test(arguments: LanguageModelConformance.checks)
    func `the engine's model does what every model must do`(check: LanguageModelConformance.Check) async throws {
        try await check.run(try await Stage.load())
    }
}

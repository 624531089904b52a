import StoaCore
import StoaTestSupport
import Testing

@Suite struct ScriptedModelTests {
    @Test(arguments: LanguageModelConformance.checks)
    func `it does what every model must do`(check: LanguageModelConformance.Check) async throws {
        try await check.run(ScriptedModel())
    }
}

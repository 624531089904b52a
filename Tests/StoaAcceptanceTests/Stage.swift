import Foundation
import OrderedCollections
import StoaCore
import StoaJournal
import StoaMethods
import StoaModel
import StoaPlaybook
import StoaRuntime
import StoaTestKit
import StoaTestSupport
import StoaTools
import StoaVerify

/// The real parts around a run: weights, journal in a file, shipped playbooks, verifiers and tools.
struct Stage: Sendable {
    static let question =
        "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
        + "How many clips did Natalia sell altogether in April and May?"
    static let playbooks = ["single", "text-chain", "debate", "self-refine", "best-of-n", "supervisor"]

    let folder: TemporaryFolder
    let journal: SQLiteJournal
    let model: EngineModel
    let identifiers = TestIdentifiers(seed: 1)

    init(model: EngineModel) throws {
        folder = try TemporaryFolder()
        journal = try SQLiteJournal(path: folder.path + "/journal.sqlite")
        self.model = model
    }

    /// Loads SmolLM2, or other weights.
    static func load(_ path: String? = nil, fingerprint: String? = nil) async throws -> EngineModel {
        let model = try await LocalModel.load(path ?? RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf"))
        guard let fingerprint else { return EngineModel(model, name: "smollm2-135m") }
        return EngineModel(model, name: "smollm2-135m", fingerprint: fingerprint)
    }

    /// What playbooks can name besides what they define.
    static var environment: PlanEnvironment {
        PlanEnvironment(
            verifiers: Verifiers.all.map(\.name), choiceRules: ChoiceRules.names,
            builtinTools: BuiltinTools().tools.map(\.name), toolKinds: ToolKinds.outlines, methods: Methods.all)
    }

    static func plan(_ name: String) throws -> Plan {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        var plan = try PlaybookLoader(workingDirectory: root, folders: [], environment: environment).load(name)
        // How long the machine takes is no matter of these tests.
        plan.budget.wallTime = nil
        return plan
    }

    func driver(
        _ journal: (any Journal)? = nil, model: (any LanguageModel)? = nil, tools: any ToolExecutor = BuiltinTools()
    ) -> RunDriver {
        RunDriver(
            RunSetup(
                journal: journal ?? self.journal, models: ["default": model ?? self.model], tools: tools,
                verifiers: Dictionary(uniqueKeysWithValues: Verifiers.all.map { ($0.name, $0) }),
                clock: SystemTimeSource(), identifiers: identifiers,
                process: ProcessIdentity(process: 1, startTicks: 1, boot: "test")))
    }

    func run(_ name: String, _ more: JSONValue.Members = [:], seed: UInt64 = 0) async throws -> RunOutcome {
        let plan = try Self.plan(name)
        let given: JSONValue.Members = ["question": .string(Self.question)]
        let parameters = try plan.checkParameters(given.merging(more) { $1 })
        return try await driver().run(plan, parameters: parameters, seed: seed)
    }

    /// The logical parts of a run's events, ordered by key.
    static func record(of run: RunID, in journal: any Journal) async throws -> [Event] {
        try await journal.events(in: run, after: 0, limit: 100_000).map(\.event).filter { !$0.isObservation }
            .sorted { $0.key < $1.key }
    }
}

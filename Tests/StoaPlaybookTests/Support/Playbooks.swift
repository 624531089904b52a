import Foundation

import StoaCore
import StoaMethods
import StoaRuntime
import StoaTestKit

@testable import StoaPlaybook

/// What tests of playbooks share.
enum Playbooks {
    /// What the program offers to playbooks.
    static let environment = PlanEnvironment(
        verifiers: ["numeric", "boxed", "arithmetic", "equivalent"], choiceRules: ["majority", "best", "first"],
        builtinTools: [
            "calculator", "draw-problems", "expected-gain", "make-examples", "make-pairs", "read-problems",
            "refine-problems", "replay-problems", "screen-problems", "solve-problems", "sort-zones", "weigh-problems",
            "wilson-interval",
        ],
        toolKinds: [
            ToolKindOutline(name: "code", packageSets: ["mathematics"]),
            ToolKindOutline(name: "python", hasSource: true, packageSets: ["mathematics"]),
        ], methods: Methods.all)

    /// The folder of the project.
    static var project: String {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }

    /// The names of the playbooks that ship.
    static let shipped = [
        "agent-workflow", "aptitude-router", "best-of-n", "calculation", "debate", "deli", "judge-pairwise",
        "latent-agents", "latent-chain", "latent-hierarchical", "latent-routed", "latent-seek", "saturation",
        "self-refine", "single", "skills-in-context", "socratic-zero", "stepwise-best-of-n", "supervisor",
        "table-judge", "text-chain", "tool-judge", "tool-solver", "tool-team", "verify-answer", "verify-panel",
    ]

    /// A loader that finds them.
    static var loader: PlaybookLoader {
        PlaybookLoader(workingDirectory: project, folders: [], environment: environment)
    }

    /// A loader that finds what a folder holds and nothing else.
    static func loader(in folder: String) -> PlaybookLoader {
        PlaybookLoader(workingDirectory: folder, folders: [], environment: environment)
    }

    static func bytes(_ name: String) throws -> [UInt8] { try fileBytes("\(project)/playbooks/\(name)/playbook.yaml") }

    /// Whether recorded files are written instead of compared.
    static var isRecording: Bool { ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" }
}

extension Playbooks {
    /// The document of a file as it is written, nothing resolved.
    static func document(_ bytes: [UInt8]) throws -> JSONValue { YAMLFile(bytes, file: "file").value ?? .null }
}

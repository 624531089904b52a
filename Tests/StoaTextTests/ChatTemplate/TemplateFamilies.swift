import Foundation
import OrderedCollections
import StoaCore
import StoaTestKit
import StoaText

/// The chat templates of real model families, as `.ci/fetch-templates` fetched them, with what Python makes of them.
///
/// They are never committed.
struct TemplateFamilies {
    struct Conversation {
        let name: String
        let messages: [JSONValue]
        let tools: JSONValue?
        let documents: JSONValue?
        let addGenerationPrompt: Bool
        let extra: OrderedDictionary<String, JSONValue>
    }

    struct Family {
        let name: String
        let source: String
        /// By the name of the conversation: the text, or the phase and the line of the failure.
        let outcomes: JSONValue
    }

    let families: [Family]
    let conversations: [Conversation]
    let specialTokens: OrderedDictionary<String, String>

    /// The date that the outcomes were made at.
    static let now = TemplateDate(year: 2025, month: 3, day: 9, hour: 14, minute: 5, second: 7)

    private static let environment = ProcessInfo.processInfo.environment

    static let folder: URL = {
        if let cache = environment["STOA_CACHE"], !cache.isEmpty {
            return URL(filePath: cache, directoryHint: .isDirectory).appending(path: "templates")
        }
        let caches = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return URL(filePath: caches, directoryHint: .isDirectory).appending(path: "stoa/templates")
    }()

    /// Absent templates skip the tests on a developer's machine; in continuous integration they are a failure.
    static let areExpected = FileManager.default.fileExists(atPath: folder.path) || environment["CI"] == "true"

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Renders everything in Python once for all tests of the process.
    static let all = Result { try TemplateFamilies() }

    private init() throws {
        guard FileManager.default.fileExists(atPath: Self.folder.path) else {
            throw Failure(description: "no templates at \(Self.folder.path): run .ci/fetch-templates")
        }
        let document = try JSONParser.parse(golden("templates/conversations.json"))
        var tokens: OrderedDictionary<String, String> = [:]
        for (name, token) in document["special_tokens"]?.objectValue ?? [:] { tokens[name] = token.stringValue }
        specialTokens = tokens
        conversations = (document["conversations"]?.objectValue ?? [:]).map { name, json in
            Conversation(
                name: name, messages: json["messages"]?.arrayValue ?? [], tools: json["tools"],
                documents: json["documents"], addGenerationPrompt: json["add_generation_prompt"]?.boolValue ?? true,
                extra: json["extra"]?.objectValue ?? [:])
        }
        let outcomes = try Self.outcomes()
        families = try (outcomes.objectValue ?? [:]).map { path, outcomes in
            let source = try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
            return Family(name: path, source: source, outcomes: outcomes)
        }
    }

    private static func outcomes() throws -> JSONValue {
        let output = FileManager.default.temporaryDirectory.appending(path: "stoa-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: output) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            environment["STOA_TEST_PYTHON"] ?? "python3", goldenPath("templates/render_families.py"),
            folder.path, output.path,
        ]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "render_families.py failed; it needs jinja2 3.1.6 (see STOA_TEST_PYTHON)")
        }
        return try JSONParser.parse(try Data(contentsOf: output))
    }

    func render(_ template: ChatTemplate, _ conversation: Conversation) throws(TemplateError) -> TemplateOutput {
        try template.render(
            messages: conversation.messages, tools: conversation.tools, documents: conversation.documents,
            addGenerationPrompt: conversation.addGenerationPrompt, extra: conversation.extra, now: Self.now)
    }
}

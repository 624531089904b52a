import Foundation
import OrderedCollections
import StoaCore
import StoaPlaybook
import StoaRuntime
import StoaTestKit
import Testing

@Suite struct PlaybookSchemaTests {
    /// Python with `jsonschema`; nil where the tests were not set up.
    static var python: String? { ProcessInfo.processInfo.environment["STOA_TEST_PYTHON"] }

    private func check(_ instances: JSONValue) throws -> [JSONValue] {
        let python = try #require(Self.python)
        let folder = try TemporaryFolder()
        let schema = try folder.write("schema.json", PlaybookSchema.document.text)
        let data = try folder.write("instances.json", instances.text)
        let script = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            print(json.dumps([[e.message for e in validator.iter_errors(x)] for x in json.load(open(sys.argv[2]))]))
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", script, schema, data]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try #require(JSONParser.parse(String(decoding: bytes, as: UTF8.self)).arrayValue)
    }

    @Test(.enabled(if: python != nil))
    func `the schema accepts every shipped playbook, as it is written and as it is resolved`() throws {
        var instances: [JSONValue] = []
        for name in Playbooks.shipped {
            instances.append(try Playbooks.loader.load(name).document)
            instances.append(try Playbooks.document(try Playbooks.bytes(name)))
        }
        for (errors, instance) in zip(try check(.array(instances)), instances) {
            #expect(errors == [], "\(instance["name"]?.stringValue ?? "?")")
        }
    }

    @Test(.enabled(if: python != nil))
    func `the schema refuses what the decoder refuses for its keys and types`() throws {
        let names = [
            "unknown-keys", "missing-keys", "wrong-types", "verbs", "types-of-loops", "not-a-mapping", "latents",
        ]
        let instances = try names.map { name in
            try Playbooks.document(fileBytes("\(MalformedPlaybookTests.folder)/\(name).yaml"))
        }
        for (errors, name) in zip(try check(.array(instances)), names) { #expect(errors != [], "\(name)") }
    }

    @Test func `every key of every verb is in the schema, with what it is for`() throws {
        let steps = try #require(PlaybookSchema.document["$defs"]?["step"]?["oneOf"]?.arrayValue)
        #expect(steps.map { $0["title"]?.stringValue } == StepVerbs.all.map { $0.keyword })
        for (schema, verb) in zip(steps, StepVerbs.all) {
            for field in verb.fields {
                let property = try #require(schema["properties"]?[field.key])
                #expect(property["description"]?.stringValue == field.summary)
            }
        }
    }
}

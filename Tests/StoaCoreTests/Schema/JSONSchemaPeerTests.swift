import Foundation
import OrderedCollections
import StoaCore
import StoaTestKit
import Testing

/// Verdicts beside those of Python's `jsonschema`, on schemas and values by chance.
@Suite(.timeLimit(.minutes(30))) struct JSONSchemaPeerTests {
    /// Python with `jsonschema`; nil where the tests were not set up.
    static var python: String? { ProcessInfo.processInfo.environment["STOA_TEST_PYTHON"] }

    @Test(.enabled(if: python != nil))
    func `values are accepted exactly where the reference accepts them`() throws {
        let python = try #require(Self.python)
        var random = SchemaDraw(seed: 5)
        var cases: [JSONValue] = []
        var verdicts: [[Bool]] = []
        for _ in 0..<1500 {
            let document = random.document(depth: 3)
            let schema = try JSONSchema(document)
            let values = (0..<20).map { _ in random.value(depth: 3) }
            cases.append(["schema": document, "values": .array(values)])
            verdicts.append(values.map(schema.accepts))
        }
        let folder = try TemporaryFolder()
        let file = try folder.write("cases.json", JSONValue.array(cases).text)
        let script = """
            import json, sys, jsonschema
            for case in json.load(open(sys.argv[1])):
                validator = jsonschema.Draft202012Validator(case["schema"])
                print(json.dumps([validator.is_valid(value) for value in case["values"]]))
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", script, file]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let lines = text.split(separator: "\n")
        try #require(lines.count == cases.count)
        var accepted = 0
        for (index, line) in lines.enumerated() {
            let expected = try #require(JSONParser.parse(String(line)).arrayValue).map(\.boolValue)
            #expect(verdicts[index] == expected.compactMap { $0 }, "\(cases[index].text)")
            accepted += verdicts[index].count { $0 }
        }
        // Chance must not have made everything the same.
        #expect((4000...26_000).contains(accepted), "\(accepted) of 30000 accepted")
    }
}

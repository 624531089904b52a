import Foundation
import StoaCore
import StoaTestKit
import Testing

/// `stoa replay`, `fork`, `diff` and `log` through the built program, on playbooks that need no model.
@Suite(.timeLimit(.minutes(30))) struct ReplayCommandTests {
    private let folder: RunFolder
    private let run: String

    init() throws {
        folder = try RunFolder.withoutModel()
        run = try #require(try folder.document("run", "sum")["run"]?.stringValue)
    }

    @Test(arguments: ["trace", "strict", "recompute", "tools"])
    func `a replay in every mode is identical, and nothing is written`(_ mode: String) throws {
        let before = try folder.stoa("log", "export", run).output
        let document = try folder.document("replay", String(run.prefix(5)), "--mode", mode)
        #expect(document["run"]?.stringValue == run && document["mode"]?.stringValue == mode)
        #expect(document["identical"] == true && document["first_divergence"] == .null)
        #expect(try #require(document["events"]?.intValue) > 5)
        #expect(document["skipped"] == 0 && (document["compared"]?.intValue ?? 0) > 0 || mode == "trace")
        #expect(try folder.stoa("log", "export", run).output == before)
    }

    @Test func `a trace tells the run as it was told live`() throws {
        let trace = try folder.stoa("replay", run)
        #expect(trace.status == 0)
        #expect(trace.error.contains("sum: run \(run) begins") && trace.error.contains("product: tools calls a tool"))
        #expect(!(try folder.stoa("replay", run, "--from", "9")).error.contains("begins"))
        #expect(try folder.stoa("replay", run, "--speed", "0").status == 64)
        #expect(try folder.stoa("replay", run, "--speed", "1000").status == 0)
    }

    @Test func `a fork shares what happened, and differs where it was changed`() throws {
        let fork = try folder.document("fork", run, "--at", "2", "-P", "x=10")
        #expect(fork["parent"]?.stringValue == run && fork["answer"] == "21" && fork["status"] == "completed")
        let name = try #require(fork["run"]?.stringValue)
        #expect(try folder.document("replay", name, "--mode", "strict")["identical"] == true)
        let diff = try folder.stoa("diff", run, name, "--json")
        #expect(diff.status == 2)
        let document = try diff.document()
        #expect(document["identical"] == false && document["first_difference"]?["key"]?.stringValue != nil)
        #expect(try #require(document["agents"]?.arrayValue).contains { $0["agent"] == "tools" })
        let same = try folder.stoa("diff", run, run, "--json")
        #expect(same.status == 0)
        #expect(try same.document()["first_difference"] == .null)
    }

    @Test func `a fork can change the playbook by path`() throws {
        let changed = try folder.document("fork", run, "--at", "2", "--set", "steps.product.arguments.expression=2*25")
        #expect(changed["answer"] == "51")
        let wrong = try folder.stoa("fork", run, "--at", "2", "--set", "steps.produkt.call=x")
        #expect(wrong.status == 64)
        #expect(wrong.error.contains("--set steps.produkt.call=x: the playbook has no \"produkt\" there"))
        #expect(try folder.stoa("fork", run, "--at", "2", "--set", "steps").status == 64)
        #expect(try folder.stoa("fork", run, "--at", "2", "--set", "nonsense=1").status == 65)
        #expect(try folder.stoa("fork", run, "--at", "9999").status == 64)
        #expect(try folder.stoa("fork", run, "--at", "2", "-P", "y=1").status == 64)
    }

    @Test func `runs are listed, the newest first, and shown`() throws {
        let second = try #require(try folder.document("run", "sum", "-P", "x=5")["run"]?.stringValue)
        let list = try #require(try folder.document("log", "list").arrayValue)
        #expect(list.map { $0["run"]?.stringValue } == [second, run])
        #expect(list[0]["playbook"] == "sum" && list[0]["status"] == "completed" && list[0]["answer"] == "11")
        #expect(list[0]["started"]?.stringValue?.hasSuffix("Z") == true)
        let shown = try folder.document("log", "show", "latest")
        #expect(shown["run"]?.stringValue == second)
        let events = try #require(shown["events"]?.arrayValue)
        #expect(events.map { $0["seq"]?.intValue } == Array(1...events.count))
        #expect(try folder.stoa("log", "show", "latest").output.contains("product@tools#0.0/effect_completed"))
        #expect(try folder.stoa("log", "list").output.contains(run))
    }

    @Test func `an export is read back whole into another journal`() throws {
        let export = try folder.stoa("log", "export", run)
        #expect(export.status == 0)
        #expect(try export.output.split(separator: "\n").allSatisfy { try JSONParser.parse(String($0)) != .null })
        let file = try folder.write(export.output, to: "run.jsonl")
        let other = folder.path + "/other.sqlite"
        let report = try folder.document("log", "import", file, "--journal", other)
        #expect(report["runs"]?.arrayValue == [.string(run)])
        #expect(try folder.stoa("log", "export", run, "--journal", other).output == export.output)
        #expect(try folder.document("replay", run, "--mode", "strict", "--journal", other)["identical"] == true)
        let again = try folder.document("log", "import", file, "--journal", other)
        #expect(again["runs"] == [] && again["present"]?.arrayValue == [.string(run)])
        let cut = try folder.write(String(export.output.dropLast(40)), to: "cut.jsonl")
        let refused = try folder.stoa("log", "import", cut, "--journal", folder.path + "/third.sqlite")
        #expect(refused.status == 65 && refused.error.contains("cut.jsonl:"))
        #expect(try folder.document("log", "list", "--journal", folder.path + "/third.sqlite") == [])
    }

    @Test func `an intact run verifies, a changed one is found with its event`() throws {
        let intact = try folder.document("log", "verify", run)
        #expect(intact["chain_intact"] == true && intact["blobs_missing"] == 0 && intact["first_bad_seq"] == .null)
        let event = try #require(
            try folder.document("log", "show", run)["events"]?.arrayValue?.first {
                $0["payload"]?.text.contains("marker-of-this-run") == true && $0["kind"] == "message_posted"
            })
        // One letter of one event, where the file has it.
        let path = folder.home + "/journal.sqlite"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let marker = Data("\"content\":\"marker-of-this-run\"".utf8)
        let place = try #require(bytes.range(of: marker))
        bytes[place.lowerBound + 12] = UInt8(ascii: "M")
        try bytes.write(to: URL(fileURLWithPath: path))
        let found = try folder.stoa("log", "verify", run, "--json")
        #expect(found.status == 3)
        let document = try found.document()
        #expect(document["chain_intact"] == false && document["first_bad_seq"] == event["seq"])
        for mode in ["strict", "recompute", "trace"] {
            let replay = try folder.stoa("replay", run, "--mode", mode, "--json")
            #expect(replay.status == 3)
            #expect(try replay.document()["first_divergence"]?["seq"] == event["seq"])
        }
        let doctor = try folder.stoa("doctor", "--json")
        #expect(doctor.status == 2)
        let check = try doctor.document()["checks"]?.arrayValue?.first { $0["name"] == "journal" }
        #expect(check?["ok"] == false)
    }

    @Test func `reading a journal that does not exist makes none`() throws {
        let path = folder.path + "/none.sqlite"
        #expect(try folder.document("log", "list", "--journal", path) == [])
        #expect(try folder.stoa("log", "verify", run, "--journal", path).status == 64)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a file that is no journal is refused`() throws {
        let path = try folder.write(String(repeating: "no journal ", count: 999), to: "text.sqlite")
        let result = try folder.stoa("log", "list", "--journal", path)
        #expect(result.status != 0 && result.error.contains("text.sqlite"))
        #expect(try folder.document("log", "gc") == ["blobs": 0, "bytes": 0])
    }
}

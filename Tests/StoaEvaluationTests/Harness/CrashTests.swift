import Foundation
import StoaCore
import StoaJournal
import StoaRuntime
import StoaTestKit
import StoaTestSupport
import Testing

@testable import StoaEvaluation

// A process of its own works on an evaluation and is killed without warning; what it asked its model stands in a file, a
// line per call.
struct EvaluationCrashTests {
    @Test(arguments: [1, 2, 5, 11, 12])
    func `kill -9 in the middle loses no item, and what is recorded is not asked again`(call: Int) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, call = call as Int] in
            try await Self.evaluate(in: path, killedAt: call)
        }
        let asked = try Self.lines(path)
        #expect(asked.count >= call)
        let journal = try SQLiteJournal(path: "\(path)/journal.sqlite")
        let record = try #require(try await journal.runs().first { $0.isEvaluation })
        #expect(record.status == .running)
        let before = try await EvaluationLog(record.id, in: journal).read()

        let bench = try Bench(journal: journal, model: Self.model(path, killedAt: .max))
        let content = try await bench.runner().resume(record.id, plan: bench.plan, concurrency: 2)
        #expect(content.items.map(\.isCorrect) == (0..<12).map { $0 % 3 != 2 })
        #expect(content.record.status == .completed)
        for item in before.items { #expect(content.items[item.problem] == item) }
        // Whatever call had an answer in the journal was not made again: at most those that were under way were.
        let all = try Self.lines(path)
        #expect(all.count <= 12 + 2, "\(all)")
        #expect(Set(all).count == 12)
        for item in before.items { #expect(all.count { $0 == "\(item.problem) plus 1?" } == 1) }
        #expect(try await journal.verify(record.id).isIntact)
        let runs = try await journal.runs().filter { !$0.isEvaluation }
        #expect(runs.allSatisfy { $0.status.isFinal })
        // Whoever dies between a run's record and its first event leaves a record with nothing to go on with.
        var begun: [RunRecord] = []
        for run in runs where try await journal.lastSequence(in: run.id) > 0 { begun.append(run) }
        #expect(begun.count == 12, "a run that was under way is gone on with, not begun again")
        #expect(begun.allSatisfy { $0.status == .completed })
    }

    private static func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: "\(path)/asked", encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private static func evaluate(in path: String, killedAt call: Int) async throws {
        let journal = try SQLiteJournal(path: "\(path)/journal.sqlite")
        let bench = try Bench(journal: journal, model: model(path, killedAt: call))
        _ = try await bench.runner().run(bench.definition(12), plan: bench.plan, concurrency: 2)
    }

    /// Notes what it is asked, and kills its process at a call.
    private static func model(_ path: String, killedAt call: Int) -> ScriptedModel {
        let file = open("\(path)/asked", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let count = Guarded(0)
        return Bench.calculator { request in
            let line = Array(((request.messages.last?.content ?? "") + "\n").utf8)
            _ = write(file, line, line.count)
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number == call { kill(getpid(), SIGKILL) }
            return nil
        }
    }

    @Test
    func `an interrupted evaluation says so, and goes on`() async throws {
        let model = ScriptedModel(concurrency: 8) { request in
            let number = request.messages.last?.content.split(separator: " ").first.flatMap { Int($0) } ?? 0
            return number < 3 ? .say("The answer is \(number + 1).") : .waitThenSay("The answer is \(number + 1).")
        }
        let bench = try Bench(model: model)
        let begun = Begun()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try? await bench.runner().run(bench.definition(), plan: bench.plan, concurrency: 2) { id in
                    begun.note(id)
                }
            }
            await model.waitForGate(2)
            group.cancelAll()
            await group.waitForAll()
        }
        let id = try #require(begun.id)
        #expect(try await bench.journal.run(id).status == .interrupted)
        #expect(try await EvaluationLog(id, in: bench.journal).read().items.count == 3)
        model.openGate()
        let content = try await bench.runner().resume(id, plan: bench.plan, concurrency: 2)
        #expect(content.items.count == 6)
        #expect(content.items.filter(\.isCorrect).count == 4)
    }
}

internal import StoaCore

extension JournalConformance {
    /// Runs, their leases and their status.
    static let runChecks: [Check] = [
        Check("a run is found as it was created") { journal in
            var run = record(1, owner: ProcessIdentity(process: 7, startTicks: .max, boot: "a boot"))
            run.answer = "42, \"quoted\"\nand ünïcode \u{1F600}"
            run.status = .interrupted
            try await journal.create(run)
            try expect(try await journal.run(run.id), run, "the record")
            try expect(try await journal.lastSequence(in: run.id), 0, "the last number of a new run")
            try expect(try await journal.events(in: run.id, after: 0, limit: 9), [], "the events of a new run")
        },
        Check("every status is kept") { journal in
            for (number, status) in RunStatus.allCases.enumerated() {
                let run = record(number + 1)
                try await journal.create(run)
                try await journal.update(run.id, status: status, answer: nil)
                try expect(try await journal.run(run.id).status, status, "the status")
            }
        },
        Check("runs are listed with the newest first") { journal in
            try expect(try await journal.runs(), [], "the runs of an empty journal")
            for number in [3, 1, 2] { try await journal.create(record(number)) }
            try expect(try await journal.runs(), [3, 2, 1].map { record($0) }, "the runs")
        },
        Check("the id of a run is given once") { journal in
            try await journal.create(record(1))
            try await expect(.duplicate, "a second run with the id") {
                var other = record(1)
                other.playbook = "another"
                try await journal.create(other)
            }
            try expect(try await journal.runs(), [record(1)], "the runs")
        },
        Check("a run that does not exist is an error everywhere") { journal in
            let run = record(1).id
            let owner = ProcessIdentity(process: 1, startTicks: 1, boot: "a boot")
            try await expect(.unknownRun, "run") { _ = try await journal.run(run) }
            try await expect(.unknownRun, "claim") { try await journal.claim(run, owner: owner) }
            try await expect(.unknownRun, "update") { try await journal.update(run, status: .failed, answer: nil) }
            try await expect(.unknownRun, "append") {
                try await journal.append([event(1)], observation: observation, to: run)
            }
            try await expect(.unknownRun, "event") { _ = try await journal.event(key(1), in: run) }
            try await expect(.unknownRun, "events") { _ = try await journal.events(in: run, after: 0, limit: 1) }
            try await expect(.unknownRun, "lastSequence") { _ = try await journal.lastSequence(in: run) }
        },
        Check("an update without an answer leaves the answer") { journal in
            try await journal.create(record(1))
            try await journal.update(record(1).id, status: .completed, answer: "42")
            try await journal.update(record(1).id, status: .failed, answer: nil)
            let run = try await journal.run(record(1).id)
            try expect(run.answer, "42", "the answer")
            try expect(run.status, .failed, "the status")
        },
        Check("the lease of a live process is not taken, that of a dead one is") { journal in
            guard let own = ProcessIdentity.current, let other = ProcessIdentity(running: 1) else {
                throw Failure("this system does not tell which processes are alive")
            }
            var dead = other
            dead.startTicks += 1
            try await journal.create(record(1, owner: dead))
            try await journal.claim(record(1).id, owner: other)
            try expect(try await journal.run(record(1).id).owner, other, "the owner after a dead one")
            try await expect(.owned, "the lease of a live process") {
                try await journal.claim(record(1).id, owner: own)
            }
            try await journal.claim(record(1).id, owner: other)
            try expect(try await journal.run(record(1).id).owner, other, "the owner who claims again")
        },
        Check("a run that is not running has no owner") { journal in
            guard let own = ProcessIdentity.current, let other = ProcessIdentity(running: 1) else {
                throw Failure("this system does not tell which processes are alive")
            }
            try await journal.create(record(1, owner: other))
            try await journal.update(record(1).id, status: .running, answer: nil)
            try expect(try await journal.run(record(1).id).owner, other, "the owner of a running run")
            try await journal.update(record(1).id, status: .interrupted, answer: nil)
            try expect(try await journal.run(record(1).id).owner, nil, "the owner of an interrupted run")
            try await journal.claim(record(1).id, owner: own)
            try expect(try await journal.run(record(1).id).owner, own, "the next owner")
        },
    ]
}

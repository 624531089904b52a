internal import StoaCore

extension JournalConformance {
    /// Forks.
    static let forkChecks: [Check] = [
        Check("a fork has its parent's events up to where it left, and its own behind them") { journal in
            let (parent, fork) = (record(1).id, record(2).id)
            try await journal.create(record(1))
            try await journal.append(events(1...5), observation: observation, to: parent)
            try await journal.create(record(2, parent: RunRecord.Fork(run: parent, sequence: 3)))
            let shared = try await journal.events(in: parent, after: 0, limit: 3)
            try expect(try await journal.events(in: fork, after: 0, limit: .max), shared, "the events of a new fork")
            try expect(try await journal.lastSequence(in: fork), 3, "the last number of a new fork")
            try expect(
                try await journal.append(events(6...7), observation: observation, to: fork), 4, "the first number")
            let found = try await checkedChain(of: fork, in: journal)
            try expect(Array(found.prefix(3)), shared, "the shared events")
            try expect(found.map(\.run), [parent, parent, parent, fork, fork], "who wrote the events")
            try expect(try await checkedChain(of: parent, in: journal).count, 5, "the events of the parent")
            try expect(
                try await journal.events(in: fork, after: 2, limit: 2).map(\.event.key), [key(3), key(6)],
                "a page across the border")
        },
        Check("keys are taken and found across a fork's ancestry, up to where each left") { journal in
            let (parent, fork) = (record(1).id, record(2).id)
            try await journal.create(record(1))
            try await journal.append(events(1...5), observation: observation, to: parent)
            try await journal.create(record(2, parent: RunRecord.Fork(run: parent, sequence: 3)))
            try await expect(.duplicate, "a key that the fork inherits") {
                try await journal.append([event(3)], observation: observation, to: fork)
            }
            try expect(try await journal.event(key(4), in: fork), nil, "the parent's event behind the border")
            try await journal.append([event(4)], observation: observation, to: fork)
            try expect(try await journal.event(key(4), in: fork)?.run, fork, "who wrote the fork's event")
            try expect(try await journal.event(key(4), in: parent)?.run, parent, "who wrote the parent's event")
            try expect(try await journal.event(key(2), in: fork)?.run, parent, "who wrote the inherited event")
            try await journal.append([event(6)], observation: observation, to: parent)
            try expect(try await journal.lastSequence(in: fork), 4, "the fork's last number after the parent went on")
        },
        Check("forks of forks follow their ancestry") { journal in
            // The third leaves at an event of its grandparent, the fourth at one of its own parent, many generations on.
            try await journal.create(record(1))
            try await journal.append(events(1...10), observation: observation, to: record(1).id)
            try await journal.create(record(2, parent: RunRecord.Fork(run: record(1).id, sequence: 6)))
            try await journal.append(events(20...23), observation: observation, to: record(2).id)
            try await journal.create(record(3, parent: RunRecord.Fork(run: record(2).id, sequence: 4)))
            try await journal.append(events(30...31), observation: observation, to: record(3).id)
            try await journal.create(record(4, parent: RunRecord.Fork(run: record(3).id, sequence: 5)))
            try await journal.append([event(5), event(40)], observation: observation, to: record(4).id)
            for number in 5...30 {
                let parent = RunRecord.Fork(run: record(number - 1).id, sequence: number + 2)
                try await journal.create(record(number, parent: parent))
                try await journal.append([event(100 + number)], observation: observation, to: record(number).id)
            }
            let writers = [1, 1, 1, 1, 3, 4, 4, 5, 6, 7, 8]
            for (last, count) in [(1, 10), (2, 10), (3, 6), (4, 7), (30, 33)] {
                let found = try await checkedChain(of: record(last).id, in: journal)
                try expect(found.count, count, "the number of events of run \(last)")
                guard last == 30 else { continue }
                try expect(found.prefix(11).map(\.run), writers.map { record($0).id }, "who wrote the events")
                for event in found {
                    try expect(
                        try await journal.event(event.event.key, in: record(last).id), event, "\(event.event.key)")
                }
            }
            try await expect(.duplicate, "a key of the oldest ancestor") {
                try await journal.append([event(2)], observation: observation, to: record(30).id)
            }
        },
        Check("a fork leaves an event that exists") { journal in
            try await journal.create(record(1))
            try await journal.append(events(1...2), observation: observation, to: record(1).id)
            try await expect(.unknownRun, "a fork of a run that does not exist") {
                try await journal.create(record(2, parent: RunRecord.Fork(run: record(9).id, sequence: 1)))
            }
            for sequence in [-1, 0, 3] {
                try await expect(.unknownEvent, "a fork at event \(sequence) of 2") {
                    try await journal.create(record(2, parent: RunRecord.Fork(run: record(1).id, sequence: sequence)))
                }
            }
            try expect(try await journal.runs(), [record(1)], "the runs")
        },
    ]
}

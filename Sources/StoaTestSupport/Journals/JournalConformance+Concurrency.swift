internal import StoaCore

extension JournalConformance {
    /// Many callers, and callers that are cancelled.
    static let concurrencyChecks: [Check] = [
        Check("appends of many tasks at once all land, each in one piece") { journal in
            for run in 1...3 { try await journal.create(record(run)) }
            try await withThrowingTaskGroup { group in
                for number in 0..<300 {
                    group.addTask {
                        let run = record(1 + number % 3).id
                        let first = try await journal.append(
                            events(number * 10...number * 10 + 2), observation: observation, to: run)
                        let found = try await journal.events(in: run, after: first - 1, limit: 3)
                        let expected = (0...2).map { key(number * 10 + $0) }
                        try expect(found.map(\.event.key), expected, "what an append acknowledged")
                    }
                }
                try await group.waitForAll()
            }
            for run in 1...3 {
                try expect(try await checkedChain(of: record(run).id, in: journal).count, 300, "the events of \(run)")
            }
        },
        Check("one refused append among many takes no other with it") { journal in
            try await journal.create(record(1))
            try await journal.append([event(0)], observation: observation, to: record(1).id)
            let refused = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...200 {
                    group.addTask {
                        let number = number % 5 == 0 ? 0 : number
                        do {
                            try await journal.append([event(number)], observation: observation, to: record(1).id)
                            return 0
                        } catch let error as JournalError where error.code == .duplicate { return 1 }
                    }
                }
                return try await group.reduce(0, +)
            }
            try expect(refused, 40, "the refused appends")
            try expect(try await checkedChain(of: record(1).id, in: journal).count, 161, "the events")
        },
        Check("the calls of a cancelled task are carried out") { journal in
            try await journal.create(record(1))
            await withTaskGroup { group in
                for number in 1...50 {
                    group.addTask {
                        // Cancelled before or while it is under way; it must say what became of it either way.
                        try? await journal.append([event(number)], observation: observation, to: record(1).id)
                    }
                }
                group.cancelAll()
            }
            try expect(try await checkedChain(of: record(1).id, in: journal).count, 50, "the events")
        },
    ]
}

import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// Which groups an update is made of: the acceptance test T9.
@Suite struct GroupFilterTests {
    @Test(arguments: 0...16) func `the recommended band drops none, one, fifteen and sixteen right of sixteen`(
        right: Int
    ) throws {
        let filter = AccuracyBandFilter(lower: 0.1, upper: 0.9)
        let isKept = filter.apply(try Samples.group(right: right, of: 16)) != nil
        #expect(isKept == (2...14).contains(right))
        // Without a band every accuracy is kept.
        #expect(AccuracyBandFilter().apply(try Samples.group(right: right, of: 16)) != nil)
    }

    @Test(arguments: 0...16) func `rewards that are all the same are dropped`(right: Int) throws {
        let isKept = RewardSpreadFilter().apply(try Samples.group(right: right, of: 16)) != nil
        #expect(isKept == (1...15).contains(right))
    }

    @Test func `the spread has a threshold, and a group of one has none`() throws {
        #expect(RewardSpreadFilter().apply(try Samples.group([0.5, 0.5 + 1e-3])) == nil)
        #expect(RewardSpreadFilter().apply(try Samples.group([0.5, 0.5 + 3e-3])) != nil)
        #expect(RewardSpreadFilter().apply(try Samples.group([0.1, 0.1, 0.1])) == nil)
        #expect(RewardSpreadFilter().apply(try Samples.group([1])) == nil)
        #expect(RewardSpreadFilter().apply(try Samples.group([])) == nil)
    }

    @Test func `a group is dropped when all of it was cut, and only then`() throws {
        for finish in FinishReason.allCases {
            let isCut = [.length, .context, .limit].contains(finish)
            let group = try Samples.group([1, 0], finish: finish)
            #expect((AllCappedFilter().apply(group) == nil) == isCut, "\(finish)")
        }
        var group = try Samples.group([1, 0, 1], finish: .length)
        group.rows[1].trajectory.finish = .stop
        #expect(AllCappedFilter().apply(group) == group)
    }

    @Test(arguments: 0...6) func `rows that were cut get no weight, and fewer than four others are too few`(
        cut: Int
    ) throws {
        var group = try Samples.group([1, 0, 1, 0, 1, 0])
        for index in 0..<cut { group.rows[index].trajectory.finish = .length }
        let kept = CappedRowFilter().apply(group)
        #expect((kept != nil) == (cut <= 2))
        guard let kept else { return }
        #expect(kept.rows.map(\.weight) == (0..<6).map { $0 < cut ? 0 : 1 })
        // Their rewards go on counting.
        #expect(kept.rows.allSatisfy { $0.countsInBaseline })
    }

    @Test func `filters apply in order and the first that drops a group is the one that is named`() throws {
        let groups = [
            try Samples.group(right: 0, of: 16, id: "none"), try Samples.group(right: 1, of: 16, id: "hard"),
            try Samples.group(right: 8, of: 16, id: "good"),
            try Samples.group((0..<16).map { $0 < 8 ? 1 : 0 }, id: "cut", finish: .length),
            try Samples.group(right: 1, of: 3, id: "few"), try Samples.group(right: 15, of: 16, id: "easy"),
        ]
        let filtered = FilteredGroups(groups, applying: GroupFilters.standard)
        #expect(filtered.kept.map(\.id) == ["good"])
        #expect(filtered.dropped.map(\.filter) == ["reward_spread", "accuracy_band", "all_capped", "capped_rows"])
        #expect(filtered.dropped.map(\.groups) == [["none"], ["hard", "easy"], ["cut"], ["few"]])
        #expect(FilteredGroups(groups, applying: []).kept == groups)
        #expect(GroupFilters.all.map { $0.name } == GroupFilters.standard.map { type(of: $0).name })
    }

    @Test func `trajectories are grouped by prompt in the order they came, and one without a reward is named`() throws {
        let trajectories = try ["b", "a", "b", "c", "a"].enumerated().map {
            try Samples.trajectory("\($0)", group: $1, reward: Double($0))
        }
        let groups = try TrajectoryGroup.groups(of: trajectories)
        #expect(groups.map(\.id) == ["b", "a", "c"])
        #expect(groups.map { $0.rows.map(\.trajectory.id) } == [["0", "2"], ["1", "4"], ["3"]])
        #expect(groups.map(\.rewards) == [[0, 2], [1, 4], [3]])
        for reward in [nil, Double.nan, .infinity] {
            let error = #expect(throws: LearningError.self) {
                try TrajectoryGroup.groups(of: [try Samples.trajectory("lonely", reward: reward)])
            }
            #expect(error?.message == "trajectory lonely: expected a reward, found none")
        }
    }
}

/// How a batch is made full.
@Suite struct GroupRefillTests {
    static func groups(_ count: Int) throws -> [TrajectoryGroup] {
        try (0..<count).map { try Samples.group(right: 1, of: 2, id: "g\($0)") }
    }

    @Test(arguments: 1...12) func `a batch is full, whatever is left, and the same every time`(left: Int) throws {
        let groups = try Self.groups(left)
        let stream = RandomStream(seed: 5).child("refill")
        let refill = GroupRefill(count: 6)
        let batch = refill.batch(of: groups, stream: stream)
        #expect(batch.count == 6)
        #expect(batch == refill.batch(of: groups, stream: stream))
        #expect(Set(batch.map(\.id)).count == 6)
        let names = batch.map { String($0.id.prefix { $0 != "#" }) }
        if left >= 6 {
            // A subset, in its order.
            #expect(names == groups.map(\.id).filter(names.contains))
        } else {
            #expect(Array(names.prefix(left)) == groups.map(\.id))
            let counts = Dictionary(grouping: names) { $0 }.mapValues(\.count)
            #expect(counts.values.allSatisfy { (6 / left...(6 + left - 1) / left).contains($0) })
            for (name, group) in zip(names, batch) {
                #expect(group.rows == groups.first { $0.id == name }?.rows)
            }
        }
        let smaller = GroupRefill(count: 6, shortage: .shrink).batch(of: groups, stream: stream)
        #expect(smaller.count == min(6, left))
    }

    @Test func `copies are numbered, and seeds choose differently`() throws {
        let batch = GroupRefill(count: 5).batch(of: try Self.groups(2), stream: RandomStream(seed: 1))
        #expect(Set(batch.map(\.id)).isSuperset(of: ["g0", "g1", "g0#1", "g1#1"]))
        #expect(batch.last?.id.hasSuffix("#2") == true)
        let many = try Self.groups(12)
        let choices = Set(
            (0..<20).map { seed in
                GroupRefill(count: 4).batch(of: many, stream: RandomStream(seed: UInt64(seed))).map(\.id).joined()
            })
        #expect(choices.count > 15)
        #expect(GroupRefill(count: 4).batch(of: [], stream: RandomStream(seed: 1)).isEmpty)
    }

    @Test func `every group is chosen about as often as any other`() throws {
        let groups = try Self.groups(8)
        var counts: [String: Int] = [:]
        for seed in 0..<800 {
            for group in GroupRefill(count: 2).batch(of: groups, stream: RandomStream(seed: UInt64(seed))) {
                counts[group.id, default: 0] += 1
            }
        }
        // 200 expected of each; the standard deviation is 12.2, and five of them are allowed.
        #expect(counts.count == 8)
        #expect(counts.values.allSatisfy { abs($0 - 200) < 62 })
    }
}

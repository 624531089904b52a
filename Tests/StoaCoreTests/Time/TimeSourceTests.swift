import StoaCore
import Testing

@Suite struct TimeSourceTests {
    @Test func `manual time stands still and moves when told`() {
        let time = ManualTimeSource(now: .seconds(2), wallTime: WallTime(nanosecondsSinceEpoch: 5))
        #expect(time.now == .seconds(2))
        #expect(time.now == .seconds(2))
        time.advance(by: .milliseconds(1500))
        #expect(time.now == .milliseconds(3500))
        #expect(time.wallTime.nanosecondsSinceEpoch == 1_500_000_005)
    }

    @Test func `measuring takes the difference of two readings`() {
        let time = ManualTimeSource()
        let (result, elapsed) = time.measure {
            time.advance(by: .nanoseconds(7))
            return "done"
        }
        #expect(result == "done")
        #expect(elapsed == .nanoseconds(7))
    }

    @Test func `system time never runs backwards and starts at zero`() {
        let time = SystemTimeSource()
        var last = Duration.zero
        for _ in 0..<1000 {
            let now = time.now
            #expect(now >= last)
            last = now
        }
        #expect(last < .seconds(60))
        #expect(time.wallTime > WallTime(nanosecondsSinceEpoch: 1_700_000_000_000_000_000))
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999_999_999, "2000-02-29T23:59:59.999Z"),
            (1_772_366_400_123_000_000, "2026-03-01T12:00:00.123Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
            (Int64.max, "2262-04-11T23:47:16.854Z"), (Int64.min, "1677-09-21T00:12:43.145Z"),
        ] as [(Int64, String)])
    func `wall time is written in RFC 3339`(_ nanoseconds: Int64, _ text: String) {
        #expect(WallTime(nanosecondsSinceEpoch: nanoseconds).description == text)
    }
}

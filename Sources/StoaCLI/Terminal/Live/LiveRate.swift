/// How many things a second happened lately, over a sliding window.
struct LiveRate: Sendable {
    private static let window = Duration.seconds(2)
    private static let slice = Duration.milliseconds(200)
    private var slices: [(start: Duration, count: Int)] = []
    private var first: Duration?

    /// Takes note of things that happened.
    mutating func add(_ count: Int, at now: Duration) {
        guard count > 0 else { return }
        first = first ?? now
        if let last = slices.last, now - last.start < Self.slice {
            slices[slices.count - 1].count += count
        } else {
            slices.append((now, count))
            slices.removeAll { now - $0.start > Self.window }
        }
    }

    /// The rate; nil where nothing happened lately.
    func perSecond(at now: Duration) -> Double? {
        guard let first else { return nil }
        let recent = slices.filter { now - $0.start <= Self.window }.reduce(0) { $0 + $1.count }
        let span = min(max(now - first, .milliseconds(500)), Self.window)
        return recent == 0 ? nil : Double(recent) / (span / .seconds(1))
    }
}

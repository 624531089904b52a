/// Groups in the parts of a step that fit the memory: whole groups, in order, as many as there is room for.
struct MicroBatches {
    /// Indices of groups.
    let parts: [[Int]]

    /// Splits groups.
    ///
    /// - Parameters:
    ///   - groups: the groups of a step.
    ///   - rows: tokens of a part; a group that has more is a part of its own.
    init(_ groups: [TrainingGroup], rows: Int) {
        var parts: [[Int]] = []
        var room = 0
        for (index, group) in groups.enumerated() {
            if parts.isEmpty || group.rows > room {
                parts.append([])
                room = rows
            }
            parts[parts.count - 1].append(index)
            room -= group.rows
        }
        self.parts = parts
    }
}

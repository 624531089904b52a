extension TemplateDate {
    /// The date of a point in time, in UTC.
    ///
    /// - Parameter time: the point in time.
    public init(_ time: WallTime) {
        let numbers = time.description.split { !$0.isNumber }.compactMap { Int($0) }
        self.init(
            year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4],
            second: numbers[5])
    }
}

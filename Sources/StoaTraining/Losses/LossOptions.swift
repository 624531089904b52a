internal import OrderedCollections
internal import StoaCore

/// What a request tells its loss, checked.
package struct LossOptions {
    private let values: JSONValue.Members
    private let loss: String

    init(_ values: JSONValue.Members, of loss: String) {
        self.values = values
        self.loss = loss
    }

    /// Refuses options that the loss does not have.
    func allow(_ names: String...) throws(TrainingError) {
        guard let unknown = values.keys.first(where: { !names.contains($0) }) else { return }
        throw TrainingError(
            .invalidConfiguration, kind: .usage, "training loss \(loss): it has no option \"\(unknown)\"",
            hint: "its options are \(names.joined(separator: ", "))")
    }

    /// A number.
    func number(
        _ name: String, default fallback: Double, expected: String, _ isValid: (Double) -> Bool
    ) throws(TrainingError) -> Double {
        guard let value = values[name] else { return fallback }
        guard let number = value.doubleValue, number.isFinite, isValid(number) else {
            throw error(name, expected: expected, found: value)
        }
        return number
    }

    /// One of some words.
    func word<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default fallback: Choice
    ) throws(TrainingError) -> Choice where Choice.RawValue == String {
        guard let value = values[name] else { return fallback }
        guard let choice = value.stringValue.flatMap(Choice.init(rawValue:)) else {
            throw error(name, expected: Choice.allCases.map(\.rawValue).joined(separator: ", "), found: value)
        }
        return choice
    }

    private func error(_ name: String, expected: String, found: JSONValue) -> TrainingError {
        TrainingError(
            .invalidConfiguration, kind: .usage,
            "training loss \(loss): \(name): expected \(expected), found \(found.text)")
    }
}

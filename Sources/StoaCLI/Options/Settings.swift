internal import ArgumentParser
internal import StoaRuntime

/// Where a value comes from when no flag gives it: the environment, then files, then the default.
///
/// The variable's name is derived from the flag's: `--max-tokens` is `STOA_MAX_TOKENS`.
struct Settings: Sendable {
    /// One source of settings, strongest first in `layers`.
    struct Layer: Sendable {
        /// Names the source and the key in messages.
        let place: @Sendable (_ name: String) -> String
        /// The text for a setting, or nil.
        let value: @Sendable (_ name: String) -> String?
    }

    let layers: [Layer]

    init(environment: ProcessEnvironment, files: [Layer] = []) {
        let variables = Layer(place: Self.variable) { name in
            // An empty variable is an unset one.
            environment[Self.variable(name)].flatMap { $0.isEmpty ? nil : $0 }
        }
        layers = [variables] + files
    }

    /// The environment variable for a flag: `max-tokens` gives `STOA_MAX_TOKENS`.
    static func variable(_ name: String) -> String {
        "STOA_" + name.uppercased().replacing("-", with: "_")
    }

    /// Decides a setting: the flag if given, else the strongest layer that has it, else the default.
    ///
    /// - Parameters:
    ///   - flag: what the command line said.
    ///   - name: the flag's name without dashes.
    ///   - fallback: the default.
    /// - Returns: the value.
    /// - Throws: `CLIError` naming the variable or the file when its text cannot be read.
    func resolve<Value: ExpressibleByArgument>(_ flag: Value?, _ name: String, default fallback: Value) throws -> Value
    {
        try resolve(flag, name) ?? fallback
    }

    /// As `resolve(_:_:default:)`, nil where nothing decides.
    func resolve<Value: ExpressibleByArgument>(_ flag: Value?, _ name: String) throws -> Value? {
        if let flag { return flag }
        for layer in layers {
            if let value: Value = try Self.value(name, in: layer) { return value }
        }
        return nil
    }

    /// Every value of a setting for which all sources count, not the strongest alone.
    ///
    /// - Parameters:
    ///   - name: the flag's name without dashes.
    ///   - type: the type of the values.
    /// - Returns: the values, that of the strongest source first.
    /// - Throws: `CLIError` as `resolve(_:_:default:)`.
    func all<Value: ExpressibleByArgument>(_ name: String, as type: Value.Type) throws -> [Value] {
        try layers.compactMap { try Self.value(name, in: $0) }
    }

    private static func value<Value: ExpressibleByArgument>(_ name: String, in layer: Layer) throws -> Value? {
        guard let text = layer.value(name) else { return nil }
        guard let value = Value(argument: text) else {
            let expected =
                Value.allValueStrings.isEmpty
                ? words(for: Value.self) : "one of \(Value.allValueStrings.joined(separator: ", "))"
            throw CLIError.invalidSetting(layer.place(name), value: text, expected: expected)
        }
        return value
    }

    /// Decides a flag without a value: on where the command line has it, else as the strongest layer says.
    ///
    /// - Parameters:
    ///   - flag: whether the command line has it.
    ///   - name: the flag's name without dashes.
    /// - Returns: whether it is on; off where nothing decides.
    /// - Throws: `CLIError` as `resolve(_:_:default:)`.
    func isOn(_ flag: Bool, _ name: String) throws -> Bool {
        try flag || resolve(Switch?.none, name, default: .off) == .on
    }

    private enum Switch: CaseIterable, ExpressibleByArgument {
        case on, off

        static let allValueStrings = ["true", "false"]

        init?(argument: String) {
            switch argument.lowercased() {
            case "1", "true", "yes", "on": self = .on
            case "0", "false", "no", "off": self = .off
            default: return nil
            }
        }
    }

    /// What a value of a type is called.
    private static func words(for type: Any.Type) -> String {
        switch type {
        case is UInt64.Type: "a whole number, 0 or more"
        case is Int.Type: "a whole number"
        case is ApprovalPolicy.Type: "patterns of tools' names, each with auto, ask or deny"
        case is Float.Type, is Double.Type: "a number"
        default: "a value of type \(type)"
        }
    }
}

internal import Glibc
internal import Subprocess

/// Short programs, run to their end.
enum Programs {
    /// What a program said.
    struct Answer: Sendable {
        let succeeded: Bool
        let output: String
        let error: String

        /// The line that says most: the last that is not empty.
        var lastLine: String {
            let lines = (error + "\n" + output).split(separator: "\n")
            return lines.last { !$0.allSatisfy(\.isWhitespace) }.map(String.init) ?? "no reason given"
        }
    }

    /// Runs a program by path.
    ///
    /// - Parameters:
    ///   - path: the program.
    ///   - arguments: its arguments.
    ///   - environment: its whole environment.
    /// - Returns: what it said; nil where it cannot be started.
    static func run(_ path: String, _ arguments: [String], _ environment: [String: String] = [:]) async -> Answer? {
        let variables = environment.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)".utf8) + [0] }
        let result = try? await Subprocess.run(
            .path(literal(path)), arguments: Arguments(arguments), environment: .custom(variables),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard let result else { return nil }
        return Answer(
            succeeded: result.terminationStatus.isSuccess, output: result.standardOutput, error: result.standardError)
    }

    /// The bytes that a program prints.
    ///
    /// - Parameters:
    ///   - path: the program.
    ///   - arguments: its arguments.
    /// - Returns: its standard output; nil where it cannot be started or fails.
    static func bytes(_ path: String, _ arguments: [String]) async -> [UInt8]? {
        let result = try? await Subprocess.run(
            .path(literal(path)), arguments: Arguments(arguments), environment: .custom([[UInt8]]()),
            output: .bytes(limit: 1 << 20), error: .discarded)
        guard let result, result.terminationStatus.isSuccess else { return nil }
        return result.standardOutput
    }

    /// Finds a program in the folders of a `PATH`.
    ///
    /// - Parameters:
    ///   - name: the program's name; a path is taken as it is.
    ///   - path: the folders, separated by colons.
    /// - Returns: its path; nil where there is none that may be executed.
    static func find(_ name: String, in path: String) -> String? {
        let candidates =
            name.contains("/") ? [name] : path.split(separator: ":").map { "\($0)/\(name)" }
        return candidates.first { isFile($0) && access($0, X_OK) == 0 }
    }

    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// A value of a type that is written as a string literal: the way to name a path for `Subprocess` without its path type.
func literal<Value: ExpressibleByStringLiteral>(_ text: String) -> Value where Value.StringLiteralType == String {
    Value(stringLiteral: text)
}

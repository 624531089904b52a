internal import Foundation

/// Real weights on this machine: in the folder that `STOA_TEST_MODELS` names, else where `stoa model pull` puts them.
///
/// Where there are none, tests of real weights are skipped, except where `CI` is `true`: there they fail.
package enum RealModels {
    /// Why a test of real weights failed before it began.
    package struct Missing: Error, CustomStringConvertible {
        let name: String

        package var description: String {
            "\(name) is not here: `stoa model pull` fetches it, or STOA_TEST_MODELS names the folder that holds it"
        }
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Whether tests of real weights run.
    package static var areExpected: Bool {
        environment("STOA_TEST_MODELS") != nil || environment("CI") == "true"
            || find("SmolLM2-135M-Instruct.Q4_1.gguf") != nil
    }

    /// The path of a model file.
    package static func path(_ name: String) throws -> String {
        guard let path = find(name) else { throw Missing(name: name) }
        return path
    }

    private static func find(_ name: String) -> String? {
        let files = FileManager.default
        if let folder = environment("STOA_TEST_MODELS") {
            return files.fileExists(atPath: "\(folder)/\(name)") ? "\(folder)/\(name)" : nil
        }
        guard let models = storeFolder, let folders = try? files.contentsOfDirectory(atPath: models) else { return nil }
        return folders.map { "\(models)/\($0)/\(name)" }.first { files.fileExists(atPath: $0) }
    }

    /// The folder of pulled models: the rule of `StoreLocation`.
    private static var storeFolder: String? {
        if let root = environment("STOA_CACHE"), !root.isEmpty { return "\(root)/models" }
        if let caches = environment("XDG_CACHE_HOME"), caches.hasPrefix("/") { return "\(caches)/stoa/models" }
        return environment("HOME").map { "\($0)/.cache/stoa/models" }
    }
}

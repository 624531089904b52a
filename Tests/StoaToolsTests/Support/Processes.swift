import Foundation

/// What runs on the host, seen from outside of every sandbox.
enum Processes {
    /// How many processes of the machine hold a mark in their command line.
    static func marked(_ mark: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.count { name in
            guard Int(name) != nil,
                let line = try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .isoLatin1)
            else { return false }
            return line.contains(mark)
        }
    }

    /// How many launchers, each of one sandbox, hold a mark.
    static func sandboxes(_ mark: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.count { name in
            guard Int(name) != nil,
                let line = try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .isoLatin1)
            else { return false }
            return line.contains(mark) && line.contains("stoa-sandbox-init\0launch")
        }
    }
}

import Foundation

/// What runs on the host, seen from outside of every sandbox.
enum HostProcesses {
    /// Those anywhere on the machine that hold a mark in their command line, which is given with them.
    static func marked(_ mark: String) -> [Int32: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var found: [Int32: String] = [:]
        for name in names {
            guard let id = Int32(name),
                let line = try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .isoLatin1),
                line.contains(mark)
            else { continue }
            found[id] = line
        }
        return found
    }

    /// Descriptors that this process has open.
    static var openDescriptors: Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
    }

    /// Memory that this process has resident, in KiB.
    static var residentKilobytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
}

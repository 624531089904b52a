import Foundation
import StoaHub
import Synchronization

/// A store in a temporary folder of its own, removed with the value.
final class TestStore: Sendable {
    let root: String
    let clock = RecordingClock()
    private let steps = Mutex<[PullProgress]>([])

    init() throws {
        root = NSTemporaryDirectory() + "stoa-hub-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// What the store reported, in order.
    var reported: [PullProgress] { steps.withLock { $0 } }
    var observer: PullObserver { { step in self.steps.withLock { $0.append(step) } } }

    /// A store for addresses on a test server.
    func hub(_ base: String, token: String? = nil) -> ModelStore {
        var environment = ["STOA_HF_BASE": base]
        environment["HF_TOKEN"] = token
        return ModelStore(location: StoreLocation(root: root), environment: environment, clock: clock)
    }

    /// A store whose packages come from a folder of wheels, through the real pip.
    func packages(_ entries: [CatalogueEntry], wheels: String) -> ModelStore {
        var environment = ProcessInfo.processInfo.environment
        environment["PIP_NO_INDEX"] = "1"
        environment["PIP_FIND_LINKS"] = wheels
        return ModelStore(
            location: StoreLocation(root: root), environment: environment, catalogue: ModelCatalogue(entries: entries),
            clock: ContinuousClock())
    }

    func path(_ relative: String) -> String { "\(root)/\(relative)" }

    func bytes(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map { Array($0) } }

    /// Every file below the root, by its path from there; locks are left out.
    var files: [String] {
        let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return paths.filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: self.path(path), isDirectory: &isFolder)
            return !isFolder.boolValue && !path.contains(".locks")
        }
        .sorted()
    }
}

/// Bytes that differ from place to place, so that a part in the wrong place is noticed.
func sampleBytes(_ count: Int, seed: UInt8 = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ ($0 >> 8)) &+ seed }
}

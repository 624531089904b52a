import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Latents that are written out while memory is short.
@Suite struct SpillTests {
    private static func engine(
        quota: Int?, below folder: TemporaryFolder?, kvMemory: Int? = nil
    ) async throws -> EngineModel {
        let chat = try TinyChat()
        let loaded = try await chat.engine { if let kvMemory { $0.kvMemory = kvMemory } }
        let model = EngineModel(
            loaded.model, name: "tiny", time: ManualTimeSource(), latentMemory: quota, spillFolder: folder?.path)
        try await model.prepare()
        withExtendedLifetime(chat) {}
        return model
    }

    private static func files(_ folder: String?) throws -> [String] {
        try folder.map { try FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
    }

    @Test func `many latents stay within the quota and come back bit for bit`() async throws {
        let folder = try TemporaryFolder()
        let plain = try await Self.engine(quota: nil, below: nil)
        let size = try await plain.think(.ask("thought 00"), steps: 6).latent.byteCount
        let quota = 3 * size + size / 2
        let model = try await Self.engine(quota: quota, below: folder)
        var latents: [LatentHandle] = []
        for index in 0..<40 {
            let request = ModelRequest.ask("thought \(index / 10)\(index % 10)")
            let latent = try await model.think(request, steps: 6).latent
            #expect(latent == (try await plain.think(request, steps: 6).latent))
            latents.append(latent)
            let figures = await model.latentFigures
            #expect(figures.count == index + 1)
            #expect(figures.residentBytes <= quota)
            #expect(figures.spilled == max(0, index - 2))
        }
        #expect(try Self.files(model.spillFolder).count == 37)
        for (index, latent) in latents.enumerated().reversed() {
            let request = ModelRequest.ask("say", context: [latent, latents[(index * 7 + 3) % 40]], seed: 5)
            #expect(try await model.complete(request).logical == (try await plain.complete(request).logical))
            #expect(await model.latentFigures.residentBytes <= quota)
            #expect(SHA256Digest(hashing: try await model.bytes(of: latent)) == latent.digest)
        }
        #expect(try Self.files(model.spillFolder).count == (await model.latentFigures.spilled))
        for latent in latents { await model.release(latent) }
        #expect(await model.latentFigures == (0, 0, 0))
        #expect(await model.model.usedMemory == 0)
        #expect(try Self.files(model.spillFolder) == [])
    }

    @Test func `the least recently used go first`() async throws {
        let folder = try TemporaryFolder()
        let model = try await Self.engine(quota: 1 << 30, below: folder)
        let first = try await model.think(.ask("one"), steps: 2).latent
        let second = try await model.think(.ask("two"), steps: 2).latent
        let small = try await Self.engine(quota: first.byteCount * 2, below: folder)
        for latent in [first, second] { _ = try await small.restore(model.bytes(of: latent)) }
        _ = try await small.complete(.ask("say", context: [first]))
        _ = try await small.think(.ask("six"), steps: 2)
        #expect(try Self.files(small.spillFolder) == ["\(second.digest).kv"])
    }

    @Test func `files are private, and go with the engine`() async throws {
        let folder = try TemporaryFolder()
        var model: EngineModel? = try await Self.engine(quota: 0, below: folder)
        let latent = try #require(try await model?.think(.ask("think"), steps: 3).latent)
        // Made while it was in use; written out by whatever comes next.
        #expect(try await model?.bytes(of: latent).isEmpty == false)
        let spill = try #require(model?.spillFolder)
        #expect(spill.hasPrefix("\(folder.path)/stoa-latents-"))
        let path = "\(spill)/\(latent.digest).kv"
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(spill) == 0o700)
        #expect(try mode(path) == 0o600)
        #expect(SHA256Digest(hashing: try Data(contentsOf: URL(filePath: path))) == latent.digest)
        model = nil
        #expect(try Self.files(folder.path) == [])
    }

    @Test(arguments: ["flipped", "cut", "gone", "longer"])
    func `a damaged file is never used`(_ damage: String) async throws {
        let folder = try TemporaryFolder()
        let model = try await Self.engine(quota: 0, below: folder)
        let latent = try await model.think(.ask("think"), steps: 3).latent
        _ = try await model.bytes(of: latent)
        let path = "\(try #require(model.spillFolder))/\(latent.digest).kv"
        let url = URL(filePath: path)
        let good = try Data(contentsOf: url)
        var bad = good
        switch damage {
        case "flipped": bad[bad.count - 100] ^= 4
        case "cut": bad.removeLast()
        case "longer": bad.append(0)
        default: break
        }
        try bad.write(to: url)
        if damage == "gone" { try FileManager.default.removeItem(at: url) }
        for _ in 0..<2 {
            let error = await #expect(throws: ModelError.self) {
                try await model.complete(.ask("say", context: [latent]))
            }
            #expect(error?.code == .cacheFormat)
            #expect(error?.message.contains(latent.digest.description.prefix(16)) == true)
            #expect(error?.message.contains(path) == true)
        }
        // Made or brought back again, it is what it was; and the engine is none the worse.
        #expect(try await model.restore(Array(good)).digest == latent.digest)
        let plain = try await Self.engine(quota: nil, below: nil)
        _ = try await plain.think(.ask("think"), steps: 3)
        let question = ModelRequest.ask("say", context: [latent])
        #expect(try await model.complete(question).logical == (try await plain.complete(question).logical))
    }

    @Test func `a folder that can't be written keeps latents in memory`() async throws {
        let folder = try TemporaryFolder()
        // Nobody, root included, can make a folder below a file.
        let file = "\(folder.path)/file"
        try Data().write(to: URL(filePath: file))
        let chat = try await TinyChat().engine()
        let model = EngineModel(chat.model, name: "tiny", latentMemory: 0, spillFolder: "\(file)/absent")
        let cache = try await model.model.prefill(sampleTokens(9, seed: 1, vocabulary: 96).inputs)
        let latent = try await model.restore(cache.serialised())
        #expect(try await model.bytes(of: latent) == cache.serialised())
        #expect(await model.latentFigures.spilled == 0)
    }

    @Test func `what dead processes left goes, what living ones have and others left stays`() async throws {
        let folder = try TemporaryFolder()
        let child = Process()
        child.executableURL = URL(filePath: "/bin/true")
        try child.run()
        child.waitUntilExit()
        func leave(_ name: String) throws {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
            try Data([1]).write(to: URL(filePath: "\(folder.path)/\(name)/\(SHA256Digest(hashing: [])).kv"))
        }
        let dead = "stoa-latents-\(child.processIdentifier)-abc"
        let others = ["stoa-latents-\(ProcessInfo.processInfo.processIdentifier)-abc", "stoa-latents-x-abc", "else"]
        for name in [dead] + others { try leave(name) }
        let model = try await Self.engine(quota: 0, below: folder)
        let latent = try await model.think(.ask("think"), steps: 3).latent
        _ = try await model.bytes(of: latent)
        let own = try #require(model.spillFolder.map { URL(filePath: $0).lastPathComponent })
        #expect(Set(try Self.files(folder.path)) == Set(others + [own]))
        for name in others { #expect(try Self.files("\(folder.path)/\(name)").count == 1) }
    }

    @Test func `merging and choosing work with latents that were written out`() async throws {
        let folder = try TemporaryFolder()
        let model = try await Self.engine(quota: 0, below: folder)
        let plain = try await RecallScene(try await Self.engine(quota: nil, below: nil))
        let scene = try await RecallScene(model)
        #expect(scene.thinker == plain.thinker)
        #expect(scene.speaker == plain.speaker)
        for recall in [
            LatentRecall(), LatentRecall(rows: .latents),
            LatentRecall(rows: .own, pruning: LatentPruning(score: .attention, fraction: 0.5)),
        ] {
            for onBase in [false, true] {
                let found = try await model.complete(scene.question(onBase: onBase, recall)).logical
                #expect(found == (try await plain.model.complete(plain.question(onBase: onBase, recall)).logical))
                #expect(await model.latentFigures.residentBytes == 0)
            }
        }
        let merged = try await model.merge(base: scene.base, branches: [scene.thinker, scene.speaker])
        #expect(
            merged.digest
                == (try await plain.model.merge(base: plain.base, branches: [plain.thinker, plain.speaker]).digest))
    }

    @Test func `more latents than memory holds are no failure`() async throws {
        let folder = try TemporaryFolder()
        let size = try await Self.engine(quota: nil, below: nil).think(.ask("thought 00"), steps: 30).latent.byteCount
        // Room for four latents, of which the quota would let all stay.
        let memory = 5 * size
        let model = try await Self.engine(quota: memory, below: folder, kvMemory: memory)
        let plain = try await Self.engine(quota: nil, below: nil, kvMemory: memory)
        var failure: ModelError?
        for index in 0..<20 {
            let request = ModelRequest.ask("thought \(index / 10)\(index % 10)")
            _ = try await model.think(request, steps: 30)
            do { _ = try await plain.think(request, steps: 30) } catch let error as ModelError { failure = error }
        }
        #expect(failure?.code == .cacheFull)
        #expect(await model.latentFigures.count == 20)
        #expect(await model.latentFigures.spilled > 10)
    }
}

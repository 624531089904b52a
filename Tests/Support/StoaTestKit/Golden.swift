internal import Foundation

/// The path of a recorded file or folder under `Tests/Goldens`.
package func goldenPath(_ name: String) -> String {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    return "\(folder.path)/Goldens/\(name)"
}

/// The bytes of a recorded file under `Tests/Goldens`.
package func golden(_ name: String) throws -> [UInt8] { try fileBytes(goldenPath(name)) }

/// The bytes of a file.
package func fileBytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

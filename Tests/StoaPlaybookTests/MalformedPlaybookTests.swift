import Foundation
import StoaPlaybook
import StoaTestKit
import Testing

@Suite struct MalformedPlaybookTests {
    static let folder = goldenPath("playbooks/malformed")

    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    @Test func `there are dozens of malformed files`() {
        #expect(Self.names.count > 30)
    }

    @Test(arguments: names)
    func `every problem of a malformed file is reported with its place, in these words`(name: String) throws {
        let problems = try Playbooks.loader(in: Self.folder).validate("\(name).yaml")
        let text = problems.map { "\($0)\n".replacingOccurrences(of: "\(Self.folder)/", with: "") }.joined()
        let path = "\(Self.folder)/\(name).txt"
        if Playbooks.isRecording {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        } else {
            #expect(try text == String(decoding: fileBytes(path), as: UTF8.self))
        }
    }
}

import Foundation
import Testing

@testable import StoaCore

struct ProcessIdentityTests {
    @Test
    func `this process is alive, and what differs in one part is not`() throws {
        let own = try #require(ProcessIdentity.current as ProcessIdentity?)
        #expect(own.process == Int(getpid()))
        #expect(own.isAlive)
        #expect(own.boot.count == 36)
        var other = own
        other.startTicks += 1
        #expect(!other.isAlive)
        other = own
        other.boot = "00000000-0000-0000-0000-000000000000"
        #expect(!other.isAlive)
        other = own
        other.process = 1 << 23
        #expect(!other.isAlive)
        #expect(ProcessIdentity(running: 1 << 23) == nil)
    }

    @Test(arguments: ["", "12 (cat", "12 (cat) S 1 2", "12 (cat) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x 20"])
    func `a line of another form is none`(line: String) {
        #expect(ProcessStat(line: line) == nil)
    }

    @Test
    func `the system's names differ`() {
        let source = SystemIdentifierSource()
        let names = (0..<1000).map { _ in source.makeRunID() }
        #expect(Set(names).count == 1000)
        #expect(names.allSatisfy { $0.rawValue.count == 12 })
    }
}

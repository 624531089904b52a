import Foundation
import GRDB
import StoaCore
import Testing

/// What an enemy with access to the file does to a journal.
enum Tampering {
    private static func write(_ path: String, _ body: (Database) throws -> Void) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        try DatabaseQueue(path: path, configuration: configuration).write { db in
            // The journal refuses changes; an enemy takes that away first.
            for trigger in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'") {
                try db.execute(sql: "DROP TRIGGER \(trigger)")
            }
            try body(db)
        }
    }

    static func flipBit(ofBlob digest: String, in path: String) throws {
        try write(path) { db in
            let key = Data(try #require(SHA256Digest(hexadecimal: digest)).bytes)
            var bytes = try #require(
                try Data.fetchOne(db, sql: "SELECT bytes FROM blob WHERE sha256 = ?", arguments: [key]))
            let last = try #require(bytes.indices.dropLast(3).last)
            bytes[last] ^= 1
            try db.execute(sql: "UPDATE blob SET bytes = ? WHERE sha256 = ?", arguments: [bytes, key])
            #expect(db.changesCount == 1)
        }
    }

    static func change(_ text: String, to other: String, inEvent sequence: Int, of path: String) throws {
        try write(path) { db in
            try db.execute(
                sql: "UPDATE event SET payload = replace(payload, ?, ?) WHERE seq = ?",
                arguments: [text, other, sequence])
            #expect(db.changesCount == 1)
        }
    }
}

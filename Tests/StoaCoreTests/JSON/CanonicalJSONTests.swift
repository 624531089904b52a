import Foundation
import StoaCore
import StoaTestKit
import Testing

@Suite struct CanonicalJSONTests {
    static func rows(_ name: String) throws -> [[String]] {
        try JSONDecoder().decode([[String]].self, from: Data(golden("json/\(name)")))
    }

    @Test func `numbers are written as ECMAScript writes them`() throws {
        let rows = try Self.rows("numbers.json")
        #expect(rows.count > 3000)
        for row in rows {
            let bits = try #require(UInt64(row[0], radix: 16))
            let value = JSONValue.number(Double(bitPattern: bits))
            #expect(value.canonicalText == row[1])
            #expect(value.text == row[1])
            // What is written reads back as the same number; zero has no sign.
            #expect(try JSONParser.parse(row[1]).doubleValue == Double(bitPattern: bits))
        }
    }

    // RFC 8785, appendix B.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"), (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"), (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"), (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"), (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"), (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"), (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5557, "333333333.33333343"), (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func `numbers of the standard's own list`(_ bits: UInt64, _ text: String) {
        #expect(JSONValue.number(Double(bitPattern: bits)).canonicalText == text)
    }

    @Test func `documents are written as ECMAScript writes them, keys sorted by code units`() throws {
        let rows = try Self.rows("documents.json")
        #expect(rows.count == 200)
        for row in rows {
            let value = try JSONParser.parse(row[0])
            #expect(value.canonicalText == row[1])
            #expect(try JSONParser.parse(value.text) == value)
        }
    }

    @Test(arguments: [Int64.max, .min, 9_007_199_254_740_993, -1, 0])
    func `integers keep all their digits`(_ value: Int64) throws {
        #expect(JSONValue.integer(value).canonicalText == String(value))
        #expect(try JSONParser.parse(String(value)) == .integer(value))
    }

    @Test(arguments: ["9223372036854775808", "-9223372036854775809", "1000000000000000000000"])
    func `integers beyond 64 bits become doubles`(_ text: String) throws {
        #expect(try JSONParser.parse(text) == .number(try #require(Double(text))))
    }

    @Test func `numbers that are not finite become null`() {
        #expect(JSONValue.array([.number(.nan), .number(.infinity)]).canonicalText == "[null,null]")
    }
}

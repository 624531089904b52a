import Foundation
import StoaCore
import Testing

@Suite struct TokenIDTests {
    @Test func `an id is coded as a bare number`() throws {
        let ids: [TokenID] = [0, 7, 49151]
        #expect(String(decoding: try JSONEncoder().encode(ids), as: UTF8.self) == "[0,7,49151]")
        #expect(try JSONDecoder().decode([TokenID].self, from: Data("[0,7,49151]".utf8)) == ids)
    }

    @Test func `ids are ordered by number`() {
        #expect(([9, 3, 5] as [TokenID]).sorted() == [3, 5, 9])
    }
}

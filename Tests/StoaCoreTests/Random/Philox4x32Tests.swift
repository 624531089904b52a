import StoaCore
import Testing

@Suite struct Philox4x32Tests {
    // The known answers of the Random123 distribution (kat_vectors), 10 rounds: counter, key, block.
    static let knownAnswers: [[UInt32]] = [
        [0, 0, 0, 0, 0, 0, 0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
        [
            0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0x408f_276d, 0x41c8_3b0e,
            0xa20b_c7c6, 0x6d54_51fd,
        ],
        [
            0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344, 0xa409_3822, 0x299f_31d0, 0xd16c_fe09, 0x94fd_cceb,
            0x5001_e420, 0x2412_6ea1,
        ],
    ]

    @Test(arguments: knownAnswers)
    func `blocks equal the published known answers`(_ row: [UInt32]) {
        let block = Philox4x32.block(counter: (row[0], row[1], row[2], row[3]), key: (row[4], row[5]))
        #expect([block.0, block.1, block.2, block.3] == Array(row[6...]))
    }
}

import StoaCore
import Testing

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `digests equal the published vectors`(_ text: String, _ digest: String) {
        #expect(SHA256Digest(hashing: text.utf8).description == digest)
        #expect(SHA256Digest(hexadecimal: digest) == SHA256Digest(hashing: text.utf8))
    }

    @Test func `a million letters equal the published vector`() {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(
            SHA256Digest(hashing: text).description
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(arguments: 0..<130)
    func `absorbing in two parts equals absorbing at once`(_ cut: Int) {
        let bytes = (0..<130).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        var hasher = SHA256Hasher()
        hasher.update(bytes[..<cut])
        hasher.update(bytes[cut...])
        #expect(hasher.finalize() == SHA256Digest(hashing: bytes))
    }
}

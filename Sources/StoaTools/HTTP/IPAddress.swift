internal import Glibc

/// An address of IPv4 or IPv6, to know whether it leads into this machine or its network.
struct IPAddress: Sendable, Hashable {
    /// 4 or 16 bytes; an address of IPv4 in the clothes of IPv6 is one of IPv4.
    let bytes: [UInt8]

    /// Reads an address; nil for anything else.
    init?(_ text: String) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let all = withUnsafeBytes(of: &six) { Array($0) }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        bytes = Array(all.prefix(12)) == mapped ? Array(all.suffix(4)) : all
    }

    /// Whether it is this machine.
    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    /// Whether it is one of the Internet at large: no loopback, private, shared, local, multicast or reserved one.
    var isPublic: Bool { bytes.count == 4 ? isPublicFour : isPublicSix }

    private var isPublicFour: Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (224...255, _, _): false
        // Shared, link-local (where clouds keep their secrets), private.
        case (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _): false
        // Protocols, documentation, benchmarks.
        case (192, 0, 0), (192, 0, 2), (198, 18...19, _), (198, 51, 100), (203, 0, 113): false
        default: true
        }
    }

    private var isPublicSix: Bool {
        // Only 2000::/3 is given out; of that, the ways to put an address of IPv4 into one of IPv6 are left out.
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
        case (0x20, 0x02, _, _), (0x20, 0x01, 0, _), (0x20, 0x01, 0x0D, 0xB8): return false
        default: return true
        }
    }
}

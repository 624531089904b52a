import Testing

@testable import StoaSandbox

/// The exported filter programs, run by a small interpreter of classic BPF over the calls that matter.
@Suite struct FilterTests {
    enum Verdict: Hashable { case allow, errno(UInt32), kill, other(UInt32) }

    /// Classic BPF as the kernel runs it over `struct seccomp_data`.
    struct Program {
        struct Instruction { let code: UInt16, jt: UInt8, jf: UInt8, k: UInt32 }
        let instructions: [Instruction]

        init(_ name: String) async throws {
            let bytes = try #require(await Programs.bytes(try TestSandbox.launcher, ["filter", name]))
            instructions = stride(from: 0, to: bytes.count, by: 8).map { i in
                let k = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[i + 4 + $1]) << (8 * UInt32($1)) }
                return .init(
                    code: UInt16(bytes[i]) | UInt16(bytes[i + 1]) << 8, jt: bytes[i + 2], jf: bytes[i + 3], k: k)
            }
        }

        func run(_ number: UInt32, _ arguments: [UInt64] = [], arch: UInt32 = 0xC000_003E) throws -> Verdict {
            var data: [UInt32] = [number, arch, 0, 0]
            for i in 0..<6 {
                let value = i < arguments.count ? arguments[i] : 0
                data += [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
            }
            var accumulator: UInt32 = 0
            var pc = 0
            while pc < instructions.count {
                let instruction = instructions[pc]
                pc += 1
                func jump(_ taken: Bool) { pc += Int(taken ? instruction.jt : instruction.jf) }
                switch instruction.code {
                case 0x20: accumulator = data[Int(instruction.k) / 4]
                case 0x54: accumulator &= instruction.k
                case 0x05: pc += Int(instruction.k)
                case 0x15: jump(accumulator == instruction.k)
                case 0x25: jump(accumulator > instruction.k)
                case 0x35: jump(accumulator >= instruction.k)
                case 0x45: jump(accumulator & instruction.k != 0)
                case 0x06:
                    switch instruction.k & 0xFFFF_0000 {
                    case 0x7FFF_0000: return .allow
                    case 0x0005_0000: return .errno(instruction.k & 0xFFFF)
                    case 0x8000_0000: return .kill
                    default: return .other(instruction.k)
                    }
                default:
                    Issue.record("unknown instruction \(instruction.code)")
                    return .other(0)
                }
            }
            Issue.record("the program has no end")
            return .other(0)
        }
    }

    #if arch(x86_64)
    @Test func `both filters let plain work pass and refuse what is not named`() async throws {
        for name in ["outer", "inner"] {
            let program = try await Program(name)
            #expect(program.instructions.count < 700)
            for call: UInt32 in [0, 1, 3, 9, 11, 12, 13, 14, 39, 60, 202, 228, 231, 257, 262, 318] {
                #expect(try program.run(call) == .allow, "\(name) \(call)")
            }
            // Everything that is not named: every number there is, and some that will be.
            let refused: [UInt32] = [
                41, 42, 43, 46, 47, 49, 50, 29, 30, 64, 68, 101, 155, 161, 165, 166, 175, 250, 272, 289, 294, 298, 304,
                308,
                310, 311, 313, 317 + 2, 321, 323, 425, 426, 427, 434, 438, 447, 500, 1000, 0x3FFF_FFFF,
            ]
            for call in refused { #expect(try program.run(call) == .errno(1), "\(name) \(call)") }
            #expect(try program.run(435) == .errno(38), "clone3")
            #expect(try program.run(191) == .errno(95), "getxattr")
        }
    }

    @Test(arguments: ["outer", "inner"]) func `other architectures are killed`(name: String) async throws {
        let program = try await Program(name)
        for arch: UInt32 in [0x4000_0003, 0xC000_00B7, 0x4000_0028, 0, 0xFFFF_FFFF] {
            for call: UInt32 in [0, 1, 39, 59, 231] { #expect(try program.run(call, arch: arch) == .kill) }
        }
        for call: UInt32 in [0, 1, 39, 59, 520] { #expect(try program.run(0x4000_0000 | call) == .kill, "x32") }
    }

    @Test func `only the outer filter lets processes be made`() async throws {
        let outer = try await Program("outer")
        let inner = try await Program("inner")
        // fork, vfork, execve, execveat, seccomp, setrlimit, setsid.
        for call: UInt32 in [57, 58, 59, 322, 317, 160, 112] {
            #expect(try outer.run(call) == .allow && inner.run(call) == .errno(1), "\(call)")
        }
        let thread: UInt64 = 0x003D_0F00
        #expect(try inner.run(56, [thread]) == .allow && outer.run(56, [thread]) == .allow)
        #expect(try inner.run(56, [0x0120_0011]) == .errno(1) && outer.run(56, [0x0120_0011]) == .allow)
        // No namespace by clone, not even as a thread.
        for flag: UInt64 in [0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]
        {
            #expect(try outer.run(56, [flag | 17]) == .errno(1) && inner.run(56, [flag | thread]) == .errno(1))
        }
        #expect(try inner.run(302, [0, 7, 0]) == .allow && inner.run(302, [0, 7, 0x7FFF_0000_0000]) == .errno(1))
        #expect(
            try inner.run(157, [15]) == .allow && inner.run(157, [22]) == .errno(1) && inner.run(157, [4]) == .errno(1))
    }

    @Test(arguments: ["outer", "inner"]) func `arguments are compared as the kernel reads them`(name: String)
        async throws
    {
        let program = try await Program(name)
        #expect(try program.run(16, [0, 0x5401]) == .allow)
        for request: UInt64 in [0x5412, 0x541C, 0x5410, 0xFFFF_FFFF_0000_5412, 0x1_0000_5412] {
            #expect(try program.run(16, [0, request]) == .errno(1), "ioctl \(request)")
        }
        // Bits that the kernel drops make a request neither better nor worse.
        #expect(try program.run(16, [0, 0x1_0000_5401]) == .allow)
        #expect(try program.run(72, [1, 3]) == .allow && program.run(72, [1, 1031]) == .errno(1))
        #expect(try program.run(72, [1, 0x1_0000_0000 | 1031]) == .errno(1))
        #expect(try program.run(53, [1, 1]) == .allow && program.run(53, [1, 0x80801]) == .allow)
        for (family, kind): (UInt64, UInt64) in [(1, 2), (1, 5), (2, 1), (16, 1), (40, 1), (0x1_0000_0001 + 1, 1)] {
            #expect(try program.run(53, [family, kind]) == .errno(1), "socketpair \(family) \(kind)")
        }
        #expect(try program.run(44, [0, 0, 0, 0, 0]) == .allow && program.run(44, [0, 0, 0, 0, 1]) == .errno(1))
        #expect(try program.run(44, [0, 0, 0, 0, 0x1_0000_0000]) == .errno(1))
    }
    #endif
}

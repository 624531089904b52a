internal import ArgumentParser
internal import CStoaKernels

/// A set of kernels, named after the instructions that it needs.
enum KernelPath: String, Sendable, CaseIterable, ExpressibleByArgument {
    case scalar, avx2, avx512, neon

    private var code: stk_isa {
        switch self {
        case .scalar: STK_ISA_SCALAR
        case .avx2: STK_ISA_AVX2
        case .avx512: STK_ISA_AVX512
        case .neon: STK_ISA_NEON
        }
    }

    /// Whether this CPU and this build have it.
    var isAvailable: Bool { stk_isa_available(code) != 0 }

    /// Those that this CPU and this build have.
    static var available: [KernelPath] { allCases.filter(\.isAvailable) }

    /// The one in use.
    static var current: KernelPath { allCases.first { $0.code == stk_isa_current() } ?? .scalar }

    /// Puts it to use in the whole process; only while no kernel runs.
    ///
    /// - Throws: `CLIError` where it is not available.
    func select() throws {
        guard stk_isa_select(code) != 0 else {
            throw CLIError.invalidSetting(
                Settings.variable("isa"), value: rawValue,
                expected: "one that this CPU has: \(Self.available.map(\.rawValue).joined(separator: ", "))")
        }
    }
}

extension CommandContext {
    /// Puts the kernel path that `STOA_ISA` names to use; without one, the best stays in use.
    ///
    /// - Throws: `CLIError` where it is unknown or not available.
    func selectKernelPath() throws {
        try settings.resolve(KernelPath?.none, "isa")?.select()
    }
}

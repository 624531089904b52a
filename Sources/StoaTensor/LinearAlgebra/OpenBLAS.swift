package import COpenBLAS
internal import CStoaKernels
internal import Glibc
package import StoaCore

/// OpenBLAS, opened at run time: for training and for the alignment solve, never for inference.
///
/// Debian's library chooses its kernels when it is loaded and takes newer AVX-512 processors for a Haswell, at half
/// their speed. The choice can only be corrected through the environment before loading, so the library is not linked
/// but opened here, once, with the core type that fits this CPU. `STOA_OPENBLAS_CORETYPE` overrides the choice;
/// `OPENBLAS_CORETYPE` does not, because machine images set it to what all of their hosts can run.
///
/// Isolation: calls are serialised by the caller (the lane); the library has its own threads, as many as asked for.
package struct OpenBLAS: Sendable {
    /// The library's own description: version, core type, threads.
    package let configuration: String
    /// The core type in use, as the library names it.
    package let core: String
    /// `C = alpha A B + beta C`, single precision.
    package let sgemm: stb_sgemm
    /// `C = alpha A B + beta C`, double precision.
    package let dgemm: stb_dgemm
    /// `C = alpha A Aᵀ + beta C`, one triangle.
    package let dsyrk: stb_dsyrk
    /// Cholesky solve.
    package let dposv: stb_dposv
    let threadCount: stb_thread_count
    let setThreadCount: stb_set_thread_count

    /// Opens the library.
    ///
    /// - Parameter threads: threads that it may use. It is fixed at the first opening in a process.
    /// - Returns: its entry points.
    /// - Throws: `LinearAlgebraError` where the library is not installed or lacks an entry point.
    package static func open(threads: Int) throws(LinearAlgebraError) -> OpenBLAS {
        if let chosen = getenv("STOA_OPENBLAS_CORETYPE") {
            setenv("OPENBLAS_CORETYPE", chosen, 1)
        } else if let core = preferredCore {
            setenv("OPENBLAS_CORETYPE", core, 1)
        }
        setenv("OPENBLAS_NUM_THREADS", String(max(1, threads)), 1)
        guard let handle = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "unknown reason"
            throw LinearAlgebraError(
                message: "OpenBLAS cannot be opened: \(reason)", hint: "install it: apt-get install libopenblas-dev")
        }
        func entry<Function>(_ name: String, as type: Function.Type) throws(LinearAlgebraError) -> Function {
            guard let address = dlsym(handle, name) else {
                throw LinearAlgebraError(
                    message: "OpenBLAS has no function \(name)", hint: "install a complete one: libopenblas-dev")
            }
            return unsafeBitCast(address, to: type)
        }
        func text(_ name: String) throws(LinearAlgebraError) -> String {
            try entry(name, as: stb_text.self)().map { String(cString: $0) } ?? ""
        }
        return OpenBLAS(
            configuration: try text("openblas_get_config"), core: try text("openblas_get_corename"),
            sgemm: try entry("cblas_sgemm", as: stb_sgemm.self), dgemm: try entry("cblas_dgemm", as: stb_dgemm.self),
            dsyrk: try entry("cblas_dsyrk", as: stb_dsyrk.self), dposv: try entry("dposv_", as: stb_dposv.self),
            threadCount: try entry("openblas_get_num_threads", as: stb_thread_count.self),
            setThreadCount: try entry("openblas_set_num_threads", as: stb_set_thread_count.self))
    }

    /// The core type for this CPU; nil where the library's own choice is right.
    static var preferredCore: String? {
        if stk_isa_available(STK_ISA_AVX512) != 0 { return "SkylakeX" }
        if stk_isa_available(STK_ISA_AVX2) != 0 { return "Haswell" }
        return nil
    }
}

/// Linear algebra that cannot be done.
package struct LinearAlgebraError: StoaError, Hashable {
    /// A failure of the installation or of the numbers, never of the caller's input format.
    package var kind: FailureKind { .failure }
    /// What failed.
    package let message: String
    /// What to do about it.
    package let hint: String?
}

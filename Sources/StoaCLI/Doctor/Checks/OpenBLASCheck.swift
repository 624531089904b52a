internal import StoaTensor

/// OpenBLAS, which training and alignment open at run time.
struct OpenBLASCheck: DoctorCheck {
    let name = "openblas"

    func run(in context: CommandContext) async -> DoctorFinding {
        do {
            let library = try OpenBLAS.open(threads: 1)
            return .fine("\(library.configuration) (core \(library.core))")
        } catch {
            return .broken(error.message, fix: error.hint ?? "run: apt-get install libopenblas-dev")
        }
    }
}

/// Every check, in the order in which it is reported.
///
/// A new check is a file in `Checks` and a line here.
enum DoctorCheckRegistry {
    static let checks: [any DoctorCheck] = [
        ProcessorCheck(),
        OpenBLASCheck(),
        SQLiteCheck(),
        BubblewrapCheck(),
        SeccompCheck(),
        PythonCheck(),
        PipCheck(),
        SandboxCheck(),
        PackagesCheck(),
        ModelsCheck(),
        JournalCheck(),
        PlaybooksCheck(),
        DiskCheck(),
    ]
}

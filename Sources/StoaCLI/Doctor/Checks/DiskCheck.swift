internal import Glibc
internal import StoaHub

/// Room for models and derived files, and the right to write there.
struct DiskCheck: DoctorCheck {
    let name = "disk"

    /// Both bundled models, and room to fetch them.
    private static let neededBytes: Int64 = 1_000_000_000

    func run(in context: CommandContext) async -> DoctorFinding {
        let root: String
        do {
            root = try context.modelStore().location.root
        } catch {
            return .broken("\(error)", fix: "set STOA_CACHE to a folder for models")
        }
        var folder = root
        while access(folder, F_OK) != 0, let slash = folder.lastIndex(of: "/") {
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
        var kind = stat()
        guard stat(folder, &kind) == 0, kind.st_mode & S_IFMT == S_IFDIR, access(folder, W_OK) == 0 else {
            return .broken("\(folder) is no folder that can be written", fix: "set STOA_CACHE to a folder of yours")
        }
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else {
            return .broken("\(folder): \(String(cString: strerror(errno)))", fix: "set STOA_CACHE to another folder")
        }
        let free = Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
        guard free >= Self.neededBytes else {
            return .broken(
                "\(ByteCount.text(free)) are free for \(root), \(ByteCount.text(Self.neededBytes)) are wanted",
                fix: "free some space, or set STOA_CACHE to a folder on another disk")
        }
        return .fine("\(ByteCount.text(free)) free for \(root)")
    }
}

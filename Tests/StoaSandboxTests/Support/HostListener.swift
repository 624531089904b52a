import Foundation
import StoaTestKit

/// Sockets on the host that code inside must not reach: one TCP port on loopback and one path.
final class HostListener {
    let port: UInt16
    let path: String
    private let folder: TemporaryFolder
    private let sockets: [Int32]

    init() throws {
        folder = try TemporaryFolder()
        let path = folder.path + "/socket"
        self.path = path
        let tcp = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(tcp, $0, length) == 0 && listen(tcp, 8) == 0 && getsockname(tcp, $0, &length) == 0
            }
        }
        guard bound else { throw CocoaError(.fileWriteUnknown) }
        port = UInt16(bigEndian: address.sin_port)
        let local = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let isListening = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(local, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(local, 8) == 0
            }
        }
        guard isListening else { throw CocoaError(.fileWriteUnknown) }
        chmod(folder.path, 0o777)
        chmod(path, 0o666)
        sockets = [tcp, local]
        for socket in sockets { _ = fcntl(socket, F_SETFL, O_NONBLOCK) }
    }

    deinit { for socket in sockets { close(socket) } }

    /// How many came since the last look.
    func connections() -> Int {
        var count = 0
        for socket in sockets {
            while true {
                let peer = accept(socket, nil, nil)
                guard peer >= 0 else { break }
                close(peer)
                count += 1
            }
        }
        return count
    }
}

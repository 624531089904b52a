import Foundation
import StoaCore
import StoaTestKit

@testable import StoaTools

/// A small MCP server in Python, and what it is to do wrong.
struct ScriptedServer {
    let folder: StoaTestKit.TemporaryFolder
    let path: String
    /// What `variable` gives to servers.
    var variables: [String: String] = ["PATH": "/usr/bin:/bin", "TOKEN": "tok-1234567890", "OTHER": "other-secret"]

    init() throws {
        folder = try StoaTestKit.TemporaryFolder()
        path = try folder.write("server.py", Self.program)
    }

    /// The server under a name.
    func server(_ mode: String = "", name: String = "test", variables: [String] = []) -> MCPServer {
        MCPServer(name: name, command: ["python3", path, mode, folder.path + "/log"], variables: variables)
    }

    func servers(_ list: MCPServer...) -> MCPServers {
        let variables = variables
        return MCPServers(list, variable: { variables[$0] })
    }

    /// What servers have written of themselves, line by line.
    var log: [String] {
        ((try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? "").split(separator: "\n").map(
            String.init)
    }

    /// Whether a process lives, a zombie not counted.
    static func lives(_ id: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return false }
        return !status.contains("State:\tZ")
    }

    private static let program = #"""
        import json, os, signal, subprocess, sys, time
        mode, log = sys.argv[1], sys.argv[2]

        def note(text):
            with open(log, "a") as file: file.write(text + "\n")

        def say(document):
            sys.stdout.write(json.dumps(document) + "\n")
            sys.stdout.flush()

        def answer(id, result): say({"jsonrpc": "2.0", "id": id, "result": result})

        TOOLS = [
            {"name": "add", "description": "Adds.", "inputSchema": {"type": "object", "properties": {"a": {"type": "number"}}},
             "annotations": {"idempotentHint": True}},
            {"name": "echo", "inputSchema": {"type": "object"}},
            {"name": "fail"}, {"name": "slow"}, {"name": "die"}, {"name": "environment"}, {"name": "picture"}, {"name": "long"},
        ]

        if mode == "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            child = subprocess.Popen([sys.executable, "-c", "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(1000)"],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            note(f"processes {os.getpid()} {child.pid}")
        if mode == "mute":
            note(f"processes {os.getpid()}")
            time.sleep(1000)
        if mode == "leaves":
            sys.exit(3)
        print("a banner that is no message")
        sys.stderr.write("x" * 200000)

        for line in sys.stdin:
            message = json.loads(line)
            method, id = message.get("method"), message.get("id")
            note(f"{method} {json.dumps(message.get('params'))}" if method else "answer " + json.dumps(message))
            if method == "initialize":
                version = {"old": "2024-11-05", "strange": "1999-01-01"}.get(mode, message["params"]["protocolVersion"])
                if mode == "refuses":
                    say({"jsonrpc": "2.0", "id": id, "error": {"code": -1, "message": "not today"}})
                    continue
                answer(id, {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}})
            elif method == "notifications/initialized":
                say({"jsonrpc": "2.0", "id": "p1", "method": "ping"})
                say({"jsonrpc": "2.0", "id": 99, "method": "sampling/createMessage", "params": {}})
                say({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "hello"}})
            elif method == "tools/list":
                cursor = (message.get("params") or {}).get("cursor")
                if mode == "endless": answer(id, {"tools": [], "nextCursor": "again"})
                elif mode == "pages" and cursor is None: answer(id, {"tools": TOOLS[:2], "nextCursor": "2"})
                elif mode == "pages": answer(id, {"tools": TOOLS[2:]})
                else: answer(id, {"tools": TOOLS})
            elif method == "tools/call":
                name, arguments = message["params"]["name"], message["params"]["arguments"]
                if name == "add":
                    total = arguments["a"] + arguments["b"]
                    answer(id, {"content": [{"type": "text", "text": str(total)}], "structuredContent": {"sum": total}})
                elif name == "echo": say([{"jsonrpc": "2.0", "id": id, "result": {"content": [{"type": "text", "text": arguments["text"]}, {"type": "text", "text": "second"}]}}])
                elif name == "fail": answer(id, {"content": [{"type": "text", "text": "it went wrong"}], "isError": True})
                elif name == "environment": answer(id, {"structuredContent": dict(os.environ), "content": []})
                elif name == "picture": answer(id, {"content": [{"type": "image", "mimeType": "image/png", "data": "AAAA"}]})
                elif name == "long": answer(id, {"content": [{"type": "text", "text": "é" * arguments["count"]}]})
                elif name == "die": os._exit(7)
                elif name == "slow": pass
                else: say({"jsonrpc": "2.0", "id": id, "error": {"code": -32602, "message": "Unknown tool: " + name}})
        if mode == "stubborn":
            time.sleep(1000)
        """#
}

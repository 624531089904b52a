internal import Glibc
internal import Subprocess

extension PackageSet {
    /// Fetches the set with pip, by name and version; nothing happens where it is there.
    ///
    /// The folder is made under another name and renamed at the end, so that two processes may do this at once and neither
    /// sees half a set.
    ///
    /// - Parameters:
    ///   - cache: the root of the cache.
    ///   - python: the interpreter that the packages are for.
    ///   - environment: pip's environment, which may name an index or a proxy.
    /// - Returns: whether anything was fetched.
    /// - Throws: `SandboxError` with pip's own reason.
    @discardableResult
    public func install(
        cache: String, python: PythonInterpreter, environment: [String: String]
    ) async throws(SandboxError) -> Bool {
        let place = folder(cache: cache, python: python)
        guard !isInstalled(cache: cache, python: python) else { return false }
        let parent = String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)])
        let temporary = "\(parent)/.\(getpid()).new"
        guard let made = await Programs.run("/bin/mkdir", ["-p", parent]), made.succeeded else {
            throw .missingPackages(self, "cannot make \(parent)")
        }
        let words =
            [
                "install", "--target", temporary, "--no-deps", "--only-binary", ":all:", "--no-input", "--quiet",
                "--disable-pip-version-check", "--root-user-action", "ignore",
            ] + requirements
        var variables = environment
        for secret in ["HF_TOKEN", "OPENAI_API_KEY"] { variables[secret] = nil }
        var answer = await Programs.run(python.executable, ["-m", "pip"] + words, variables)
        if answer?.succeeded != true, let pip = Programs.find("pip3", in: environment["PATH"] ?? "") {
            // The interpreter has no pip of its own; another one's can install for it.
            answer = await Programs.run(pip, ["--python", python.executable] + words, variables)
        }
        guard let answer, answer.succeeded else {
            _ = await Programs.run("/bin/rm", ["-rf", temporary])
            throw .missingPackages(self, "pip cannot fetch it: \(answer?.lastLine ?? "there is no pip")")
        }
        // A sandbox started by root reads it as another user.
        _ = await Programs.run("/bin/chmod", ["-R", "a+rX", temporary])
        if rename(temporary, place) != 0 {
            let problem = String(cString: strerror(errno))
            _ = await Programs.run("/bin/rm", ["-rf", temporary])
            // Another process was quicker.
            guard isInstalled(cache: cache, python: python) else {
                throw .missingPackages(self, "cannot make \(place): \(problem)")
            }
            return false
        }
        return true
    }
}

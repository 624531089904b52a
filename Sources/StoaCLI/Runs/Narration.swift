internal import StoaCore

/// Who tells of a run: decided by what is asked for and by where the output goes.
enum Narration {
    /// The narrator for a command.
    ///
    /// - Parameters:
    ///   - stream: what is to be told; nil for what suits the place.
    ///   - context: the command's.
    ///   - clock: what the picture's time is.
    /// - Returns: the narrator, and whether it writes JSON Lines to standard output.
    static func narrator(
        _ stream: StreamChoice?, in context: CommandContext, clock: any TimeSource
    ) -> (narrator: any RunNarrator, isStreaming: Bool) {
        let console = context.console
        switch stream {
        case StreamChoice.none?: return (SilentNarrator(), false)
        case let choice? where context.json: return (StreamNarrator(console: console, choice: choice), true)
        case .events?: return (PlainNarrator(console: console, detail: .events), false)
        case .tokens?, nil:
            if console.quiet { return (SilentNarrator(), false) }
            if console.isLive {
                let options = LiveView.Options(isVerbose: context.verbose)
                return (LiveNarrator(console: console, clock: clock, options: options), false)
            }
            let wantsTexts = stream == .tokens || context.verbose
            return (PlainNarrator(console: console, detail: wantsTexts ? .texts : .steps), false)
        }
    }
}

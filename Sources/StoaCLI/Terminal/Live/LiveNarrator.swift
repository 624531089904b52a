internal import StoaCore
internal import StoaRuntime
internal import Synchronization

/// Shows a run on a terminal while it happens.
///
/// What is observed only changes the view's state; `draw` shows it, as often as its caller likes.
final class LiveNarrator: RunNarrator {
    private let console: Console
    private let clock: any TimeSource
    private let view: Mutex<LiveView>

    init(console: Console, clock: any TimeSource, options: LiveView.Options) {
        self.console = console
        self.clock = clock
        view = Mutex(LiveView(options: options))
    }

    func observe(_ update: RunUpdate) {
        let now = clock.now
        view.withLock { $0.apply(update, at: now) }
    }

    func flush() {
        let now = clock.now
        LiveRegion.shared.draw(on: console.error) { width, height in
            view.withLock { view in
                (view.takeFinished(width: width), view.frame(width: width, height: height, at: now))
            }
        }
    }

    func finish() {
        flush()
        console.clearProgress()
    }
}

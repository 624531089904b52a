#ifndef STOA_INTERRUPT_H
#define STOA_INTERRUPT_H

#ifdef __cplusplus
extern "C" {
#endif

/// Installs a handler for SIGINT and SIGTERM. The first signal makes the returned file descriptor readable; the second
/// ends the process at once with `exit_code`, so that a user always gets out. Children do not inherit the handler.
///
/// Returns the read end, owned by the caller and closed on exec, or -1 with errno set. Call once per process.
int stp_interrupt_install(int exit_code);
/// 1 once a signal has come.
int stp_interrupt_received(void);

#ifdef __cplusplus
}
#endif
#endif

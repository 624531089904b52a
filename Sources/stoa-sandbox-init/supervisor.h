#ifndef STOA_SUPERVISOR_H
#define STOA_SUPERVISOR_H
#include <signal.h>

#include "sandbox_init.h"

/// All that process 1 knows.
typedef struct stoa_supervisor {
    pid_t driver;
    /// No `subprocess` profile: the driver is the only process.
    int is_strict;
    // The driver's pipes, -1 once closed.
    int request, control, outputs[2], input;
    stoa_buffer from_host, to_host, to_driver, from_driver, to_input;
    stoa_capture captures[2];
    uint64_t input_count;
    /// Whether the driver has said that it is, and whether a cell runs.
    int ready, running;
    uint32_t sequence;
    uint8_t nonce[16];
    size_t output_limit;
    uint64_t output_kill;
    uint64_t start, deadline, cpu_start, cpu_limit;
    /// Why the driver is being ended; the first reason stays.
    stoa_reason reason;
    stoa_end end;
} stoa_supervisor;

/// Fails unless this is process 1 behind every wall that the launcher, or the engine of a container, was to raise.
void stoa_check_walls(int is_container);

/// Runs the driver and serves the host until either ends.
int stoa_serve(int count, char **arguments);

/// Forks the driver with pipes of its own, limits it and starts Python.
///
/// Arguments: `profile memory-bytes processes files file-bytes python preload secrets`; the secrets are paths, separated by
/// colons, that must not exist inside.
void stoa_start_driver(stoa_supervisor *self, int count, char **arguments, const sigset_t *mask);

#endif

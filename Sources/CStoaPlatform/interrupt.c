#define _GNU_SOURCE
#include "stoa_interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static atomic_int received;
static int write_end = -1;
static int status = 130;

/* Only async-signal-safe calls: write and _exit. */
static void handle(int number) {
    (void)number;
    int saved = errno;
    if (atomic_fetch_add(&received, 1) > 0) _exit(status);
    char byte = 1;
    ssize_t written = write(write_end, &byte, 1);
    (void)written;
    errno = saved;
}

int stp_interrupt_install(int exit_code) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    write_end = ends[1];
    status = exit_code;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0) return -1;
    return ends[0];
}

int stp_interrupt_received(void) { return atomic_load(&received) > 0; }

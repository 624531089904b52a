#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "supervisor.h"

void stoa_check_walls(int is_container) {
    errno = 0;
    if (getpid() != 1) stoa_fail("the supervisor is process %d, not 1: no process namespace", (int)getpid());
    if (getuid() == 0 || geteuid() != getuid()) stoa_fail("the supervisor is user %u", getuid());
    if (!is_container && getuid() != STOA_INSIDE_UID) stoa_fail("the supervisor is user %u", getuid());
    if (prctl(PR_GET_SECCOMP) != 2) stoa_fail("no system-call filter is in force");
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) stoa_fail("privileges could be gained");
    struct statvfs root;
    if (statvfs("/", &root) != 0 || (root.f_flag & ST_RDONLY) == 0) stoa_fail("the root folder can be written");
    // Engines mount both, with what matters masked; the probes look into them.
    if (is_container) return;
    if (access("/proc/1", F_OK) == 0 || access("/sys/kernel", F_OK) == 0) stoa_fail("/proc or /sys is mounted");
}

static void limit(int resource, uint64_t value) {
    struct rlimit limit = {value, value};
    if (setrlimit((__rlimit_resource_t)resource, &limit) != 0) stoa_fail("limit %d", resource);
}

/// The driver's whole environment. Nothing of the host's gets here.
static char *const environment[] = {
    "PATH=/usr/bin:/bin", "HOME=" STOA_INSIDE_WORK, "TMPDIR=/tmp", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC",
    "PYTHONHASHSEED=0", "PYTHONSAFEPATH=1", "PYTHONUTF8=1", "PYTHONDONTWRITEBYTECODE=1", "OMP_NUM_THREADS=1",
    "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1",
    // Each arena reserves 64 MiB of the address space that is limited.
    "MALLOC_ARENA_MAX=1", NULL,
};

static void make_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) stoa_fail("a pipe");
}

static void put(int descriptor, int place) {
    if (dup2(descriptor, place) != place) stoa_fail("descriptor %d", place);
}

void stoa_start_driver(stoa_supervisor *self, int count, char **arguments, const sigset_t *mask) {
    errno = 0;
    if (count != 8) stoa_fail("the supervisor needs 8 arguments and has %d", count);
    self->is_strict = strcmp(arguments[0], "strict") == 0;
    int input[2], output[2], error[2], request[2], control[2];
    make_pipe(input);
    make_pipe(output);
    make_pipe(error);
    make_pipe(request);
    make_pipe(control);
    pid_t driver = fork();
    if (driver < 0) stoa_fail("the driver's process");
    if (driver == 0) {
        // Above where they are put, so that none is overwritten before its turn.
        int ends[5] = {input[0], output[1], error[1], request[0], control[1]};
        for (int i = 0; i < 5; i++) {
            ends[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, 32);
            if (ends[i] < 0) stoa_fail("a descriptor");
        }
        // What fails from here on is printed where the supervisor's own failures are.
        int complaints = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 32);
        put(ends[0], 0);
        put(ends[1], 1);
        put(ends[3], 3);
        put(ends[4], 4);
        prctl(PR_SET_DUMPABLE, 1);
        sigprocmask(SIG_SETMASK, mask, NULL);
        signal(SIGPIPE, SIG_DFL);
        setsid();
        limit(RLIMIT_CORE, 0);
        limit(RLIMIT_AS, stoa_number(arguments[1]));
        limit(RLIMIT_NPROC, stoa_number(arguments[2]));
        limit(RLIMIT_FSIZE, stoa_number(arguments[4]));
        limit(RLIMIT_MEMLOCK, 65536);
        limit(RLIMIT_MSGQUEUE, 0);
        limit(RLIMIT_SIGPENDING, 256);
        put(ends[2], 2);
        limit(RLIMIT_NOFILE, stoa_number(arguments[3]));
        close(complaints);
        char *command[] = {
            arguments[5], "-s", "-S", "-B", "-X", "utf8", STOA_INSIDE_DRIVER, arguments[0], arguments[6],
            arguments[7],  NULL,
        };
        execve(command[0], command, environment);
        stoa_fail("cannot start %s", command[0]);
    }
    int kept[5] = {input[1], output[0], error[0], request[1], control[0]};
    int given[5] = {input[0], output[1], error[1], request[0], control[1]};
    for (int i = 0; i < 5; i++) {
        close(given[i]);
        fcntl(kept[i], F_SETFL, O_NONBLOCK);
    }
    self->driver = driver;
    self->input = input[1];
    self->outputs[0] = output[0];
    self->outputs[1] = error[0];
    self->request = request[1];
    self->control = control[0];
}

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor.h"

// Process 1 of a container. The engine has made the namespaces, the mounts and the limits; the filters and the driver are
// brought here, so that the image needs nothing but Python.

static void write_file(const char *path, const void *bytes, size_t count) {
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (file < 0 || write(file, bytes, count) != (ssize_t)count || close(file) != 0) stoa_fail("writing %s", path);
}

static size_t read_filter(stoa_stage stage, struct sock_filter *program, size_t capacity) {
    int file = stoa_filter_file(stage);
    ssize_t count = read(file, program, capacity * sizeof *program);
    if (count <= 0 || (size_t)count == capacity * sizeof *program) stoa_fail("the filter's program");
    close(file);
    return (size_t)count / sizeof *program;
}

int stoa_contain(int count, char **arguments) {
    enum { CAPACITY = 4096 };
    static struct sock_filter program[CAPACITY];
    errno = 0;
    if (getpid() != 1) stoa_fail("the supervisor is process %d, not 1: no process namespace", (int)getpid());
    if (count != 8) stoa_fail("the supervisor needs 8 arguments and has %d", count);
    syscall(SYS_close_range, 3u, ~0u, 0u);
    write_file(STOA_INSIDE_DRIVER, stoa_driver_source, stoa_driver_length);
    size_t length = read_filter(STOA_STAGE_INNER, program, CAPACITY);
    write_file(STOA_INSIDE_FILTER, program, length * sizeof *program);
    length = read_filter(STOA_STAGE_OUTER, program, CAPACITY);
    struct sock_fprog filter = {(unsigned short)length, program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, 2, &filter) != 0) {
        stoa_fail("the outer system-call filter");
    }
    stoa_check_walls(1);
    // Images of Python have it in one place, distributions in the other.
    arguments[5] = access("/usr/local/bin/python3", X_OK) == 0 ? "/usr/local/bin/python3" : "/usr/bin/python3";
    return stoa_serve(count, arguments);
}

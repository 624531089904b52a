#include "sandbox_init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "filter_calls.h"

// Both filters are allow-lists: what is not named fails with EPERM, and a call of another architecture (i386, x32) kills.
// Arguments of 32 bits are compared in 32 bits, as the kernel reads them.

#define NAMESPACE_FLAGS                                                                                             \
    (CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

static void add(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned count,
                const struct scmp_arg_cmp *arguments) {
    int number = seccomp_syscall_resolve_name(name);
    // Calls that this architecture lacks have negative numbers.
    if (number < 0) return;
    int status = seccomp_rule_add_array(filter, action, number, count, arguments);
    if (status != 0) {
        errno = -status;
        stoa_fail("the filter rule for %s", name);
    }
}

static void allow_all(scmp_filter_ctx filter, const char *const *names) {
    for (; *names != NULL; names++) add(filter, SCMP_ACT_ALLOW, *names, 0, NULL);
}

/// Allows a call for each listed value of one argument.
static void allow_values(scmp_filter_ctx filter, const char *name, unsigned index, const uint32_t *values,
                         size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct scmp_arg_cmp value = SCMP_CMP(index, SCMP_CMP_MASKED_EQ, 0xffffffffu, values[i]);
        add(filter, SCMP_ACT_ALLOW, name, 1, &value);
    }
}

#define VALUES(filter, name, index, ...)                                                                            \
    do {                                                                                                            \
        static const uint32_t values[] = {__VA_ARGS__};                                                             \
        allow_values(filter, name, index, values, sizeof values / sizeof values[0]);                                \
    } while (0)

static void add_common(scmp_filter_ctx filter) {
    allow_all(filter, stoa_plain_calls);
    // Terminals are only asked what they are: TIOCSTI and its kin stay out.
    VALUES(filter, "ioctl", 1, TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX);
    // No F_SETPIPE_SZ: what pipes hold is charged to nobody. No F_SETOWN and F_SETSIG: signals to others.
    VALUES(filter, "fcntl", 1, F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK,
           F_OFD_SETLK, F_OFD_SETLKW, F_DUPFD_CLOEXEC, F_GETPIPE_SZ);
    // A pair of joined streams reaches nobody (asyncio wakes itself through one); no other socket can be made. On such a
    // pair sendto is send, and the address that would make it more must be missing.
    struct scmp_arg_cmp pair[] = {
        SCMP_CMP(0, SCMP_CMP_MASKED_EQ, 0xffffffffu, AF_UNIX),
        SCMP_CMP(1, SCMP_CMP_MASKED_EQ, 0xffffffffu & ~(uint32_t)(SOCK_NONBLOCK | SOCK_CLOEXEC), SOCK_STREAM),
    };
    add(filter, SCMP_ACT_ALLOW, "socketpair", 2, pair);
    struct scmp_arg_cmp nowhere = SCMP_CMP(4, SCMP_CMP_EQ, 0, 0);
    add(filter, SCMP_ACT_ALLOW, "sendto", 1, &nowhere);
    // The C library falls back to clone, whose flags a filter can see.
    add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
    add(filter, SCMP_ACT_ERRNO(ENOSYS), "openat2", 0, NULL);
    // Copying a file asks for its extended attributes and takes this answer for "none".
    for (const char *const *name = stoa_attribute_calls; *name != NULL; name++) {
        add(filter, SCMP_ACT_ERRNO(EOPNOTSUPP), *name, 0, NULL);
    }
}

static void add_outer(scmp_filter_ctx filter) {
    allow_all(filter, stoa_process_calls);
    struct scmp_arg_cmp here = SCMP_CMP(0, SCMP_CMP_MASKED_EQ, NAMESPACE_FLAGS, 0);
    add(filter, SCMP_ACT_ALLOW, "clone", 1, &here);
    VALUES(filter, "prctl", 0, PR_SET_NAME, PR_GET_NAME, PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_GET_DUMPABLE,
           PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_GET_SECCOMP);
}

static void add_inner(scmp_filter_ctx filter) {
    // A thread, and nothing but a thread.
    struct scmp_arg_cmp thread = SCMP_CMP(0, SCMP_CMP_MASKED_EQ, NAMESPACE_FLAGS | CLONE_THREAD, CLONE_THREAD);
    add(filter, SCMP_ACT_ALLOW, "clone", 1, &thread);
    VALUES(filter, "prctl", 0, PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP);
    // Limits are read, not changed.
    struct scmp_arg_cmp reading = SCMP_CMP(2, SCMP_CMP_EQ, 0, 0);
    add(filter, SCMP_ACT_ALLOW, "prlimit64", 1, &reading);
}

int stoa_filter_file(stoa_stage stage) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL) stoa_fail("the system-call filter");
    if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) stoa_fail("the filter's kill");
    // A tree of comparisons in place of a list: a call costs a dozen instructions instead of some hundreds.
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    add_common(filter);
    if (stage == STOA_STAGE_OUTER) {
        add_outer(filter);
    } else {
        add_inner(filter);
    }
    int file = memfd_create("filter", 0);
    if (file < 0) stoa_fail("a memory file for the filter");
    int status = seccomp_export_bpf(filter, file);
    if (status != 0) {
        errno = -status;
        stoa_fail("the filter's program");
    }
    seccomp_release(filter);
    if (lseek(file, 0, SEEK_SET) != 0) stoa_fail("the filter's program");
    return file;
}

int stoa_print_filter(const char *name) {
    stoa_stage stage;
    if (strcmp(name, "outer") == 0) {
        stage = STOA_STAGE_OUTER;
    } else if (strcmp(name, "inner") == 0) {
        stage = STOA_STAGE_INNER;
    } else {
        errno = 0;
        stoa_fail("expected outer or inner, found \"%s\"", name);
    }
    int file = stoa_filter_file(stage);
    char bytes[4096];
    ssize_t count;
    while ((count = read(file, bytes, sizeof bytes)) > 0) {
        if (write(STDOUT_FILENO, bytes, (size_t)count) != count) stoa_fail("standard output");
    }
    return count == 0 ? 0 : 1;
}

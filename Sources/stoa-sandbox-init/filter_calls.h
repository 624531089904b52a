#ifndef STOA_FILTER_CALLS_H
#define STOA_FILTER_CALLS_H
#include <stddef.h>

// The calls that need no look at their arguments, by purpose.

/// What Python and its libraries do in one process.
static const char *const stoa_plain_calls[] = {
    // Files, within what is mounted.
    "open", "openat", "creat", "close", "close_range", "read", "write", "pread64", "pwrite64", "readv", "writev", "preadv",
    "pwritev", "preadv2", "pwritev2", "lseek", "_llseek", "sendfile", "copy_file_range", "stat", "fstat", "lstat",
    "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents",
    "getdents64", "getcwd", "chdir", "fchdir", "mkdir", "mkdirat", "rmdir", "rename", "renameat", "renameat2", "link",
    "linkat", "unlink", "unlinkat", "symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "utime", "utimes", "utimensat",
    "futimesat", "truncate", "ftruncate", "fallocate", "fadvise64", "fsync", "fdatasync", "flock", "umask", "dup", "dup2",
    "dup3", "pipe", "pipe2",
    // Waiting.
    "select", "pselect6", "poll", "ppoll", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
    "epoll_pwait2", "eventfd2", "timerfd_create", "timerfd_settime", "timerfd_gettime",
    // The joined streams of socketpair.
    "recvfrom", "shutdown", "getsockopt", "setsockopt", "getsockname", "getpeername",
    // Memory.
    "brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "msync", "mincore", "membarrier",
    // Threads and signals within the process.
    "futex", "futex_time64", "set_robust_list", "get_robust_list", "set_tid_address", "rseq", "gettid", "sched_yield",
    "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
    "getcpu", "getpriority", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait",
    "rt_sigsuspend", "sigaltstack", "kill", "tgkill", "tkill", "pause", "restart_syscall", "exit", "exit_group",
    "arch_prctl",
    // Time.
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "getitimer",
    "setitimer", "alarm", "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete",
    // Who and where.
    "getpid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid", "getegid", "getgroups",
    "getresuid", "getresgid", "uname", "sysinfo", "getrusage", "getrlimit", "ugetrlimit", "getrandom", "wait4", "waitid",
    NULL,
};

/// What starting processes, limiting them and filtering them needs on top.
static const char *const stoa_process_calls[] = {
    "fork", "vfork", "execve", "execveat", "setsid", "setpgid", "setrlimit", "prlimit64", "seccomp", NULL,
};

/// Extended attributes, which the sandbox's file systems do not have.
static const char *const stoa_attribute_calls[] = {
    "getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr", "setxattr", "lsetxattr", "fsetxattr",
    "removexattr", "lremovexattr", "fremovexattr", NULL,
};

#endif

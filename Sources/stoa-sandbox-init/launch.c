#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

static const char *next(int *index, int count, char **arguments) {
    errno = 0;
    if (++*index >= count) stoa_fail("%s needs a value", arguments[count - 1]);
    return arguments[*index];
}

static void add_bind(stoa_bind *list, int *length, int *index, int count, char **arguments) {
    errno = 0;
    if (*length == STOA_MOST_BINDS) stoa_fail("more than %d binds", STOA_MOST_BINDS);
    stoa_bind *entry = &list[(*length)++];
    entry->source = next(index, count, arguments);
    entry->destination = next(index, count, arguments);
}

static stoa_launch_options parse(int count, char **arguments) {
    stoa_launch_options options = {
        .preload = "", .profile = "strict", .memory = "536870912", .processes = "64", .files = "64",
        .file_bytes = "33554432", .work_bytes = 32 << 20, .work_inodes = 4096, .temporary_bytes = 16 << 20,
        .temporary_inodes = 1024,
    };
    for (int i = 0; i < count; i++) {
        const char *name = arguments[i];
#define TEXT(flag, field) else if (strcmp(name, flag) == 0) options.field = next(&i, count, arguments)
#define NUMBER(flag, field) else if (strcmp(name, flag) == 0) options.field = stoa_number(next(&i, count, arguments))
        if (strcmp(name, "--bind") == 0) add_bind(options.binds, &options.bind_count, &i, count, arguments);
        else if (strcmp(name, "--link") == 0) add_bind(options.links, &options.link_count, &i, count, arguments);
        else if (strcmp(name, "--disable-userns") == 0) options.disables_namespaces = 1;
        else if (strcmp(name, "--user") == 0) options.user = (uid_t)stoa_number(next(&i, count, arguments));
        TEXT("--bwrap", bwrap);
        TEXT("--python", python);
        TEXT("--preload", preload);
        TEXT("--profile", profile);
        TEXT("--memory", memory);
        TEXT("--processes", processes);
        TEXT("--files", files);
        TEXT("--file-bytes", file_bytes);
        NUMBER("--work-bytes", work_bytes);
        NUMBER("--work-inodes", work_inodes);
        NUMBER("--temporary-bytes", temporary_bytes);
        NUMBER("--temporary-inodes", temporary_inodes);
        NUMBER("--resident-bytes", resident_bytes);
        else stoa_fail("unknown option %s", name);
    }
    errno = 0;
    if (options.bwrap == NULL || options.python == NULL) stoa_fail("--bwrap and --python are needed");
    return options;
}

// MARK: Bubblewrap

static void limit(int resource, rlim_t value) {
    struct rlimit limit = {value, value};
    if (setrlimit((__rlimit_resource_t)resource, &limit) != 0) stoa_fail("limit %d", resource);
}

/// Becomes bubblewrap. Its environment is empty: what process 1 was started with is readable inside where /proc is.
__attribute__((noreturn)) static void execute(const stoa_launch_options *options, int filter) {
    char filter_text[16];
    static char places[STOA_MOST_BINDS][64];
    snprintf(filter_text, sizeof filter_text, "%d", filter);
    const char *list[32 + 6 * STOA_MOST_BINDS + 16];
    int n = 0;
#define ADD(...)                                                                                                    \
    do {                                                                                                            \
        const char *const words[] = {__VA_ARGS__};                                                                  \
        for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) list[n++] = words[k];                           \
    } while (0)
    ADD("bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup");
    if (options->disables_namespaces) ADD("--disable-userns");
    ADD("--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--die-with-parent", "--new-session", "--as-pid-1");
    ADD("--hostname", "sandbox", "--clearenv");
    for (int i = 0; i < options->bind_count; i++) {
        snprintf(places[i], sizeof places[i], STOA_STAGE "/binds/%d", i);
        ADD("--ro-bind", places[i], options->binds[i].destination);
    }
    for (int i = 0; i < options->link_count; i++) {
        ADD("--symlink", options->links[i].source, options->links[i].destination);
    }
    ADD("--ro-bind", STOA_STAGE STOA_INSIDE_FOLDER, STOA_INSIDE_FOLDER, "--dir", "/dev");
    ADD("--dev-bind", "/dev/null", "/dev/null", "--dev-bind", "/dev/zero", "/dev/zero");
    ADD("--dev-bind", "/dev/urandom", "/dev/urandom");
    ADD("--bind", STOA_STAGE "/work", STOA_INSIDE_WORK, "--bind", STOA_STAGE "/tmp", "/tmp", "--remount-ro", "/");
    ADD("--chdir", STOA_INSIDE_WORK, "--seccomp", filter_text, "--", STOA_INSIDE_INIT, "supervise");
    ADD(options->profile, options->memory, options->processes, options->files, options->file_bytes, options->python);
    ADD(options->preload, "/etc/passwd:/etc/shadow:/root:/home:/var:/run:/proc/self:/sys/kernel", NULL);
    char *const nothing[] = {NULL};
    execve(options->bwrap, (char *const *)list, nothing);
    stoa_fail("cannot start %s", options->bwrap);
}

/// The child: sets the stage, gives up what it may, and becomes bubblewrap.
__attribute__((noreturn)) static void become_sandbox(const stoa_launch_options *options, int complaints, pid_t parent) {
    // What fails here is told in a frame, as bubblewrap's own complaints are.
    if (dup2(complaints, STDERR_FILENO) != STDERR_FILENO) stoa_fail("standard error");
    stoa_prepare_stage(options);
    stoa_drop_user(options->user);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(126);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_MEMLOCK, 65536);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    int filter = stoa_filter_file(STOA_STAGE_OUTER);
    // Nothing but the three standard streams and the filter reaches bubblewrap.
    if (dup2(filter, 3) != 3 || syscall(SYS_close_range, 4u, ~0u, 0u) != 0) stoa_fail("closing descriptors");
    execute(options, 3);
}

// MARK: Watching

static volatile sig_atomic_t told_to_end;

static void on_signal(int signal) {
    if (signal == SIGTERM) told_to_end = 1;
}

enum { GRACE_US = 1000000, WATCHDOG_MS = 100, REPEAT_MS = 20 };

/// Waits until bubblewrap and everything below it is gone: orphans come to this process, which ends and reaps them.
///
/// Nothing else may end bubblewrap while it starts: a process that it has begun and that has not yet asked to die with it
/// would stay for ever. So this process outlives whoever wants it to end, and leaves nothing behind.
static int watch(const stoa_launch_options *options, pid_t child, int complaints, const sigset_t *mask) {
    char text[2048];
    size_t held = 0;
    int status = 0, alive = 1, host_gone = 0;
    uint64_t kill_time = 0;
    while (alive) {
        struct pollfd entries[2] = {{.fd = host_gone ? -1 : STDIN_FILENO}, {.fd = complaints, .events = POLLIN}};
        int wait = kill_time > 0 ? REPEAT_MS : options->resident_bytes > 0 ? WATCHDOG_MS : -1;
        struct timespec time = {0, (long)wait * 1000000};
        ppoll(entries, 2, wait < 0 ? NULL : &time, mask);
        if (complaints >= 0 && entries[1].revents != 0) {
            ssize_t count = read(complaints, text + held, sizeof text - held);
            if (count > 0) held += (size_t)count;
            if (count == 0 || held == sizeof text) {
                close(complaints);
                complaints = -1;
            }
        }
        // The host let go: process 1 has seen the same and ends; if it does not, it is ended.
        if (!host_gone && (entries[0].revents & (POLLHUP | POLLERR))) {
            host_gone = 1;
            kill_time = stoa_now_us() + GRACE_US;
        }
        if (told_to_end) {
            host_gone = 1;
            kill_time = 1;
        }
        if (options->resident_bytes > 0 && stoa_tree_resident(child) > options->resident_bytes) {
            // Below the sandbox's process 1, which then tells the host.
            pid_t supervisor = stoa_child_of(child);
            if (supervisor > 0) stoa_kill_below(supervisor);
        }
        if (kill_time > 0 && stoa_now_us() > kill_time) stoa_kill_below(getpid());
        int ended;
        pid_t process;
        while ((process = waitpid(-1, &ended, WNOHANG)) > 0) {
            if (process == child) status = ended;
        }
        alive = process == 0 || errno != ECHILD;
    }
    if (complaints >= 0) {
        ssize_t count = read(complaints, text + held, sizeof text - held);
        if (count > 0) held += (size_t)count;
    }
    if (held > 0 && !host_gone) {
        stoa_buffer frame = {0};
        stoa_buffer_frame(&frame, STOA_FRAME_FAILED, 0, text, held);
        fcntl(STDOUT_FILENO, F_SETFL, 0);
        stoa_buffer_flush(&frame, STDOUT_FILENO);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int stoa_launch(int count, char **arguments) {
    stoa_launch_options options = parse(count, arguments);
    // A session of its own: no terminal, and no Ctrl-C of one.
    setsid();
    syscall(SYS_close_range, 3u, ~0u, 0u);
    signal(SIGPIPE, SIG_IGN);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) stoa_fail("reaping what is left behind");
    sigset_t mask, blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &mask);
    sigdelset(&mask, SIGCHLD);
    sigdelset(&mask, SIGTERM);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_NOCLDSTOP};
    sigaction(SIGCHLD, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) stoa_fail("a pipe");
    pid_t self = getpid();
    pid_t child = fork();
    if (child < 0) stoa_fail("a process for bubblewrap");
    if (child == 0) become_sandbox(&options, ends[1], self);
    stoa_drop_user(options.user);
    close(ends[1]);
    return watch(&options, child, ends[0], &mask);
}

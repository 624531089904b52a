#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher.h"

static void write_file(const char *path, const void *bytes, size_t count) {
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
    if (file < 0 || write(file, bytes, count) != (ssize_t)count || close(file) != 0) stoa_fail("writing %s", path);
}

static void map_user(void) {
    char text[64];
    uid_t user = getuid();
    gid_t group = getgid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) stoa_fail("user namespaces are not allowed here");
    write_file("/proc/self/setgroups", "deny", 4);
    int count = snprintf(text, sizeof text, "0 %u 1", user);
    write_file("/proc/self/uid_map", text, (size_t)count);
    count = snprintf(text, sizeof text, "0 %u 1", group);
    write_file("/proc/self/gid_map", text, (size_t)count);
}

/// A file system in memory with a limit on its bytes and, what bubblewrap cannot set, on its inodes.
static void mount_memory(const char *path, uint64_t bytes, uint64_t inodes, uid_t owner, unsigned mode, int executable) {
    char text[160];
    snprintf(text, sizeof text, "size=%llu,nr_inodes=%llu,mode=%o,uid=%u,gid=%u", (unsigned long long)bytes,
             (unsigned long long)inodes, mode, owner, owner);
    unsigned long flags = MS_NOSUID | MS_NODEV | (executable ? 0 : MS_NOEXEC);
    if (mount("tmpfs", path, "tmpfs", flags, text) != 0) stoa_fail("mounting %s in memory", path);
}

static void make_folder(const char *path) {
    if (mkdir(path, 0755) != 0) stoa_fail("making %s", path);
}

static void bind(const char *source, const char *place) {
    struct stat status;
    if (stat(source, &status) != 0) stoa_fail("%s, which the sandbox needs", source);
    if (S_ISDIR(status.st_mode)) {
        make_folder(place);
    } else {
        write_file(place, "", 0);
    }
    if (mount(source, place, NULL, MS_BIND | MS_REC, NULL) != 0) stoa_fail("binding %s", source);
}

void stoa_prepare_stage(const stoa_launch_options *options) {
    char own[4096], place[64];
    // Before the namespace changes: afterwards this link leads to a mount of the old one.
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    if (length <= 0) stoa_fail("finding the launcher's own file");
    own[length] = 0;
    uid_t owner = 0;
    if (geteuid() == 0) {
        errno = 0;
        if (options->user == 0) stoa_fail("a sandbox started by root needs a user to run as");
        owner = options->user;
        if (unshare(CLONE_NEWNS) != 0) stoa_fail("mount namespaces are not allowed here");
    } else {
        map_user();
    }
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) stoa_fail("keeping mounts to ourselves");
    mount_memory(STOA_STAGE, 1 << 20, 512, 0, 0755, 1);
    make_folder(STOA_STAGE "/stoa");
    make_folder(STOA_STAGE "/binds");
    make_folder(STOA_STAGE "/work");
    make_folder(STOA_STAGE "/tmp");
    bind(own, STOA_STAGE STOA_INSIDE_INIT);
    write_file(STOA_STAGE STOA_INSIDE_DRIVER, stoa_driver_source, stoa_driver_length);
    int filter = stoa_filter_file(STOA_STAGE_INNER);
    char program[32768];
    ssize_t count = read(filter, program, sizeof program);
    if (count <= 0 || (size_t)count == sizeof program) stoa_fail("the inner filter");
    close(filter);
    write_file(STOA_STAGE STOA_INSIDE_FILTER, program, (size_t)count);
    for (int i = 0; i < options->bind_count; i++) {
        snprintf(place, sizeof place, STOA_STAGE "/binds/%d", i);
        bind(options->binds[i].source, place);
    }
    mount_memory(STOA_STAGE "/work", options->work_bytes, options->work_inodes, owner, 0700, 0);
    mount_memory(STOA_STAGE "/tmp", options->temporary_bytes, options->temporary_inodes, owner, 0700, 0);
}

void stoa_drop_user(uid_t user) {
    if (geteuid() != 0 || user == 0) return;
    if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0) {
        stoa_fail("dropping root for user %u", user);
    }
    // The change of user hides the process's own files from it; bubblewrap must write its user map.
    if (prctl(PR_SET_DUMPABLE, 1) != 0) stoa_fail("staying inspectable");
    errno = 0;
    if (setresuid(0, 0, 0) == 0) stoa_fail("root came back");
}

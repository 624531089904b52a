#ifndef STOA_LAUNCHER_H
#define STOA_LAUNCHER_H
#include "sandbox_init.h"

/// Something of the host's that is shown inside, never writable.
typedef struct stoa_bind {
    const char *source, *destination;
} stoa_bind;

enum { STOA_MOST_BINDS = 64 };

/// What the launcher was told.
typedef struct stoa_launch_options {
    const char *bwrap, *python, *preload, *profile;
    stoa_bind binds[STOA_MOST_BINDS];
    int bind_count;
    stoa_bind links[STOA_MOST_BINDS];
    int link_count;
    /// The user that everything runs as; 0 for the one who calls, who must then not be root.
    uid_t user;
    const char *memory, *processes, *files, *file_bytes;
    uint64_t work_bytes, work_inodes, temporary_bytes, temporary_inodes;
    /// Resident memory of all processes together; 0 where the address space of one is bound enough.
    uint64_t resident_bytes;
    /// Whether this bubblewrap knows `--disable-userns`.
    int disables_namespaces;
} stoa_launch_options;

/// Where the mounts are prepared: a folder that every system has and that never holds what a sandbox is shown.
#define STOA_STAGE "/sys"

/// Enters namespaces of its own and prepares, under `STOA_STAGE`, everything that bubblewrap mounts.
///
/// As root the mounts are made with root's rights and the user is dropped afterwards, so that a package folder under a
/// private home can be shown; as anyone else, in a user namespace.
void stoa_prepare_stage(const stoa_launch_options *options);

/// Gives up root for ever; nothing happens for anyone else.
void stoa_drop_user(uid_t user);

#endif

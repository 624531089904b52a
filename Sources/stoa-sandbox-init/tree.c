#include "sandbox_init.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Who is below a process, found by parents: the kernel need not have been built with /proc/…/children.

typedef struct process {
    pid_t id, parent;
    uint64_t resident;
    int below;
} process;

static int read_process(const char *name, process *entry) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%.16s/stat", name);
    FILE *file = fopen(path, "re");
    if (file == NULL) return 0;
    size_t count = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[count] = 0;
    // The name in parentheses may hold anything, parentheses included.
    const char *rest = strrchr(text, ')');
    if (rest == NULL) return 0;
    int parent;
    long resident;
    int fields = sscanf(rest + 1,
                        " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %*u %*u %ld", &parent,
                        &resident);
    if (fields != 2) return 0;
    *entry = (process){(pid_t)atoi(name), (pid_t)parent, (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE), 0};
    return 1;
}

/// Lists the processes below `root`, itself left out. The caller frees the list.
static size_t below(pid_t root, process **result) {
    size_t count = 0, capacity = 256;
    process *list = malloc(capacity * sizeof *list);
    DIR *folder = opendir("/proc");
    struct dirent *entry;
    while (list != NULL && folder != NULL && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
        if (count == capacity) {
            process *longer = realloc(list, 2 * capacity * sizeof *list);
            if (longer == NULL) break;
            list = longer;
            capacity *= 2;
        }
        if (read_process(entry->d_name, &list[count])) count++;
    }
    if (folder != NULL) closedir(folder);
    for (int changed = 1; changed;) {
        changed = 0;
        for (size_t i = 0; i < count; i++) {
            if (list[i].below || list[i].id == root) continue;
            int found = list[i].parent == root;
            for (size_t j = 0; !found && j < count; j++) found = list[j].below && list[j].id == list[i].parent;
            if (found) list[i].below = changed = 1;
        }
    }
    *result = list;
    return list == NULL ? 0 : count;
}

uint64_t stoa_tree_resident(pid_t root) {
    process *list;
    size_t count = below(root, &list);
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += list[i].below ? list[i].resident : 0;
    free(list);
    return sum;
}

pid_t stoa_child_of(pid_t root) {
    process *list;
    size_t count = below(root, &list);
    pid_t child = 0;
    for (size_t i = 0; i < count && child == 0; i++) child = list[i].below && list[i].parent == root ? list[i].id : 0;
    free(list);
    return child;
}

void stoa_kill_below(pid_t root) {
    process *list;
    size_t count = below(root, &list);
    for (size_t i = 0; i < count; i++) {
        if (list[i].below) kill(list[i].id, SIGKILL);
    }
    free(list);
}

/// System calls that no code in the sandbox may make, with their numbers on each architecture.
enum DangerousCalls {
    /// Name, number on x86-64, number on 64-bit Arm; nil where there is no such call.
    private static let table: [(name: String, x86: Int?, arm: Int?)] = [
        ("ptrace", 101, 117), ("mount", 165, 40), ("umount2", 166, 39), ("pivot_root", 155, 41), ("unshare", 272, 97),
        ("setns", 308, 268), ("chroot", 161, 51), ("init_module", 175, 105), ("finit_module", 313, 273),
        ("delete_module", 176, 106), ("kexec_load", 246, 104), ("kexec_file_load", 320, 294), ("bpf", 321, 280),
        ("perf_event_open", 298, 241), ("io_uring_setup", 425, 425), ("io_uring_enter", 426, 426),
        ("io_uring_register", 427, 427), ("userfaultfd", 323, 282), ("keyctl", 250, 219), ("add_key", 248, 217),
        ("request_key", 249, 218), ("memfd_create", 319, 279), ("memfd_secret", 447, 447), ("shmget", 29, 194),
        ("shmat", 30, 196), ("msgget", 68, 186), ("semget", 64, 190), ("mq_open", 240, 180), ("personality", 135, 92),
        ("clock_settime", 227, 112), ("settimeofday", 164, 170), ("adjtimex", 159, 171), ("clock_adjtime", 305, 266),
        ("reboot", 169, 142), ("swapon", 167, 224), ("sethostname", 170, 161), ("setdomainname", 171, 162),
        ("acct", 163, 89), ("quotactl", 179, 60), ("name_to_handle_at", 303, 264), ("open_by_handle_at", 304, 265),
        ("fanotify_init", 300, 262), ("inotify_init1", 294, 26), ("signalfd4", 289, 74), ("seccomp", 317, 277),
        ("setuid", 105, 146), ("setgid", 106, 144), ("setresuid", 117, 147), ("setgroups", 116, 159),
        ("capset", 126, 91), ("iopl", 172, nil), ("ioperm", 173, nil), ("modify_ldt", 154, nil), ("socket", 41, 198),
        ("bind", 49, 200), ("connect", 42, 203), ("accept", 43, 202), ("sendmsg", 46, 211), ("recvmsg", 47, 212),
        ("fsopen", 430, 430), ("fsmount", 432, 432), ("open_tree", 428, 428), ("move_mount", 429, 429),
        ("mount_setattr", 442, 442), ("landlock_create_ruleset", 444, 444), ("pidfd_open", 434, 434),
        ("pidfd_getfd", 438, 438), ("process_madvise", 440, 440), ("process_vm_writev", 311, 271), ("kcmp", 312, 272),
        ("vmsplice", 278, 75), ("splice", 275, 76), ("tee", 276, 77), ("setpriority", 141, 140),
        ("sched_setscheduler", 144, 119), ("setrlimit", 160, 164), ("mlockall", 151, 230), ("syslog", 103, 116),
        ("lookup_dcookie", 212, 18), ("vhangup", 153, 58), ("execve", 59, 221), ("execveat", 322, 281),
    ]

    /// Those of the machine that the test runs on.
    static var numbers: [(name: String, number: Int)] {
        table.compactMap { call in
            #if arch(x86_64)
            let number = call.x86
            #else
            let number = call.arm
            #endif
            return number.map { (call.name, $0) }
        }
    }
}

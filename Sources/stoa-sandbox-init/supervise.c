#include "sandbox_init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "supervisor.h"

// Process 1 of the sandbox. It is the only one that holds the host's pipes: untrusted code talks to it through pipes of
// its own, cannot signal it (the kernel drops what a namespace sends to its process 1) and cannot outlive it.

static void on_child(int signal) { (void)signal; }

/// Reads what is there now. Returns 0 at the end of the stream, else 1.
static int drain(int descriptor, stoa_capture *capture, size_t limit) {
    uint8_t bytes[65536];
    for (;;) {
        ssize_t count = read(descriptor, bytes, sizeof bytes);
        if (count > 0) {
            stoa_capture_take(capture, bytes, (size_t)count, limit);
            // A flood is dealt with by the caller: nobody stays here for ever.
            if ((size_t)count < sizeof bytes) return 1;
            if (capture->total > (1u << 20) && capture->total % (1u << 20) < sizeof bytes) return 1;
            continue;
        }
        if (count < 0 && errno == EINTR) continue;
        return count < 0 && errno == EAGAIN;
    }
}

static uint64_t cpu_us(const stoa_supervisor *self) {
    struct timespec time;
    clockid_t clock = (clockid_t)((~(unsigned)self->driver << 3) | 2);
    if (self->driver <= 0 || clock_gettime(clock, &time) != 0) return 0;
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

static void send_captures(stoa_supervisor *self) {
    stoa_capture_send(&self->captures[0], &self->to_host, STOA_FRAME_STDOUT, self->sequence, self->output_limit);
    stoa_capture_send(&self->captures[1], &self->to_host, STOA_FRAME_STDERR, self->sequence, self->output_limit);
}

static void drain_both(stoa_supervisor *self) {
    for (int i = 0; i < 2; i++) {
        if (self->outputs[i] >= 0 && drain(self->outputs[i], &self->captures[i], self->output_limit) == 0) {
            close(self->outputs[i]);
            self->outputs[i] = -1;
        }
    }
}

static void end_driver(stoa_supervisor *self, stoa_reason reason) {
    if (self->reason == STOA_REASON_ITSELF) self->reason = reason;
    if (self->driver > 0) kill(self->driver, SIGKILL);
}

// MARK: From the host

static void start_cell(stoa_supervisor *self, uint32_t sequence, const uint8_t *payload, size_t count) {
    stoa_run run;
    memcpy(&run, payload, sizeof run);
    memcpy(self->nonce, run.nonce, sizeof self->nonce);
    self->sequence = sequence;
    self->running = 1;
    self->output_kill = run.output_kill_bytes;
    if (self->output_limit != run.output_bytes) {
        // What was printed between the cells is captured anew under the new limit.
        for (int i = 0; i < 2; i++) {
            stoa_buffer early = self->captures[i].head;
            self->captures[i].head = (stoa_buffer){0};
            self->captures[i].total = 0;
            stoa_capture_take(&self->captures[i], early.bytes + early.start, stoa_buffer_count(&early), run.output_bytes);
            free(early.bytes);
        }
        self->output_limit = (size_t)run.output_bytes;
    }
    if (run.memory_bytes > 0) {
        struct rlimit limit = {run.memory_bytes, run.memory_bytes};
        prlimit(self->driver, RLIMIT_AS, &limit, NULL);
    }
    uint32_t length = (uint32_t)(count - sizeof run);
    stoa_buffer_append(&self->to_driver, &length, sizeof length);
    stoa_buffer_append(&self->to_driver, run.nonce, sizeof run.nonce);
    stoa_buffer_append(&self->to_driver, payload + sizeof run, length);
    if (self->input_count == 0 && self->input >= 0) {
        close(self->input);
        self->input = -1;
    }
    self->cpu_start = cpu_us(self);
    self->cpu_limit = run.cpu_us;
    self->start = stoa_now_us();
    self->deadline = self->start + run.wall_us;
    kill(self->driver, SIGCONT);
}

/// Takes whole frames of the host. The host is trusted, but a mistake must not pass for an order.
static void take_host_frames(stoa_supervisor *self) {
    stoa_buffer *buffer = &self->from_host;
    while (stoa_buffer_count(buffer) >= STOA_FRAME_HEADER) {
        const uint8_t *bytes = buffer->bytes + buffer->start;
        uint32_t length, sequence;
        memcpy(&length, bytes, sizeof length);
        memcpy(&sequence, bytes + 5, sizeof sequence);
        errno = 0;
        if (length > STOA_REQUEST_LIMIT + sizeof(stoa_run)) stoa_fail("a frame of %u bytes from the host", length);
        if (stoa_buffer_count(buffer) < STOA_FRAME_HEADER + (size_t)length) return;
        const uint8_t *payload = bytes + STOA_FRAME_HEADER;
        switch (bytes[4]) {
        case STOA_FRAME_RUN:
            if (!self->ready || self->running || length < sizeof(stoa_run)) stoa_fail("a cell at the wrong time");
            start_cell(self, sequence, payload, length);
            break;
        case STOA_FRAME_INPUT:
            if (self->input < 0) stoa_fail("input after its end");
            stoa_buffer_append(&self->to_input, payload, length);
            self->input_count += length;
            break;
        default: stoa_fail("an unknown frame from the host");
        }
        stoa_buffer_consume(buffer, STOA_FRAME_HEADER + (size_t)length);
    }
}

// MARK: From the driver

static void finish_cell(stoa_supervisor *self, const uint8_t *payload, size_t count) {
    stoa_end end = {.wall_us = stoa_now_us() - self->start, .cpu_us = cpu_us(self) - self->cpu_start};
    // Between cells nothing runs: threads that a cell left behind wait for the next one.
    if (self->is_strict) kill(self->driver, SIGSTOP);
    drain_both(self);
    stoa_buffer_frame(&self->to_host, STOA_FRAME_CONTROL, self->sequence, payload, count);
    send_captures(self);
    stoa_buffer_frame(&self->to_host, STOA_FRAME_DONE, self->sequence, &end, sizeof end);
    self->running = 0;
}

static void take_control_frames(stoa_supervisor *self) {
    static const uint8_t no_nonce[16];
    const size_t header = sizeof(uint32_t) + sizeof self->nonce;
    stoa_buffer *buffer = &self->from_driver;
    while (self->reason == STOA_REASON_ITSELF && stoa_buffer_count(buffer) >= sizeof(uint32_t)) {
        const uint8_t *bytes = buffer->bytes + buffer->start;
        uint32_t length;
        memcpy(&length, bytes, sizeof length);
        if (length > STOA_CONTROL_LIMIT) return end_driver(self, STOA_REASON_VIOLATION);
        if (stoa_buffer_count(buffer) < header) return;
        const uint8_t *nonce = bytes + sizeof length;
        int expected = self->running || !self->ready;
        if (!expected || memcmp(nonce, self->running ? self->nonce : no_nonce, sizeof self->nonce) != 0) {
            return end_driver(self, STOA_REASON_VIOLATION);
        }
        if (stoa_buffer_count(buffer) < header + length) return;
        if (self->running) {
            finish_cell(self, bytes + header, length);
        } else {
            self->ready = 1;
            stoa_buffer_frame(&self->to_host, STOA_FRAME_READY, 0, bytes + header, length);
            kill(self->driver, SIGSTOP);
        }
        stoa_buffer_consume(buffer, header + length);
    }
}

static void read_control(stoa_supervisor *self) {
    for (;;) {
        uint8_t *room = stoa_buffer_reserve(&self->from_driver, 16384);
        ssize_t count = read(self->control, room, 16384);
        if (count > 0) {
            self->from_driver.end += (size_t)count;
            // The captures come before the answer that ends them.
            take_control_frames(self);
            if ((size_t)count < 16384) return;
            continue;
        }
        if (count < 0 && errno == EINTR) continue;
        if (count == 0) {
            // The code may have closed it: it then has no way to answer, and its time runs out.
            close(self->control);
            self->control = -1;
        }
        return;
    }
}

// MARK: The end

/// Reaps everything; the driver's end is the sandbox's end.
static void reap(stoa_supervisor *self) {
    int status;
    struct rusage usage;
    pid_t process;
    while ((process = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        if (process != self->driver) continue;
        self->driver = 0;
        self->end = (stoa_end){
            .wall_us = stoa_now_us() - self->start,
            .cpu_us = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                      (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) - self->cpu_start,
            .peak_rss_kb = (uint64_t)usage.ru_maxrss,
            .code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
        };
    }
}

static void send_exit(stoa_supervisor *self) {
    // Children that the driver left behind hold its pipes: they go first.
    kill(-1, SIGKILL);
    drain_both(self);
    send_captures(self);
    self->end.reason = self->reason;
    stoa_buffer_frame(&self->to_host, STOA_FRAME_EXIT, self->sequence, &self->end, sizeof self->end);
    fcntl(STDOUT_FILENO, F_SETFL, 0);
    stoa_buffer_flush(&self->to_host, STDOUT_FILENO);
}

// MARK: The loop

static int timeout_ms(stoa_supervisor *self) {
    if (!self->running || self->reason != STOA_REASON_ITSELF) return -1;
    uint64_t now = stoa_now_us();
    if (now >= self->deadline) {
        end_driver(self, STOA_REASON_WALL);
        return -1;
    }
    uint64_t used = cpu_us(self) - self->cpu_start;
    if (used >= self->cpu_limit) {
        end_driver(self, STOA_REASON_CPU);
        return -1;
    }
    // Several threads use up processor time faster than it passes.
    uint64_t wall = self->deadline - now, cpu = (self->cpu_limit - used) / 4 + 5000;
    return (int)((wall < cpu ? wall : cpu) / 1000 + 1);
}

static void check_flood(stoa_supervisor *self) {
    for (int i = 0; i < 2; i++) {
        if (self->captures[i].total > self->output_kill) end_driver(self, STOA_REASON_OUTPUT);
    }
}

static void watch(struct pollfd *entry, int descriptor, short events) {
    *entry = (struct pollfd){.fd = descriptor, .events = events};
}

static void step(stoa_supervisor *self, const sigset_t *mask) {
    struct pollfd entries[6];
    int wait = timeout_ms(self);
    watch(&entries[0], STDIN_FILENO, POLLIN);
    watch(&entries[1], stoa_buffer_count(&self->to_host) > 0 ? STDOUT_FILENO : -1, POLLOUT);
    watch(&entries[2], self->control, POLLIN);
    watch(&entries[3], self->outputs[0], POLLIN);
    watch(&entries[4], self->outputs[1], POLLIN);
    int writes_request = stoa_buffer_count(&self->to_driver) > 0;
    int writes_input = !writes_request && self->input >= 0 && stoa_buffer_count(&self->to_input) > 0;
    watch(&entries[5], writes_request ? self->request : writes_input ? self->input : -1, POLLOUT);
    struct timespec time = {wait / 1000, (long)(wait % 1000) * 1000000};
    // The signal of an ended child arrives only here, so that none is missed.
    if (ppoll(entries, 6, wait < 0 ? NULL : &time, mask) < 0 && errno != EINTR) stoa_fail("waiting");
    reap(self);
    if (self->driver == 0) return;
    if (entries[0].revents & (POLLIN | POLLHUP)) {
        uint8_t *room = stoa_buffer_reserve(&self->from_host, 65536);
        ssize_t count = read(STDIN_FILENO, room, 65536);
        // The host is gone or done: everything here ends with process 1.
        if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) _exit(0);
        if (count > 0) self->from_host.end += (size_t)count;
        take_host_frames(self);
    }
    if (entries[3].revents | entries[4].revents) drain_both(self);
    if (entries[2].revents) read_control(self);
    check_flood(self);
    if (stoa_buffer_flush(&self->to_driver, self->request) < 0) end_driver(self, STOA_REASON_VIOLATION);
    if (writes_input && self->running) {
        if (stoa_buffer_flush(&self->to_input, self->input) < 0 || stoa_buffer_count(&self->to_input) == 0) {
            close(self->input);
            self->input = -1;
        }
    }
    if (stoa_buffer_flush(&self->to_host, STDOUT_FILENO) < 0) _exit(0);
}

int stoa_supervise(int count, char **arguments) {
    stoa_check_walls(0);
    return stoa_serve(count, arguments);
}

int stoa_serve(int count, char **arguments) {
    stoa_supervisor self = {.output_limit = 65536, .output_kill = 16u << 20};
    // Nobody inside may look into process 1.
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGPIPE, SIG_IGN);
    sigset_t mask, blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &mask);
    sigdelset(&mask, SIGCHLD);
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};
    sigaction(SIGCHLD, &action, NULL);
    stoa_start_driver(&self, count, arguments, &mask);
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
    while (self.driver != 0) step(&self, &mask);
    send_exit(&self);
    return 0;
}

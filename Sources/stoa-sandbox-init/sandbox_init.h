#ifndef STOA_SANDBOX_INIT_H
#define STOA_SANDBOX_INIT_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The launcher and the inner supervisor of the sandbox are one static program with four faces:
//   launch     outside: namespaces, mounts, limits, the filter, bubblewrap; waits until every process is gone
//   supervise  inside, process 1: runs the Python driver, frames what it says, enforces limits
//   contain    as supervise, in a container that an engine has made: brings the filters and the driver itself
//   filter     prints a filter program, for tests
int stoa_launch(int count, char **arguments);
int stoa_supervise(int count, char **arguments);
int stoa_contain(int count, char **arguments);
int stoa_print_filter(const char *name);

/// What the sandbox is laid out as: one place for both faces.
#define STOA_INSIDE_FOLDER "/stoa"
#define STOA_INSIDE_INIT STOA_INSIDE_FOLDER "/init"
#define STOA_INSIDE_DRIVER STOA_INSIDE_FOLDER "/driver.py"
#define STOA_INSIDE_FILTER STOA_INSIDE_FOLDER "/filter"
#define STOA_INSIDE_WORK "/work"
#define STOA_INSIDE_UID 1000

// MARK: Filters

typedef enum stoa_stage {
    /// Holds for everything inside: may fork and execute, never talks to a network or changes namespaces.
    STOA_STAGE_OUTER = 1,
    /// Holds for the driver from before the first untrusted byte: one process, no new programs.
    STOA_STAGE_INNER = 2,
} stoa_stage;

/// Writes the filter as an array of `struct sock_filter` into a new memory file and returns its descriptor, or -1.
int stoa_filter_file(stoa_stage stage);

// MARK: Frames

/// Every frame is `{u32 length, u8 type, u32 sequence, payload}`, little-endian; `length` counts the payload.
enum {
    STOA_FRAME_HEADER = 9,
    // From the host.
    STOA_FRAME_RUN = 'R',
    STOA_FRAME_INPUT = 'I',
    // To the host.
    STOA_FRAME_READY = 'r',
    STOA_FRAME_STDOUT = 'o',
    STOA_FRAME_STDERR = 'e',
    STOA_FRAME_CONTROL = 'c',
    STOA_FRAME_DONE = 'd',
    STOA_FRAME_EXIT = 'x',
    STOA_FRAME_FAILED = 'f',
};

/// Why a driver ended, as the exit frame says it.
typedef enum stoa_reason {
    STOA_REASON_ITSELF = 0,
    STOA_REASON_WALL = 1,
    STOA_REASON_CPU = 2,
    STOA_REASON_OUTPUT = 3,
    STOA_REASON_VIOLATION = 4,
    STOA_REASON_MEMORY = 5,
} stoa_reason;

/// What a run frame starts with; the driver's request follows.
typedef struct __attribute__((packed)) stoa_run {
    uint64_t wall_us;
    uint64_t cpu_us;
    uint64_t output_bytes;
    uint64_t output_kill_bytes;
    /// Lowers the address space from now on; 0 leaves it.
    uint64_t memory_bytes;
    uint8_t nonce[16];
} stoa_run;

/// The payload of done and exit frames.
typedef struct __attribute__((packed)) stoa_end {
    uint64_t wall_us;
    uint64_t cpu_us;
    /// 0 while the driver lives: only its parent's wait tells.
    uint64_t peak_rss_kb;
    int32_t code;
    int32_t signal;
    uint32_t reason;
} stoa_end;

/// A control frame's payload, and a request's source, are no longer than this.
#define STOA_CONTROL_LIMIT (1u << 20)
#define STOA_REQUEST_LIMIT (8u << 20)

// MARK: Buffers

/// A growing queue of bytes.
typedef struct stoa_buffer {
    uint8_t *bytes;
    size_t start, end, capacity;
} stoa_buffer;

/// Makes room for `count` bytes at the end and returns where they go; the process ends where there is no memory.
uint8_t *stoa_buffer_reserve(stoa_buffer *buffer, size_t count);
void stoa_buffer_append(stoa_buffer *buffer, const void *bytes, size_t count);
void stoa_buffer_frame(stoa_buffer *buffer, uint8_t type, uint32_t sequence, const void *payload, size_t count);
static inline size_t stoa_buffer_count(const stoa_buffer *buffer) { return buffer->end - buffer->start; }
/// Drops bytes at the front.
void stoa_buffer_consume(stoa_buffer *buffer, size_t count);
/// Writes as much as the descriptor takes at once: 0 while it is usable, -1 once it is not.
int stoa_buffer_flush(stoa_buffer *buffer, int descriptor);

/// What a stream printed: its start, its end, and how long it was.
typedef struct stoa_capture {
    stoa_buffer head;
    uint8_t *tail;
    size_t tail_capacity;
    uint64_t total;
} stoa_capture;

/// Takes bytes; `limit` of them are kept.
void stoa_capture_take(stoa_capture *capture, const uint8_t *bytes, size_t count, size_t limit);
/// Appends the frame `{u64 total, u64 head, head bytes, tail bytes}` and starts anew.
void stoa_capture_send(stoa_capture *capture, stoa_buffer *output, uint8_t type, uint32_t sequence, size_t limit);

// MARK: Shared

/// Says what failed and why on standard error, and ends the process.
__attribute__((noreturn, format(printf, 1, 2))) void stoa_fail(const char *format, ...);
uint64_t stoa_now_us(void);
/// The whole of a decimal number; fails the process for anything else.
uint64_t stoa_number(const char *text);

/// The driver's source.
extern const unsigned char stoa_driver_source[];
extern const size_t stoa_driver_length;

/// Sums the resident memory of a process and those below it, in bytes.
uint64_t stoa_tree_resident(pid_t root);
/// A child of a process; 0 where it has none.
pid_t stoa_child_of(pid_t root);
/// Kills the processes below one, but not itself.
void stoa_kill_below(pid_t root);

#endif

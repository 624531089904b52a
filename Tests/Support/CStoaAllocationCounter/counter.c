//
// Counts heap memory by thread: the test executable's malloc family stands before the C library's and forwards to it.
// Sizes are those that the allocator really gave. Memory-mapped files are not heap and are not counted.
//
#include "stoa_allocation_counter.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define STAC_OFF 1
#endif
#endif
#if !defined(__GLIBC__) && !defined(__linux__)
#define STAC_OFF 1
#endif

#ifdef STAC_OFF

int stac_available(void) { return 0; }
void stac_begin(void) {}
int64_t stac_end(void) { return 0; }

#else

#include <errno.h>
#include <malloc.h>
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void __libc_free(void *);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static __thread int counting;
static __thread int64_t live, peak;

int stac_available(void) { return 1; }

void stac_begin(void) {
    live = peak = 0;
    counting = 1;
}

int64_t stac_end(void) {
    counting = 0;
    return peak;
}

static void *gained(void *pointer) {
    if (counting && pointer) {
        live += (int64_t)malloc_usable_size(pointer);
        if (live > peak) peak = live;
    }
    return pointer;
}

static void lost(void *pointer) {
    if (counting && pointer) live -= (int64_t)malloc_usable_size(pointer);
}

void *malloc(size_t size) { return gained(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return gained(__libc_calloc(count, size)); }

void free(void *pointer) {
    lost(pointer);
    __libc_free(pointer);
}

void *realloc(void *pointer, size_t size) {
    // The old size must be read first; where the allocator refuses, the old block is still held.
    const int64_t before = counting && pointer ? (int64_t)malloc_usable_size(pointer) : 0;
    void *moved = __libc_realloc(pointer, size);
    if (moved || size == 0) live -= before;
    return gained(moved);
}

void *memalign(size_t alignment, size_t size) { return gained(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return gained(__libc_memalign(alignment, size)); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *pointer = gained(__libc_memalign(alignment, size));
    if (!pointer) return ENOMEM;
    *result = pointer;
    return 0;
}

#endif

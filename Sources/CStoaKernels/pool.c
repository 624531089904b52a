#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "internal.h"

// A region opens a gate that workers may join until the caller, having run out of indices, closes it. The caller waits
// only for workers that joined: one that sleeps, or that the system has not scheduled, costs nothing.

#define CLOSED ((uint64_t)1 << 31)
#define JOINED (CLOSED - 1)
#define EPOCH_SHIFT 32
#define SPIN_NANOSECONDS 60000

/// A worker's own part of the index range, on its own cache line.
typedef struct share {
    _Alignas(128) atomic_size_t next;
    size_t end;
} share;

typedef struct scratch {
    void *data;
    size_t bytes;
} scratch;

typedef struct worker {
    stk_pool *pool;
    int number;
    pthread_t thread;
} worker;

struct stk_pool {
    _Alignas(128) _Atomic uint64_t gate; // epoch << 32 | CLOSED | joined
    _Alignas(128) atomic_int left;       // workers that joined this epoch and are done
    _Alignas(128) atomic_int sleeping;
    atomic_int stopping;
    atomic_int caller_processor; // where the last region began; -1: not known
    void (*task)(void *context, size_t index, int worker);
    void *context;
    int threads;
    share *shares;
    scratch *scratches; // [threads + 1]; the last belongs to the caller's region
    worker *workers;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
};

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static uint64_t nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int current_processor(void) {
#if defined(__linux__)
    return sched_getcpu();
#else
    return -1;
#endif
}

/// Moves this worker off the caller's processor. A busy system wakes a worker where its waker runs, and there it only
/// gets the processor when the caller loses it: the team would be one thread for as long as the load lasts.
static void step_aside(const stk_pool *pool) {
#if defined(__linux__)
    int processor = current_processor();
    cpu_set_t allowed, others;
    if (processor < 0 || processor != atomic_load_explicit(&pool->caller_processor, memory_order_relaxed)) return;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) return;
    others = allowed;
    CPU_CLR(processor, &others);
    sched_setaffinity(0, sizeof others, &others);
    sched_setaffinity(0, sizeof allowed, &allowed); // moved now; free to go anywhere later
#else
    (void)pool;
#endif
}

/// Runs indices until none is left: the worker's own first, then those of the others.
static void drain(stk_pool *pool, int number) {
    void (*task)(void *, size_t, int) = pool->task;
    void *context = pool->context;
    for (int i = 0; i < pool->threads; i++) {
        share *s = &pool->shares[(number + i) % pool->threads];
        size_t end = s->end;
        if (i > 0 && atomic_load_explicit(&s->next, memory_order_relaxed) >= end) continue;
        for (;;) {
            size_t index = atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed);
            if (index >= end) break;
            task(context, index, number);
        }
    }
}

/// The gate's value once it shows an epoch other than `seen`; spins, then sleeps. 0 where the pool stops.
static uint64_t next_epoch(stk_pool *pool, uint32_t seen) {
    uint64_t deadline = 0;
    for (unsigned spins = 1;; spins++) {
        uint64_t gate = atomic_load_explicit(&pool->gate, memory_order_acquire);
        if ((uint32_t)(gate >> EPOCH_SHIFT) != seen) return gate;
        if (atomic_load_explicit(&pool->stopping, memory_order_acquire)) return 0;
        relax();
        if (spins % 64) continue;
        step_aside(pool);
        uint64_t now = nanoseconds();
        if (!deadline) deadline = now + SPIN_NANOSECONDS;
        if (now < deadline) continue;
        pthread_mutex_lock(&pool->mutex);
        atomic_fetch_add(&pool->sleeping, 1);
        while ((uint32_t)(atomic_load(&pool->gate) >> EPOCH_SHIFT) == seen && !atomic_load(&pool->stopping))
            pthread_cond_wait(&pool->wake, &pool->mutex);
        atomic_fetch_sub(&pool->sleeping, 1);
        pthread_mutex_unlock(&pool->mutex);
        step_aside(pool);
        deadline = 0;
    }
}

static void *work(void *argument) {
    worker *self = argument;
    stk_pool *pool = self->pool;
    uint32_t seen = 0;
    for (;;) {
        uint64_t gate = next_epoch(pool, seen);
        if (!gate) return NULL;
        seen = (uint32_t)(gate >> EPOCH_SHIFT);
        while (!(gate & CLOSED) && (uint32_t)(gate >> EPOCH_SHIFT) == seen) {
            if (!atomic_compare_exchange_weak_explicit(&pool->gate, &gate, gate + 1, memory_order_acq_rel,
                                                       memory_order_acquire))
                continue;
            drain(pool, self->number);
            atomic_fetch_add_explicit(&pool->left, 1, memory_order_release);
            break;
        }
    }
}

void stk_pool_run_workers(stk_pool *pool, void (*task)(void *, size_t, int), void *context, size_t count) {
    if (pool->threads == 1 || count <= 1) {
        for (size_t i = 0; i < count; i++) task(context, i, 0);
        return;
    }
    size_t threads = (size_t)pool->threads;
    atomic_store_explicit(&pool->caller_processor, current_processor(), memory_order_relaxed);
    pool->task = task;
    pool->context = context;
    for (size_t i = 0; i < threads; i++) {
        atomic_store_explicit(&pool->shares[i].next, count * i / threads, memory_order_relaxed);
        pool->shares[i].end = count * (i + 1) / threads;
    }
    atomic_store_explicit(&pool->left, 0, memory_order_relaxed);
    uint32_t epoch = (uint32_t)(atomic_load_explicit(&pool->gate, memory_order_relaxed) >> EPOCH_SHIFT) + 1;
    if (epoch == 0) epoch = 1; // 0 is what a worker has seen before its first region
    atomic_store(&pool->gate, (uint64_t)epoch << EPOCH_SHIFT);
    if (atomic_load(&pool->sleeping)) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
    drain(pool, 0);
    uint64_t gate = atomic_fetch_or_explicit(&pool->gate, CLOSED, memory_order_acq_rel);
    int joined = (int)(gate & JOINED);
    while (atomic_load_explicit(&pool->left, memory_order_acquire) < joined) relax();
}

typedef struct plain {
    void (*task)(void *, size_t);
    void *context;
} plain;

static void run_plain(void *context, size_t index, int number) {
    (void)number;
    const plain *p = context;
    p->task(p->context, index);
}

void stk_pool_run(stk_pool *pool, void (*task)(void *, size_t), void *context, size_t count) {
    plain p = {task, context};
    stk_pool_run_workers(pool, run_plain, &p, count);
}

void *stk_pool_scratch(stk_pool *pool, int number, size_t bytes) {
    scratch *s = &pool->scratches[number < 0 ? pool->threads : number];
    if (s->bytes < bytes) {
        free(s->data);
        s->bytes = stk_round_up(bytes + bytes / 4, 4096);
        s->data = aligned_alloc(4096, s->bytes);
        if (!s->data) s->bytes = 0;
    }
    return s->data;
}

int stk_pool_threads(const stk_pool *pool) { return pool->threads; }

stk_pool *stk_pool_create(int threads) {
    if (threads < 1 || threads > 1024) return NULL;
    stk_pool *pool = aligned_alloc(128, stk_round_up(sizeof(stk_pool), 128));
    if (!pool) return NULL;
    *pool = (stk_pool){.threads = threads};
    size_t n = (size_t)threads;
    pool->shares = aligned_alloc(128, n * sizeof(share));
    pool->scratches = calloc(n + 1, sizeof(scratch));
    pool->workers = calloc(n, sizeof(worker));
    atomic_store(&pool->gate, CLOSED);
    atomic_store(&pool->caller_processor, -1);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    int started = 1;
    if (pool->shares && pool->scratches && pool->workers) {
        // Workers take no signals: those belong to the program's own threads.
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        for (; started < threads; started++) {
            worker *w = &pool->workers[started];
            *w = (worker){.pool = pool, .number = started};
            if (pthread_create(&w->thread, NULL, work, w) != 0) break;
        }
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    } else {
        started = 0;
    }
    if (started == threads) return pool;
    pool->threads = started;
    stk_pool_destroy(pool);
    return NULL;
}

void stk_pool_destroy(stk_pool *pool) {
    if (!pool) return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->stopping, 1);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 1; i < pool->threads; i++) pthread_join(pool->workers[i].thread, NULL);
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->wake);
    for (int i = 0; pool->scratches && i <= pool->threads; i++) free(pool->scratches[i].data);
    free(pool->scratches);
    free(pool->shares);
    free(pool->workers);
    free(pool);
}

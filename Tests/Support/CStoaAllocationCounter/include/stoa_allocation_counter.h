#ifndef STOA_ALLOCATION_COUNTER_H
#define STOA_ALLOCATION_COUNTER_H
#include <stdint.h>

/// 1 where allocations are counted; 0 under sanitizers, which replace the allocator themselves.
int stac_available(void);
/// Begins to count what the calling thread allocates and frees.
void stac_begin(void);
/// Ends counting. The most bytes that the thread held beyond what it held at the beginning, at any moment.
int64_t stac_end(void);

#endif

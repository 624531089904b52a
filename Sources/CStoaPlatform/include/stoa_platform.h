#ifndef STOA_PLATFORM_H
#define STOA_PLATFORM_H
#include <stddef.h>
#include <stdint.h>

#include "stoa_interrupt.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Incremental SHA-256 (FIPS 180-4). The state is plain memory: it may be copied and needs no release.
typedef struct stp_sha256 {
    uint32_t state[8];
    uint64_t length;
    uint8_t block[64];
    size_t filled;
} stp_sha256;

void stp_sha256_init(stp_sha256 *_Nonnull hash);
/// Absorbs `count` bytes; `bytes` may be NULL when `count` is 0.
void stp_sha256_update(stp_sha256 *_Nonnull hash, const void *_Nullable bytes, size_t count);
/// Writes the 32-byte digest and leaves `hash` unusable until the next init.
void stp_sha256_final(stp_sha256 *_Nonnull hash, uint8_t *_Nonnull digest);
/// 1 where the CPU has SHA instructions and they are in use.
int stp_sha256_accelerated(void);

#ifdef __cplusplus
}
#endif
#endif

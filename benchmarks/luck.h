/* Addressed luck in plain C: Philox4x32-10 as bestowal/streams.py draws it. */

#ifndef LUCK_H
#define LUCK_H

#include <stdint.h>

/* A long function called from a loop is left as a call, and the loop scalar, unless the compiler is told. */
#define INLINE static inline __attribute__((always_inline))

/* In 64-bit words whose high halves are rubbish: of this gcc 12 makes a faster loop than of 32-bit words. `moment` is
   year << 16 | purpose << 8 | index. */
INLINE void philox(uint64_t person, uint64_t moment, uint32_t world, uint64_t seed, uint32_t *restrict w0,
                   uint32_t *restrict w1, uint32_t *restrict w2, uint32_t *restrict w3) {
    uint64_t x0 = person, x1 = person >> 32, x2 = moment, x3 = world;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
#pragma GCC unroll 10
    for (int i = 0; i < 10; i++) {
        uint64_t p0 = 0xD2511F53ull * (x0 & 0xFFFFFFFFull), p1 = 0xCD9E8D57ull * (x2 & 0xFFFFFFFFull);
        uint64_t y0 = p1 >> 32 ^ x1 ^ k0, y2 = p0 >> 32 ^ x3 ^ k1;
        x0 = y0, x1 = p1, x2 = y2, x3 = p0;
        k0 += 0x9E3779B9, k1 += 0xBB67AE85;
    }
    *w0 = (uint32_t)x0, *w1 = (uint32_t)x1, *w2 = (uint32_t)x2, *w3 = (uint32_t)x3;
}

INLINE uint64_t moment(uint64_t year, uint64_t purpose, uint64_t index) { return year << 16 | purpose << 8 | index; }

INLINE int chance(uint32_t word, double p) { return word * 0x1p-32 < p; }

INLINE uint32_t below(uint32_t word, uint32_t n) { return (uint32_t)((uint64_t)word * n >> 32); }

#endif

/* Hammond and Axelrod 2006 in plain C: what bestowal/models/hammond_axelrod_2006.py is timed against.

   The same rules, the same algorithm and the same luck (Philox4x32-10, the same addresses), so that the eight
   observables it prints are the same to the last bit. Defaults of the model; written without intrinsics.

   gcc -O3 -march=native -ffp-contract=off -o hammond_axelrod benchmarks/hammond_axelrod.c
   ./hammond_axelrod SIDE PERIODS SEED WORLD

   (Numba compiles for the processor it runs on, hence -march=native; no multiplication and addition may be fused into
   one rounding, hence -ffp-contract=off.)

   Prints one line: ethnocentric, humanitarian, selfish, traitorous, cooperation, consistent, same_colour, density of
   the last period, then the seconds the run took, without the start of the program. */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "luck.h"

#define COLOURS 4
#define COST 0.01
#define BENEFIT 0.03
#define BASE_CHANCE 0.12
#define MUTATION 0.005
#define DEATH 0.1
#define IMMIGRANTS 1

/* ------------------------------------------------------------------------------------------------------------ luck */

enum { IMMIGRANT = 1, TRAITS = 2, LIFE = 3, MUTATE = 4 };

static uint64_t seed;
static uint32_t world;

INLINE void draw(uint32_t period, uint32_t person, uint32_t purpose, uint32_t index, uint32_t *restrict w0,
                 uint32_t *restrict w1, uint32_t *restrict w2, uint32_t *restrict w3) {
    philox(person, moment(period, purpose, index), world, seed, w0, w1, w2, w3);
}

/* ----------------------------------------------------------------------------------------------------------- world */

/* A person is one number, (colour + 1) * 4 + og * 2 + ig; 0 is an empty site. What a meeting comes to is packed into
   3 bits for helps given, 3 for helps had and 1 for "lives and has an empty neighbour". */
enum { HAD = 8, ROOM = 64, CODES = 128 };
enum { LIVING, ETHNOCENTRIC, TRAITOROUS, HUMANITARIAN, MEETINGS, SAME, HELPS, CONSISTENT, TALLIES };
#define CHUNK 4096 /* sites summed up in 16 bits: at most four a site */

static int side, n, n_heaps;
static uint16_t *ground; /* n + 2 side: who is on each site, between a copy of the last row and one of the first */
static uint16_t *people; /* the n sites in the middle of it */
static uint16_t *east, *west;
static uint8_t *met;
static uint32_t *turn, *bears, *where, *fate; /* a period's luck at each site */
static uint64_t *found, *line;                /* turn << 32 | site of those who may bear, as found and in order */
static int *heaps;
static uint32_t *newborn, *m0, *m1, *m2, *m3;
static double chances[CODES];
static int64_t tally[TALLIES];

static int empty_site(int period, int k) {
    int site = 0;
    for (int index = 0; index < 64; index++) {
        uint32_t w[4];
        draw(period, k, IMMIGRANT, index, w, w + 1, w + 2, w + 3);
        for (int j = 0; j < 4; j++) {
            site = below(w[j], n);
            if (!people[site]) return site;
        }
    }
    while (people[site]) site = site + 1 < n ? site + 1 : 0;
    return site;
}

static void immigrate(int period) {
    for (int k = 0; k < IMMIGRANTS && k < n - tally[LIVING]; k++) {
        int site = empty_site(period, k);
        uint32_t w0, w1, w2, w3;
        draw(period, k, TRAITS, 0, &w0, &w1, &w2, &w3);
        people[site] = (below(w0, COLOURS) + 1) * 4 + chance(w2, 0.5) * 2 + chance(w1, 0.5);
    }
}

static void look(void) {
    memcpy(ground, ground + n, side * sizeof *ground);
    memcpy(ground + n + side, people, side * sizeof *ground);
    memcpy(east, people + 1, n * sizeof *east);
    memcpy(west, people - 1, n * sizeof *west);
    for (int first = 0; first < n; first += side) {
        east[first + side - 1] = people[first];
        west[first] = people[first + side - 1];
    }
}

static void meet(void) {
    for (int t = MEETINGS; t < TALLIES; t++) tally[t] = 0;
    for (int first = 0; first < n; first += CHUNK) {
        int size = n - first < CHUNK ? n - first : CHUNK;
        const uint16_t *restrict here = people + first, *restrict north = here - side, *restrict south = here + side;
        const uint16_t *restrict e = east + first, *restrict w = west + first;
        uint8_t *restrict out = met + first;
        uint16_t meetings = 0, alike = 0, helps = 0, consistent = 0;
        for (int i = 0; i < size; i++) {
            uint16_t one = here[i], m = 0, given = 0, had = 0;
#define MEET(other)                                                                                                    \
    do {                                                                                                               \
        uint16_t both = (one != 0) & ((other) != 0), same = ((one ^ (other)) < 4) & both;                              \
        uint16_t gives = (same ? one : one >> 1) & 1 & both, gets = (same ? (other) : (other) >> 1) & 1 & both;        \
        m += both, given += gives, had += gets, alike += same, consistent += both - (same ^ gives);                    \
    } while (0)
            MEET(north[i]);
            MEET(e[i]);
            MEET(south[i]);
            MEET(w[i]);
            out[i] = given + had * HAD + ((one != 0) & (m < 4)) * ROOM;
            meetings += m, helps += given;
        }
        tally[MEETINGS] += meetings, tally[SAME] += alike, tally[HELPS] += helps, tally[CONSISTENT] += consistent;
    }
}

static void luck(int period) {
    uint32_t *restrict a = turn, *restrict b = bears, *restrict c = where, *restrict d = fate;
    for (int i = 0; i < n; i++) draw(period, i, LIFE, 0, a + i, b + i, c + i, d + i);
}

static int line_up(void) {
    for (int given = 0; given < 5; given++)
        for (int had = 0; had < 5; had++)
            chances[given + HAD * had + ROOM] = BASE_CHANCE - COST * given + BENEFIT * had;
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (chance(bears[i], chances[met[i]])) found[count++] = (uint64_t)turn[i] << 32 | i;
    }
    memset(heaps, 0, (n_heaps + 1) * sizeof *heaps);
    for (int j = 0; j < count; j++) heaps[below(found[j] >> 32, n_heaps) + 1]++;
    for (int h = 1; h < n_heaps; h++) heaps[h] += heaps[h - 1];
    for (int j = 0; j < count; j++) line[heaps[below(found[j] >> 32, n_heaps)]++] = found[j];
    for (int j = 1; j < count; j++) {
        uint64_t this = line[j];
        int k = j;
        for (; k > 0 && line[k - 1] > this; k--) line[k] = line[k - 1];
        line[k] = this;
    }
    return count;
}

static int bear(int count) {
    int n_newborn = 0;
    for (int j = 0; j < count; j++) {
        int i = (uint32_t)line[j], column = i % side;
        int to[4] = {i >= side ? i - side : i + n - side, column < side - 1 ? i + 1 : i + 1 - side,
                     i + side < n ? i + side : i + side - n, column > 0 ? i - 1 : i - 1 + side};
        int a = !people[to[0]], b = a + !people[to[1]], c = b + !people[to[2]], empty = c + !people[to[3]];
        if (!empty) continue;
        int drawn = below(where[i], empty);
        int site = a > drawn ? to[0] : b > drawn ? to[1] : c > drawn ? to[2] : to[3];
        people[site] = people[i];
        newborn[n_newborn++] = site;
    }
    return n_newborn;
}

static void mutate(int n_newborn, int period) {
    uint32_t *restrict a = m0, *restrict b = m1, *restrict c = m2, *restrict d = m3;
    const uint32_t *restrict sites = newborn;
    for (int j = 0; j < n_newborn; j++) draw(period, sites[j], MUTATE, 0, a + j, b + j, c + j, d + j);
    for (int j = 0; j < n_newborn; j++) {
        uint16_t *one = people + newborn[j];
        if (COLOURS > 1 && chance(m0[j], MUTATION)) {
            int colour = (*one >> 2) - 1, other = below(m1[j], COLOURS - 1);
            *one = (other + (other >= colour) + 1) * 4 + (*one & 3);
        }
        if (chance(m2[j], MUTATION)) *one ^= 1;
        if (chance(m3[j], MUTATION)) *one ^= 2;
    }
}

static void die(void) {
    for (int t = 0; t < MEETINGS; t++) tally[t] = 0;
    for (int first = 0; first < n; first += CHUNK) {
        int size = n - first < CHUNK ? n - first : CHUNK;
        uint16_t *restrict here = people + first;
        const uint32_t *restrict f = fate + first;
        uint16_t living = 0, own = 0, others = 0, all = 0;
        for (int i = 0; i < size; i++) {
            uint16_t one = chance(f[i], DEATH) ? 0 : here[i];
            here[i] = one;
            living += one != 0, own += one & 1, others += one >> 1 & 1, all += one & one >> 1 & 1;
        }
        tally[LIVING] += living, tally[HUMANITARIAN] += all;
        tally[ETHNOCENTRIC] += own - all, tally[TRAITOROUS] += others - all;
    }
}

static void observe(double *out) {
    double living = tally[LIVING], meetings = tally[MEETINGS];
    out[0] = tally[ETHNOCENTRIC] / living;
    out[1] = tally[HUMANITARIAN] / living;
    out[2] = (tally[LIVING] - tally[ETHNOCENTRIC] - tally[HUMANITARIAN] - tally[TRAITOROUS]) / living;
    out[3] = tally[TRAITOROUS] / living;
    out[4] = tally[HELPS] / meetings;
    out[5] = tally[CONSISTENT] / meetings;
    out[6] = tally[SAME] / meetings;
    out[7] = living / n;
}

static void *array(size_t length, size_t size) {
    void *a = calloc(length, size);
    if (!a) exit(2);
    return a;
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "usage: hammond_axelrod SIDE PERIODS SEED WORLD\n"), 1;
    int periods = atoi(argv[2]);
    side = atoi(argv[1]), seed = strtoull(argv[3], 0, 10), world = strtoul(argv[4], 0, 10);
    if (side < 3 || side > 1000 || periods < 1 || periods > 65536) return fprintf(stderr, "out of range\n"), 1;
    n = side * side, n_heaps = n / 8 + 1;
    double *out = array((size_t)periods * 8, sizeof *out); /* every period is kept, as the engine does */

    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    ground = array(n + 2 * side, sizeof *ground), people = ground + side;
    east = array(n, sizeof *east), west = array(n, sizeof *west), met = array(n, 1);
    turn = array(n, 4), bears = array(n, 4), where = array(n, 4), fate = array(n, 4);
    found = array(n, 8), line = array(n, 8), heaps = array(n_heaps + 1, sizeof *heaps);
    newborn = array(n, 4), m0 = array(n, 4), m1 = array(n, 4), m2 = array(n, 4), m3 = array(n, 4);
    for (int period = 0; period < periods; period++) {
        immigrate(period);
        look();
        meet();
        luck(period);
        mutate(bear(line_up()), period);
        die();
        observe(out + (size_t)period * 8);
    }
    clock_gettime(CLOCK_MONOTONIC, &after);
    for (int i = 0; i < 8; i++) printf("%.17g ", out[(size_t)(periods - 1) * 8 + i]);
    printf("%.6f\n", (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec));
    return 0;
}

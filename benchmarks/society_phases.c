/* The phases of a society's year in plain C: what bestowal/models/society is timed against, a phase at a time.

   The same algorithm on the same arrays, every operation in the same order, so that what a phase leaves is the same to
   the last bit. Single thread, no intrinsics; loops are fused where a C programmer would. society.h is written by
   society_phases.py: Params, State, and the numbers of the rows, as ours has them.

   gcc -shared -fPIC -O3 -march=native -ffp-contract=off -fno-math-errno -fno-trapping-math */

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "luck.h"
#include "society.h"


typedef void Phase(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year);

/* ----------------------------------------------------------------------------------------------- numbers (numerics) */

static inline double float_of(int64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline int64_t bits_of(double x) {
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

INLINE double clip(double x, double lo, double hi) {
    double y = x < lo ? lo : x;
    return y > hi ? hi : y;
}

#define ROUND 6755399441055744.0 /* 1.5 * 2**52 */
#define LN2_HIGH 0.6931471803691238
#define LN2_LOW 1.9082149292705877e-10

INLINE double exponential(double x) {
    x = clip(x, -700.0, 700.0);
    double shifted = x * 1.4426950408889634 + ROUND;
    double k = shifted - ROUND;
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    double z = r * r, z2 = z * z;
    double q0 = 1.0 / 2.0 + r * (1.0 / 6.0);
    double q1 = 1.0 / 24.0 + r * (1.0 / 120.0);
    double q2 = 1.0 / 720.0 + r * (1.0 / 5040.0);
    double q3 = 1.0 / 40320.0 + r * (1.0 / 362880.0);
    double q4 = 1.0 / 3628800.0 + r * (1.0 / 39916800.0);
    double q5 = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0);
    double y = 1.0 + (r + z * ((q0 + z * q1) + z2 * ((q2 + z * q3) + z2 * (q4 + z * q5))));
    return y * float_of((int64_t)((uint64_t)(bits_of(shifted) + 1023) << 52));
}

INLINE double logarithm(double x) {
    int64_t bits = bits_of(x);
    int64_t above = (bits - 0x3FE6A09E667F3BCD) & -(1LL << 52);
    double m = float_of(bits - above);
    double k = float_of((above >> 52) + 0x4338000000000000) - ROUND;
    double f = m - 1.0;
    double s = f / (2.0 + f);
    double z = s * s, z2 = z * z;
    double q0 = 2.0 / 3.0 + z * (2.0 / 5.0);
    double q1 = 2.0 / 7.0 + z * (2.0 / 9.0);
    double q2 = 2.0 / 11.0 + z * (2.0 / 13.0);
    double q3 = 2.0 / 15.0 + z * (2.0 / 17.0);
    double q4 = 2.0 / 19.0 + z * (2.0 / 21.0);
    double r = z * (q0 + z2 * (q1 + z2 * (q2 + z2 * (q3 + z2 * q4))));
    double h = 0.5 * f * f;
    return k * LN2_HIGH - ((h - (s * (h + r) + k * LN2_LOW)) - f);
}

INLINE double logistic(double x) { return 1.0 / (1.0 + exponential(-x)); }

INLINE double logit(double share) { return logarithm(share / (1.0 - share)); }

INLINE double lognormal(double sd, double z) { return exponential(sd * z - 0.5 * sd * sd); }

INLINE void sincos_turns(double u, double *restrict sine, double *restrict cosine) {
    double shifted = u * 4.0 + ROUND;
    int64_t quarter = bits_of(shifted);
    double t = (u - (shifted - ROUND) * 0.25) * 6.283185307179586;
    double z = t * t;
    double s = -1.0 / 1307674368000.0;
    s = s * z + 1.0 / 6227020800.0;
    s = s * z - 1.0 / 39916800.0;
    s = s * z + 1.0 / 362880.0;
    s = s * z - 1.0 / 5040.0;
    s = s * z + 1.0 / 120.0;
    s = s * z - 1.0 / 6.0;
    s = t + t * z * s;
    double c = 1.0 / 20922789888000.0;
    c = c * z - 1.0 / 87178291200.0;
    c = c * z + 1.0 / 479001600.0;
    c = c * z - 1.0 / 3628800.0;
    c = c * z + 1.0 / 40320.0;
    c = c * z - 1.0 / 720.0;
    c = c * z + 1.0 / 24.0;
    c = 1.0 - (0.5 * z - z * z * c);
    double a = quarter & 1 ? c : s;
    double b = quarter & 1 ? s : c;
    *sine = quarter & 2 ? -a : a;
    *cosine = (quarter + 1) & 2 ? -b : b;
}

INLINE void normals(uint32_t word0, uint32_t word1, double *restrict first, double *restrict second) {
    double radius = sqrt(-2.0 * logarithm((word0 + 0.5) * 0x1p-32)), sine, cosine;
    sincos_turns((word1 + 0.5) * 0x1p-32, &sine, &cosine);
    *first = radius * cosine;
    *second = radius * sine;
}

/* Sums in sixteen lanes. What is summed is an expression of i, so that a sum needs no pass of its own. */
INLINE double pairs(const double *a, double rest) {
    double even = ((a[0] + a[8]) + (a[4] + a[12])) + ((a[2] + a[10]) + (a[6] + a[14]));
    double odd = ((a[1] + a[9]) + (a[5] + a[13])) + ((a[3] + a[11]) + (a[7] + a[15]));
    return (even + odd) + rest;
}

#define SUM(result, n, i, expression)                                                                                  \
    do {                                                                                                               \
        double lanes_[16] = {0.0}, rest_ = 0.0;                                                                        \
        int64_t full_ = (n) - (n) % 16;                                                                                \
        for (int64_t first_ = 0; first_ < full_; first_ += 16)                                                         \
            for (int64_t lane_ = 0; lane_ < 16; lane_++) {                                                             \
                int64_t i = first_ + lane_;                                                                            \
                lanes_[lane_] += (expression);                                                                         \
            }                                                                                                          \
        for (int64_t i = full_; i < (n); i++) rest_ += (expression);                                                   \
        result = pairs(lanes_, rest_);                                                                                 \
    } while (0)

INLINE double total(const double *restrict values, int64_t n) {
    double sum;
    SUM(sum, n, i, values[i]);
    return sum;
}

INLINE double living_total(const uint8_t *restrict alive, const double *restrict values, int64_t n) {
    double sum;
    SUM(sum, n, i, alive[i] * values[i]);
    return sum;
}

/* -------------------------------------------------------------------------------------------------- luck (streams) */

/* The four words of n persons, a row for each word. */
static void fill_rows(uint64_t seed, uint32_t world, uint64_t when, const uint64_t *restrict persons, int64_t n,
                      uint32_t *restrict out0, uint32_t *restrict out1, uint32_t *restrict out2,
                      uint32_t *restrict out3) {
    for (int64_t i = 0; i < n; i++) philox(persons[i], when, world, seed, out0 + i, out1 + i, out2 + i, out3 + i);
}

/* The rows are `width` apart. */
static void fill(uint64_t seed, uint32_t world, int64_t year, const uint64_t *persons, int64_t n, int64_t purpose,
                 uint32_t *out, int64_t width) {
    fill_rows(seed, world, moment((uint64_t)year, (uint64_t)purpose, 0), persons, n, out, out + width, out + 2 * width, out + 3 * width);
}

static inline double uniform(uint32_t word) { return (word + 0.5) * 0x1p-32; }

static inline uint64_t child(uint64_t mother, int64_t year, int64_t order) {
    uint32_t w0, w1, w2, w3;
    philox(mother, moment((uint64_t)year, 0, (uint64_t)order), 0x4C494E45, 0x6F77616C62657374ull, &w0, &w1, &w2, &w3);
    return 3ull << 62 | (((uint64_t)w1 << 32 | w0) & ((1ull << 62) - 1));
}

static inline uint64_t applicant(int64_t c, int64_t year, int64_t k) {
    return 1ull << 62 | (uint64_t)c << 32 | (uint64_t)year << 16 | (uint64_t)k;
}

/* ----------------------------------------------------------------------------------------------------- the arrays */

#define PLACES (p->n_communities * p->n_places)
#define PERSON_ROW(row) (s->person + (row) * PLACES)
#define OF(row) (s->person + (row) * PLACES + c * p->n_places) /* of community c */
#define IN(row) (s->community[(row) * p->n_communities + c])   /* of community c */
#define WORDS(purpose, word) (s->words + ((purpose) * 4 + (word)) * PLACES)
#define CROWD_WIDTH ((2 * p->n_places > CROWD ? 2 * p->n_places : CROWD) + LANES)
#define CROWD_ROW(row) (s->crowd + (row) * CROWD_WIDTH)

/* Where flags are 1, upwards; returns how many. */
static inline int64_t which(const uint8_t *restrict flags, int64_t n, int64_t *restrict out) {
    int64_t k = 0;
    for (int64_t i = 0; i < n; i++) {
        out[k] = i;
        k += flags[i];
    }
    return k;
}

static inline int64_t count(const uint8_t *restrict flags, int64_t n) {
    uint32_t sum = 0;
    for (int64_t i = 0; i < n; i++) sum += flags[i];
    return sum;
}

/* Rows that are 0 at an empty place, so that a sum needs no look at who is alive. */
static const int summed[] = {ABILITY, COMMITMENT, BREADTH, SUPREMACY, INCLUSION, BELIEF, PRACTISING};

static inline void depart(const Params *p, const State *s, int64_t i) {
    s->alive[i] = 0;
    s->ruler[i] = 0;
    for (int row = 0; row < (int)(sizeof summed / sizeof *summed); row++) PERSON_ROW(summed[row])[i] = 0.0;
}

/* ---------------------------------------------------------------------------------------------------- the phases */

void draw_luck(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    fill(seed, world, year, s->id, PLACES, YEAR, WORDS(0, 0), PLACES);
    fill(seed, world, year, s->id, PLACES, LEARN, WORDS(1, 0), PLACES);
    fill(seed, world, year, s->id, PLACES, FAMILY, WORDS(2, 0), PLACES);
}

void prepare(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    int64_t n = PLACES;
    const uint8_t *restrict alive = s->alive;
    const double *restrict screen = PERSON_ROW(SCREEN), *restrict desire = PERSON_ROW(DESIRE);
    const double *restrict ability = PERSON_ROW(ABILITY);
    double *restrict ratio = PERSON_ROW(RATIO), *restrict motive = PERSON_ROW(MOTIVE);
    double *restrict benchmark = PERSON_ROW(BENCHMARK), *restrict product = PERSON_ROW(PRODUCT);
    double *restrict noise = PERSON_ROW(NOISE);
    const uint32_t *restrict w0 = WORDS(0, 0), *restrict w1 = WORDS(0, 1);
    double sd = p->luck_sd;
    for (int64_t i = 0; i < n; i++) {
        double x = exponential(screen[i] - desire[i]);
        ratio[i] = x;
        motive[i] = alive[i] * (x / (1.0 + x));
        benchmark[i] = ability[i] * ability[i];
    }
    for (int64_t i = 0; i < n; i++) {
        double first, second;
        normals(w0[i], w1[i], &first, &second);
        noise[i] = second;
        product[i] = lognormal(sd, first);
    }
}

INLINE double care(double ratio, double inclusion, double commitment, double belief, double matching) {
    double weight = ratio > 1.0 ? 1.0 : ratio;
    return inclusion * weight * (commitment + (1.0 - commitment) * matching * belief);
}

/* The terms of a community's effort that are the same for all its people. */
typedef struct {
    double pay, common, forced, uncrowded, pride;
} Terms;

INLINE Terms terms_of(const Params *p, double pay) {
    return (Terms){pay, (1.0 - pay) * (1.0 + p->synergy), p->coercion * p->coerced_effort,
                   1.0 - p->crowding_out * p->coercion, p->pride * p->threat};
}

INLINE double effort(double alpha, double n, Terms t, double breadth, double seen) {
    double lift = t.uncrowded * (1.0 + t.pride * (1.0 - breadth));
    double e = t.pay + t.common * (1.0 / n + alpha * lift * (n - 1.0) / n) + t.forced;
    return clip(e + seen, 0.0, 1.0);
}

/* Effort and product of one community's people; for rows as arguments the compilers believe `restrict`. `norm` is what
   a club's eyes add, `hours` what practice takes. */
static void give(int64_t size, double n, double matching, Terms terms, double shock, double scale, double norm,
                 double hours, const uint8_t *restrict alive, const double *restrict ratio,
                 const double *restrict inclusion, const double *restrict commitment, const double *restrict belief,
                 const double *restrict breadth, const double *restrict practising, double *restrict given,
                 double *restrict expected, double *restrict benchmark, double *restrict product) {
    for (int64_t i = 0; i < size; i++) {
        double alpha = care(ratio[i], inclusion[i], commitment[i], belief[i], matching);
        double e = alive[i] * effort(alpha, n, terms, breadth[i], norm * practising[i]);
        double q = benchmark[i] * e * (1.0 - hours * practising[i]), luck = product[i];
        given[i] = e;
        expected[i] = q;
        benchmark[i] = benchmark[i] * luck * shock;
        product[i] = q * luck * scale;
    }
}

void work(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    int64_t size = p->n_places;
    for (int64_t c = 0; c < p->n_communities; c++) {
        if (!s->standing[c]) continue;
        const uint8_t *alive = s->alive + c * size;
        double n = (double)count(alive, size), pay = IN(PAY), shock = IN(SHOCK);
        double planned = p->planned_size > n ? p->planned_size : n;
        double kept = 1.0 - p->information_loss * (1.0 - pay) * planned / (planned + p->information_half);
        double scale = shock * kept * (1.0 - IN(DAMAGE)) * (1.0 - p->hoarding * p->budget_softness);
        give(size, n, p->matching, terms_of(p, pay), shock, scale, p->practice == CLUB ? p->club_norm : 0.0,
             p->practice_hours, alive, OF(RATIO), OF(INCLUSION), OF(COMMITMENT), OF(BELIEF), OF(BREADTH),
             OF(PRACTISING), OF(EFFORT), OF(EXPECTED), OF(BENCHMARK), OF(PRODUCT));
        IN(MEAN_BELIEF) = total(OF(BELIEF), size) / n;
        IN(WORKERS) = n;
        IN(INFORMED) = kept;
        IN(PRACTISERS) = total(OF(PRACTISING), size);
        IN(DAMAGED) = IN(DAMAGE);
        IN(MEAN_EFFORT) = total(OF(EFFORT), size) / n;
    }
}

INLINE double given_freely(double most, double commitment, double belief, double matching) {
    double given = most * (commitment + (1.0 - commitment) * matching * belief);
    return given < 1.0 ? given : 1.0;
}

void measure_intention(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    int64_t n = PLACES;
    const uint8_t *restrict alive = s->alive;
    const double *restrict ratio = PERSON_ROW(RATIO), *restrict inclusion = PERSON_ROW(INCLUSION);
    const double *restrict commitment = PERSON_ROW(COMMITMENT), *restrict belief = PERSON_ROW(BELIEF);
    const double *restrict breadth = PERSON_ROW(BREADTH), *restrict given = PERSON_ROW(EFFORT);
    double *restrict most = PERSON_ROW(CARE), *restrict giving = PERSON_ROW(GIVING);
    double *restrict unanswered = PERSON_ROW(INSIDE), *restrict answered = PERSON_ROW(OUTSIDE);
    double matching = p->matching, glowing = 1.0 - p->warm_glow, unwatched = 1.0 - p->watcher;
    double *sums = s->sums;
    for (int64_t c = 0; c < p->n_communities; c++) {
        double workers = IN(WORKERS);
        double others = workers > 0.0 ? (1.0 + p->synergy) * (workers - 1.0) / workers : 0.0;
        int64_t lo = c * p->n_places, hi = lo + p->n_places;
        for (int64_t i = lo; i < hi; i++) {
            double weight = ratio[i] > 1.0 ? 1.0 : ratio[i];
            double reach = alive[i] * inclusion[i] * weight * others;
            most[i] = reach;
            giving[i] = given_freely(reach, commitment[i], belief[i], matching);
            unanswered[i] = given_freely(reach, commitment[i], 0.0, matching);
            answered[i] = given_freely(reach, commitment[i], 1.0, matching);
        }
    }
    sums[SUM_INCLUSION] = total(inclusion, n);
    sums[SUM_FREE] = total(giving, n);
    sums[SUM_UNANSWERED] = total(unanswered, n);
    sums[SUM_ANSWERED] = total(answered, n);
    SUM(sums[SUM_PURE], n, i, given[i] < giving[i] ? given[i] : giving[i]);
    SUM(sums[SUM_PURE_WITHOUT_GLOW], n, i, given[i] < giving[i] * glowing ? given[i] : giving[i] * glowing);
    SUM(sums[SUM_ACROSS], n, i, giving[i] * breadth[i]);
    SUM(sums[SUM_UNWATCHED], n, i, given_freely(most[i], commitment[i] * unwatched, belief[i], matching));
    int64_t top = 0;
    for (int64_t i = 0; i < n; i++)
        top += (giving[i] > 0.0) & (giving[i] >= 0.5 * given[i]) & (breadth[i] >= 0.5) &
               (unanswered[i] >= 0.5 * answered[i]);
    sums[SUM_TOP] = (double)top;
}

void aid(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    double pooled = p->mutual_aid * p->openness, made = 0.0, steady = 0.0;
    for (int64_t c = 0; c < p->n_communities; c++) {
        if (!s->standing[c]) continue;
        IN(MADE) = total(OF(PRODUCT), p->n_places);
        double gross = IN(MADE) * (1.0 + (1.0 - IN(PAY)) * p->synergy);
        made += gross;
        steady += gross / IN(SHOCK);
    }
    if (pooled == 0.0 || made <= 0.0) return;
    for (int64_t c = 0; c < p->n_communities; c++) {
        if (!s->standing[c]) continue;
        double factor = (1.0 - pooled) + pooled * (made / steady) / IN(SHOCK);
        double *restrict product = OF(PRODUCT);
        IN(MADE) *= factor;
        for (int64_t i = 0; i < p->n_places; i++) product[i] *= factor;
    }
}

/* Returns the saving share; `held` is the number of rulers. */
static double deduct(const Params *p, const State *s, int64_t c, double *held) {
    int64_t size = p->n_places;
    const uint8_t *restrict ruler = s->ruler + c * size;
    const double *restrict breadth = OF(BREADTH), *restrict motive = OF(MOTIVE);
    double n = IN(WORKERS), universal = 0.0;
    IN(RIVALRY) = total(OF(SUPREMACY), size) / n;
    double arms = clip(IN(RIVALRY) + p->arms_under_threat * p->threat, 0.0, 0.5);
    if (p->outward_giving > 0.0) SUM(universal, size, i, breadth[i] * motive[i]);
    double gifts = p->outward_giving * universal / n, saving = p->saving, force = p->coercion_cost * p->coercion;
    double rent = 0.0;
    *held = (double)count(ruler, size);
    if (*held != 0.0)
        rent = p->rent_limit * (1.0 - p->accountability) * (1.0 - living_total(ruler, motive, size) / *held);
    double taken = saving + arms + force + gifts + rent;
    if (taken > 0.9) {
        double scale = 0.9 / taken;
        saving *= scale, arms *= scale, gifts *= scale, rent *= scale, taken = 0.9;
    }
    IN(ARMS) = arms;
    IN(GIFTS) = gifts;
    IN(RENT) = rent;
    IN(DEDUCTED) = taken;
    return saving;
}

static inline double smaller(double a, double b) { return b < a ? b : a; }

void share(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    int64_t size = p->n_places;
    for (int64_t c = 0; c < p->n_communities; c++) {
        if (!s->standing[c]) continue;
        const uint8_t *restrict alive = s->alive + c * size, *restrict ruler = s->ruler + c * size;
        const double *restrict product = OF(PRODUCT), *restrict expected = OF(EXPECTED), *restrict given = OF(EFFORT);
        double *restrict own = OF(OWN), *restrict consumption = OF(CONSUMPTION), *restrict payoff = OF(PAYOFF);
        double *restrict scratch = OF(SCRATCH);
        double held, n = IN(WORKERS), pay = IN(PAY);
        double saving = deduct(p, s, c, &held);
        double gross = IN(MADE) * (1.0 + (1.0 - pay) * p->synergy);
        IN(GROSS) = gross;
        double left = 1.0 - IN(DEDUCTED);
        double pot = (1.0 - pay) * (1.0 + p->synergy) * IN(MADE) * left + p->capital_return * IN(CAPITAL);
        double due = IN(DEBT) * (p->interest + p->repayment);
        double paid = due < pot ? due : pot;
        pot -= paid;
        double debt = IN(DEBT) * (1.0 + p->interest) - paid;
        IN(PAID) = paid;
        double need = p->need, part = pay * left;
        for (int64_t i = 0; i < size; i++) {
            double mine = part * product[i], gap = need - mine;
            own[i] = mine;
            scratch[i] = alive[i] * (gap > 0.0 ? gap : 0.0);
        }
        double claim = p->guarantee * total(scratch, size);
        double top_up = pot >= claim ? p->guarantee : p->guarantee * pot / claim;
        double equal = pot >= claim ? (pot - claim) / n : 0.0;
        double each = held > 0.0 ? IN(RENT) * gross / held : 0.0;
        for (int64_t i = 0; i < size; i++) {
            double x = own[i] + top_up * scratch[i] + alive[i] * equal;
            x += ruler[i] * each;
            double lacking = need - x;
            consumption[i] = x;
            scratch[i] = alive[i] * (lacking > 0.0 ? lacking : 0.0);
        }
        double want = total(scratch, size), rescued = 0.0, eaten = 0.0, loan = 0.0, relief = 0.0;
        if (want > 0.0) {
            rescued = p->budget_softness * want;
            eaten = smaller(want - rescued, smaller(p->capital_use, 1.0 - p->depreciation) * IN(CAPITAL));
            double credit = p->credit * gross - debt;
            loan = smaller(want - rescued - eaten, credit > 0.0 ? credit : 0.0);
            relief = (rescued + eaten + loan) / want;
        }
        IN(RESCUED) = rescued;
        IN(EATEN) = eaten;
        IN(LOAN) = loan;
        IN(CAPITAL) = IN(CAPITAL) * (1.0 - p->depreciation) + saving * gross - eaten;
        IN(DEBT) = debt + loan;
        for (int64_t i = 0; i < size; i++) {
            double x = consumption[i] + scratch[i] * relief;
            consumption[i] = x;
            payoff[i] = x - 0.5 * expected[i] * given[i];
        }
        double ate = total(consumption, size);
        IN(ATE) = ate;
        s->hungry[c] = ate < need * n * (1.0 - 1e-9) ? s->hungry[c] + 1 : 0;
        IN(TRANSFER) = (ate - total(own, size)) / n;
    }
}

static void sort_upwards(const double *restrict values, int64_t n, double mean, int32_t *restrict bucket,
                         int32_t *restrict buckets, double *restrict out) {
    double low = values[0];
    for (int64_t i = 0; i < n; i++) low = smaller(low, values[i]);
    double last = (double)(n - 1), per_unit = mean > low ? last / (3.0 * (mean - low)) : 0.0;
    for (int64_t i = 0; i < n; i++) bucket[i] = (int32_t)smaller(last, (values[i] - low) * per_unit);
    memset(buckets, 0, (size_t)(n + 1) * sizeof *buckets);
    for (int64_t i = 0; i < n; i++) buckets[bucket[i] + 1]++;
    for (int64_t k = 0; k < n; k++) buckets[k + 1] += buckets[k];
    for (int64_t i = 0; i < n; i++) out[buckets[bucket[i]]++] = values[i];
    for (int64_t i = 1; i < n; i++) {
        double value = out[i];
        int64_t j = i;
        for (; j > 0 && out[j - 1] > value; j--) out[j] = out[j - 1];
        out[j] = value;
    }
}

void measure_sharing(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    int64_t size = p->n_places;
    double *sums = s->sums;
    for (int64_t c = 0; c < p->n_communities; c++) {
        if (!s->standing[c]) continue;
        const uint8_t *restrict alive = s->alive + c * size;
        const double *restrict consumption = OF(CONSUMPTION);
        double *restrict scratch = OF(SCRATCH), *restrict ordered = OF(ORDERED);
        double n = IN(WORKERS), eaten = IN(ATE);
        sums[SUM_PERSONS] += n;
        sums[SUM_EFFORT] += n * IN(MEAN_EFFORT);
        sums[SUM_OUTPUT] += IN(GROSS);
        sums[SUM_BENCHMARK] += total(OF(BENCHMARK), size);
        sums[SUM_CONSUMPTION] += eaten;
        sums[SUM_MOTIVE] += total(OF(MOTIVE), size);
        sums[SUM_COMMITMENT] += total(OF(COMMITMENT), size);
        sums[SUM_BREADTH] += total(OF(BREADTH), size);
        sums[SUM_PRACTISING] += IN(PRACTISERS);
        sums[SUM_ABILITY] += total(OF(ABILITY), size);
        sums[SUM_BELIEF] += n * IN(MEAN_BELIEF);
        sums[SUM_PAY] += n * IN(PAY);
        sums[SUM_COMMON] += (1.0 - IN(PAY)) * (1.0 + p->synergy) * IN(MADE);
        sums[SUM_RENT] += IN(RENT) * IN(GROSS);
        sums[SUM_ARMS] += IN(ARMS) * IN(GROSS);
        sums[SUM_GIFTS] += IN(GIFTS) * IN(GROSS);
        int64_t k = 0;
        for (int64_t i = 0; i < size; i++) {
            scratch[k] = consumption[i];
            k += alive[i];
        }
        sort_upwards(scratch, k, eaten / n, s->bucket, s->buckets, ordered);
        double weighted = 0.0, everything = 0.0, met = 0.0;
        for (int64_t j = 0; j < k; j++) {
            weighted += (2.0 * (double)j - (double)k + 1.0) * ordered[j];
            everything += ordered[j];
        }
        int64_t tenth = (k + 9) / 10;
        for (int64_t j = 0; j < tenth; j++) met += smaller(1.0, ordered[j] / p->need);
        sums[SUM_GINI] += n * (everything > 0.0 ? weighted / ((double)k * everything) : 0.0);
        sums[SUM_NEED_MET] += n * (met / (double)tenth);
    }
}

void relapse(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    double *restrict screen = PERSON_ROW(SCREEN);
    const double *restrict native = PERSON_ROW(NATIVE), *restrict practising = PERSON_ROW(PRACTISING);
    double rate = p->relapse, guarded = p->protection * p->guarantee;
    for (int64_t i = 0, n = PLACES; i < n; i++)
        screen[i] += (1.0 - guarded * practising[i]) * rate * (native[i] - screen[i]);
}

void perceive(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    double rate = p->belief_rate, sd = p->belief_sd;
    for (int64_t c = 0; c < p->n_communities; c++) {
        if (!s->standing[c]) continue;
        double *restrict belief = OF(BELIEF), seen = IN(MEAN_EFFORT);
        const double *restrict noise = OF(NOISE);
        const uint8_t *restrict alive = s->alive + c * p->n_places;
        for (int64_t i = 0; i < p->n_places; i++)
            belief[i] = alive[i] * clip(belief[i] + rate * (seen - belief[i]) + sd * noise[i], 0.0, 1.0);
    }
}

void imitate(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    if (p->imitation == 0.0) return;
    int64_t size = p->n_places;
    double *restrict screen = CROWD_ROW(SCREEN), *restrict commitment = CROWD_ROW(COMMITMENT);
    double *restrict breadth = CROWD_ROW(BREADTH);
    double *restrict own_screen = PERSON_ROW(SCREEN), *restrict own_commitment = PERSON_ROW(COMMITMENT);
    double *restrict own_breadth = PERSON_ROW(BREADTH);
    const double *restrict payoffs = PERSON_ROW(PAYOFF);
    double giver = logit(p->giver_motive), ordinary = logit(p->ordinary_motive);
    const uint32_t *restrict words = WORDS(1, 0);
    double *restrict gain = CROWD_ROW(PAYOFF);
    uint8_t *restrict looks = s->goes;
    for (int64_t i = 0, n = PLACES; i < n; i++) looks[i] = s->alive[i] & chance(words[i], p->imitation);
    for (int64_t c = 0; c < p->n_communities; c++) {
        int64_t lo = c * size, n = 0, lookers = which(looks + lo, size, s->listed);
        for (int64_t k = 0; k < lookers; k++) {
            int64_t i = lo + s->listed[k];
            double payoff;
            if (chance(WORDS(1, 1)[i], p->mixing)) {
                uint32_t w0, w1, w2, w3;
                double z_motive, z_ability;
                philox(s->id[i], moment((uint64_t)year, OUTSIDER, 0), world, seed, &w0, &w1, &w2, &w3);
                normals(w0, w1, &z_motive, &z_ability);
                double ability = lognormal(p->ability_sd, z_ability);
                payoff = 0.5 * p->outside_wage * ability * ability;
                screen[n] = (chance(w2, p->giver_share) ? giver : ordinary) + p->motive_sd * z_motive;
                commitment[n] = p->commitment;
                breadth[n] = p->breadth;
            } else {
                int64_t j = lo + below(WORDS(1, 2)[i], (uint32_t)size);
                if (j == i || !s->alive[j]) continue;
                payoff = payoffs[j];
                screen[n] = own_screen[j];
                commitment[n] = own_commitment[j];
                breadth[n] = own_breadth[j];
            }
            gain[n] = payoff - payoffs[i];
            s->crowd_from[n++] = i;
        }
        for (int64_t k = 0; k < n; k++) gain[k] = logistic(p->selection * gain[k]);
        double step = p->imitation_step;
        for (int64_t k = 0; k < n; k++) {
            int64_t i = s->crowd_from[k];
            if (!chance(WORDS(1, 3)[i], gain[k])) continue;
            own_screen[i] += step * (screen[k] - own_screen[i]);
            own_commitment[i] += step * (commitment[k] - own_commitment[i]);
            own_breadth[i] += step * (breadth[k] - own_breadth[i]);
        }
    }
}

/* Practice NONE: nobody practises, and there is only the height to keep. */
void practise(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    const double *restrict screen = PERSON_ROW(SCREEN);
    double *restrict height = PERSON_ROW(HEIGHT), *restrict flag = PERSON_ROW(PRACTISING);
    for (int64_t i = 0, n = PLACES; i < n; i++) {
        flag[i] = 0.0;
        height[i] = screen[i] > height[i] ? screen[i] : height[i];
    }
}

/* Returns how many of a community wish to leave. */
static int64_t compare(const Params *p, int64_t size, double bond, const uint8_t *restrict alive,
                       const double *restrict payoff, const double *restrict motive, const double *restrict ability,
                       const double *restrict practising, const uint32_t *restrict leave_words,
                       const uint32_t *restrict death_words, double *restrict inside, double *restrict outside,
                       uint8_t *restrict goes) {
    double wage = 0.5 * p->outside_wage, moving = p->moving_cost, steepness = p->exit_steepness, death = p->death;
    double most = p->exit_right * p->exit_rate, stigma = p->practice == CLUB ? p->stigma : 0.0;
    int64_t wishing = 0;
    for (int64_t i = 0; i < size; i++) {
        double stay = payoff[i] + bond * motive[i];
        double leave = wage * ability[i] * ability[i] - moving - stigma * practising[i];
        double leaving = most * logistic(steepness * (leave - stay));
        inside[i] = stay;
        outside[i] = leave;
        wishing += alive[i] & (stay < leave);
        goes[i] = alive[i] & (chance(death_words[i], death) | chance(leave_words[i], leaving));
    }
    return wishing;
}

void value_lives(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)seed, (void)world, (void)year;
    for (int64_t c = 0; c < p->n_communities; c++) {
        int64_t lo = c * p->n_places;
        int64_t wishing = compare(p, p->n_places, p->attachment * IN(MEAN_EFFORT), s->alive + lo, OF(PAYOFF),
                                  OF(MOTIVE), OF(ABILITY), OF(PRACTISING), WORDS(0, 2) + lo, WORDS(0, 3) + lo,
                                  OF(INSIDE), OF(OUTSIDE), s->goes + lo);
        if (s->standing[c]) IN(WISHING) = (double)wishing / IN(WORKERS);
    }
}

void departures(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    int64_t spared = p->spared_year == year ? p->spared_community * p->n_places + p->spared_place : -1;
    for (int64_t c = 0; c < p->n_communities; c++)
        for (int64_t i = c * p->n_places; s->crushed[c] && i < (c + 1) * p->n_places; i++) {
            if (!s->alive[i] || i == spared) continue;
            uint32_t w0, w1, w2, w3;
            philox(s->id[i], moment((uint64_t)year, CASUALTY, 0), world, seed, &w0, &w1, &w2, &w3);
            if (!chance(w0, p->casualties)) continue;
            depart(p, s, i);
            s->goes[i] = 0;
            s->tally[DIED] += 1.0;
        }
    for (int64_t k = 0, n = which(s->goes, PLACES, s->listed); k < n; k++) {
        int64_t i = s->listed[k];
        if (i == spared) continue;
        int dies = chance(WORDS(0, 3)[i], p->death);
        s->tally[dies ? DIED : LEFT] += 1.0;
        depart(p, s, i);
    }
    for (int64_t c = 0; c < p->n_communities; c++) {
        if (!s->standing[c]) continue;
        s->sums[SUM_CAPITAL] += IN(CAPITAL);
        s->sums[SUM_DEBT] += IN(DEBT);
        s->sums[SUM_HARM] += IN(HARM);
        s->sums[SUM_WISHING] += IN(WISHING) * IN(WORKERS);
    }
}

/* ---------------------------------------------------------------------------------------------------- newcomers */

static void spread(double *restrict row, int64_t n, double centre, double sd) {
    if (centre <= 0.0 || centre >= 1.0 || sd == 0.0) {
        for (int64_t i = 0; i < n; i++) row[i] = centre;
        return;
    }
    double middle = logit(centre);
    for (int64_t i = 0; i < n; i++) row[i] = logistic(middle + sd * row[i]);
}

static void draw_people(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year, int64_t n,
                        int64_t since) {
    uint32_t *restrict w0 = s->crowd_words, *restrict w1 = w0 + CROWD_WIDTH, *restrict w2 = w1 + CROWD_WIDTH,
                       *restrict w3 = w2 + CROWD_WIDTH;
    double *restrict ability = CROWD_ROW(ABILITY), *restrict native = CROWD_ROW(NATIVE);
    double *restrict screen = CROWD_ROW(SCREEN), *restrict desire = CROWD_ROW(DESIRE);
    double *restrict birth = CROWD_ROW(BIRTH);
    double *restrict first = CROWD_ROW(SINCE), *restrict commitment = CROWD_ROW(COMMITMENT);
    double *restrict breadth = CROWD_ROW(BREADTH), *restrict supremacy = CROWD_ROW(SUPREMACY);
    double *restrict inclusion = CROWD_ROW(INCLUSION);
    double giver = logit(p->giver_motive), ordinary = logit(p->ordinary_motive), motive_sd = p->motive_sd;
    double ability_sd = p->ability_sd, appetite = s->appetite[0], giver_share = p->giver_share;
    fill(seed, world, year, s->crowd_id, n, PERSON, s->crowd_words, CROWD_WIDTH);
    for (int64_t i = 0; i < n; i++) {
        double z_ability, z_motive;
        normals(w0[i], w1[i], &z_ability, &z_motive);
        ability[i] = lognormal(ability_sd, z_ability);
        native[i] = screen[i] = (chance(w2[i], giver_share) ? giver : ordinary) + motive_sd * z_motive;
    }
    for (int64_t i = 0; i < n; i++) {
        birth[i] = (double)since - (20.0 + 25.0 * uniform(w3[i]));
        desire[i] = appetite;
        first[i] = (double)since;
    }
    fill(seed, world, year, s->crowd_id, n, TRAITS, s->crowd_words, CROWD_WIDTH);
    for (int64_t i = 0; i < n; i++) normals(w0[i], w1[i], commitment + i, breadth + i);
    for (int64_t i = 0; i < n; i++) normals(w2[i], w3[i], supremacy + i, inclusion + i);
    spread(commitment, n, p->commitment, p->trait_sd);
    spread(breadth, n, p->breadth, p->trait_sd);
    spread(supremacy, n, p->supremacy, p->trait_sd);
    spread(inclusion, n, p->inclusion, p->trait_sd);
}

static void settle(const Params *p, const State *s, int64_t k, int64_t i) {
    s->alive[i] = 1;
    s->ruler[i] = 0;
    s->fresh[i] = 1;
    s->id[i] = s->crowd_id[k];
    for (int64_t row = 0; row <= SINCE; row++) PERSON_ROW(row)[i] = CROWD_ROW(row)[k];
    PERSON_ROW(HEIGHT)[i] = CROWD_ROW(SCREEN)[k];
    PERSON_ROW(PRACTISING)[i] = 0.0;
}

static int64_t free_place(const Params *p, const State *s, int64_t c, uint32_t word) {
    const uint8_t *alive = s->alive + c * p->n_places;
    int64_t place = below(word, (uint32_t)p->n_places);
    while (alive[place]) place = place + 1 < p->n_places ? place + 1 : 0;
    return c * p->n_places + place;
}

/* What n people of the crowd, who would come to one community, expect inside, net of moving, and outside. */
static void expect(int64_t n, double n_now, double matching, Terms terms, double paid, double certain, double bond,
                   double wage, const double *restrict ability, const double *restrict screen,
                   const double *restrict desire, const double *restrict inclusion, const double *restrict commitment,
                   const double *restrict belief, const double *restrict breadth, double *restrict motive,
                   double *restrict inside, double *restrict outside) {
    for (int64_t k = 0; k < n; k++) {
        double ratio = exponential(screen[k] - desire[k]), m = ratio / (1.0 + ratio), square = ability[k] * ability[k];
        double e = effort(care(ratio, inclusion[k], commitment[k], belief[k], matching), n_now, terms, breadth[k], 0.0);
        motive[k] = m;
        inside[k] = paid * square * e + certain - 0.5 * square * e * e + bond * m;
        outside[k] = wage * square;
    }
}

static void weigh(const Params *p, const State *s, int64_t c, int64_t first, int64_t n) {
    double pay = IN(PAY);
    expect(n, IN(WORKERS), p->matching, terms_of(p, pay), pay * IN(INFORMED) * (1.0 - IN(DEDUCTED)),
           IN(TRANSFER) - p->moving_cost, p->attachment * IN(MEAN_EFFORT), 0.5 * p->outside_wage,
           CROWD_ROW(ABILITY) + first, CROWD_ROW(SCREEN) + first, CROWD_ROW(DESIRE) + first,
           CROWD_ROW(INCLUSION) + first, CROWD_ROW(COMMITMENT) + first, CROWD_ROW(BELIEF) + first,
           CROWD_ROW(BREADTH) + first, CROWD_ROW(MOTIVE) + first, CROWD_ROW(INSIDE) + first,
           CROWD_ROW(OUTSIDE) + first);
}

/* The crowd of communities first to last, drawn, and who of it stays. parts: where in it each one's children and
   applicants begin, and its end. */
static void come(const Params *p, const State *s, int64_t first, int64_t last, int64_t crowd, uint64_t seed,
                 uint32_t world, int64_t year) {
    if (crowd == 0) return;
    const int64_t *begin = s->parts, *apply = begin + p->n_communities, *end = apply + p->n_communities;
    int64_t n = (crowd + LANES - 1) / LANES * LANES;
    uint32_t *knock = s->crowd_words + 4 * CROWD_WIDTH;
    double inherited = p->inherited, own = 1.0 - inherited;
    static const int taken[] = {NATIVE, SCREEN, COMMITMENT, BREADTH};
    draw_people(p, s, seed, world, year, n, year + 1);
    fill(seed, world, year, s->crowd_id, n, KNOCK, knock, CROWD_WIDTH);
    for (int64_t c = first; c < last; c++) {
        if (end[c] == begin[c]) continue;
        for (int64_t k = begin[c]; k < end[c]; k++) CROWD_ROW(BELIEF)[k] = IN(MEAN_EFFORT);
        weigh(p, s, c, apply[c], end[c] - apply[c]);
        int64_t room = p->n_places - count(s->alive + c * p->n_places, p->n_places) - (apply[c] - begin[c]);
        for (int64_t k = begin[c]; k < apply[c]; k++) {
            int64_t mother = s->crowd_from[k];
            for (int j = 0; j < 4; j++)
                CROWD_ROW(taken[j])[k] = inherited * PERSON_ROW(taken[j])[mother] + own * CROWD_ROW(taken[j])[k];
            CROWD_ROW(BIRTH)[k] = (double)(year + 1) - 20.0;
            settle(p, s, k, free_place(p, s, c, WORDS(2, 1)[mother]));
        }
        s->tally[BORN] += (double)(apply[c] - begin[c]);
        for (int64_t k = apply[c]; k < end[c] && room > 0; k++) {
            if (!chance(knock[k], p->openness) || CROWD_ROW(INSIDE)[k] <= CROWD_ROW(OUTSIDE)[k]) continue;
            if (CROWD_ROW(MOTIVE)[k] < p->screening_bar && chance(knock[CROWD_WIDTH + k], p->screening)) continue;
            settle(p, s, k, free_place(p, s, c, knock[2 * CROWD_WIDTH + k]));
            s->tally[JOINED] += 1.0;
            room--;
        }
    }
}

static void mothers(int64_t n, double birth, double year, const uint8_t *restrict alive, const double *restrict born,
                    const uint32_t *restrict words, uint8_t *restrict bears) {
    for (int64_t i = 0; i < n; i++) bears[i] = alive[i] & chance(words[i], birth) & (year - born[i] < 45.0);
}

void newcomers(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    int64_t size = p->n_places, first = 0, crowd = 0;
    int64_t *begin = s->parts, *apply = begin + p->n_communities, *end = apply + p->n_communities;
    int64_t applicants = (int64_t)(p->applicants * (double)size + 0.5);
    if (applicants > size) applicants = size;
    mothers(PLACES, p->birth, (double)year, s->alive, PERSON_ROW(BIRTH), WORDS(2, 0), s->goes);
    for (int64_t c = 0; c < p->n_communities; c++) {
        begin[c] = apply[c] = end[c] = crowd;
        if (s->standing[c]) {
            int64_t lo = c * size, room = size - count(s->alive + lo, size);
            int64_t children = which(s->goes + lo, size, s->listed);
            if (children > room) children = room;
            for (int64_t k = 0; k < children; k++) {
                s->crowd_id[crowd + k] = child(s->id[lo + s->listed[k]], year, 0);
                s->crowd_from[crowd + k] = lo + s->listed[k];
            }
            apply[c] = crowd += children;
            if (children < room) {
                for (int64_t k = 0; k < applicants; k++) s->crowd_id[crowd + k] = applicant(c, year, k);
                crowd += applicants;
            }
            end[c] = crowd;
        }
        if (c + 1 == p->n_communities || crowd + 2 * size > CROWD_WIDTH - LANES) {
            come(p, s, first, c + 1, crowd, seed, world, year);
            first = c + 1;
            crowd = 0;
        }
    }
}

/* ------------------------------------------------------------------------------------------------------- the clock */

void nothing(const Params *p, const State *s, uint64_t seed, uint32_t world, int64_t year) {
    (void)p, (void)s, (void)seed, (void)world, (void)year;
}

/* Processor time of this thread, ns. */
int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Nanoseconds that a phase takes on n states, `size` bytes each in `kept`, that are put back one after the other into
   `flat`, where the arrays of s are. */
int64_t lived(Phase *phase, const Params *p, const State *s, void *flat, const char *kept, int64_t size,
              const int64_t *years, int64_t n, uint64_t seed, uint32_t world) {
    int64_t spent = 0;
    for (int64_t k = 0; k < n; k++) {
        memcpy(flat, kept + k * size, (size_t)size);
        int64_t began = now();
        phase(p + years[k], s, seed, world, years[k]);
        spent += now() - began;
    }
    return spent;
}

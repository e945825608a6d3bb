/* The curve edwards25519, -x^2 + y^2 = 1 + d x^2 y^2, of RFC 8032: points, their encoding, sums and multiples.
 *
 * Formulas: add-2008-hwcd-3, madd-2008-hwcd-3 and dbl-2008-hwcd of the Explicit-Formulas Database, which hold for every
 * pair of points of this curve (a = -1 is a square, d is not), so there are no special cases.
 *
 * The time taken depends on the numbers: public exponents only. Coordinates are SHORT between functions (field.h).
 */
#ifndef BALLOT_CURVE_H
#define BALLOT_CURVE_H

#include "field.h"

/* x = X/Z, y = Y/Z, T = XY/Z. */
typedef struct {
    fe X, Y, Z, T;
} point;

/* A point prepared for addition: Y - X, Y + X, 2dT, 2Z. */
typedef struct {
    fe minus, plus, t2d, z2;
} addend;

/* A point with Z = 1 prepared for addition, padded to two cache lines. */
typedef struct {
    fe minus, plus, t2d;
    u64 unused;
} flat_addend;

/* The order of the group, 2^252 + 27742317777372353535851937790883648493, little-endian. */
static const unsigned char ORDER[32] = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
};

static void point_identity(point *P)
{
    fe_small(P->X, 0);
    fe_small(P->Y, 1);
    fe_small(P->Z, 1);
    fe_small(P->T, 0);
}

static int point_is_identity(const point *P) { return fe_is_zero(P->X) && fe_equal(P->Y, P->Z); }

/* The last step of addition and doubling. T is computed only if an addition follows: doubling does not read it. */
static inline void point_complete(point *P, const fe E, const fe F, const fe G, const fe H, int with_t)
{
    fe_mul(P->X, E, F);
    fe_mul(P->Y, G, H);
    fe_mul(P->Z, F, G);
    if (with_t)
        fe_mul(P->T, E, H);
}

/* Bounds: A, B, S are SHORT, and C, H are sums of two SHORT. So E < 2^53 + 2^19, G < 2^53, F < 2^54: all LONG. */
static inline void point_double(point *R, const point *P, int with_t)
{
    fe A, B, C, E, F, G, H, S;

    fe_sqr(A, P->X);
    fe_sqr(B, P->Y);
    fe_sqr(C, P->Z);
    fe_add(C, C, C);
    fe_add(H, A, B);
    fe_add(S, P->X, P->Y);
    fe_sqr(S, S);
    fe_sub(E, H, S);
    fe_sub(G, A, B);
    fe_add(F, C, G);
    point_complete(R, E, F, G, H, with_t);
}

/* R = P + Q, where D = 2 Z1 Z2 is at most a sum of two SHORT. R = P - Q if `negate`: swap minus and plus, negate C. */
static inline void point_add_parts(
    point *R, const point *P, const fe minus, const fe plus, const fe t2d, const fe D, int negate, int with_t)
{
    fe A, B, C, E, F, G, H;

    fe_sub(A, P->Y, P->X);
    fe_mul(A, A, negate ? plus : minus);
    fe_add(B, P->Y, P->X);
    fe_mul(B, B, negate ? minus : plus);
    fe_mul(C, P->T, t2d);
    fe_sub(E, B, A);
    fe_add(H, B, A);
    if (negate) {
        fe_add(F, D, C);
        fe_sub(G, D, C);
    } else {
        fe_sub(F, D, C);
        fe_add(G, D, C);
    }
    point_complete(R, E, F, G, H, with_t);
}

static inline void point_add(point *R, const point *P, const addend *Q, int negate, int with_t)
{
    fe D;

    fe_mul(D, P->Z, Q->z2);
    point_add_parts(R, P, Q->minus, Q->plus, Q->t2d, D, negate, with_t);
}

static inline void point_add_flat(point *R, const point *P, const flat_addend *Q, int negate)
{
    fe D;

    fe_add(D, P->Z, P->Z);
    point_add_parts(R, P, Q->minus, Q->plus, Q->t2d, D, negate, 1);
}

static void addend_of(addend *A, const point *P)
{
    fe_sub(A->minus, P->Y, P->X);
    fe_add(A->plus, P->Y, P->X);
    fe_mul(A->t2d, P->T, FE_2D);
    fe_add(A->z2, P->Z, P->Z);
}

/* -- Encoding ------------------------------------------------------------------------------------------------- */

/* Decode a point; 0 unless the 32 bytes are the canonical encoding of one on the curve. Does not check the subgroup.
 *
 * RFC 8032, section 5.1.3: x^2 = u/v with u = y^2 - 1, v = d y^2 + 1; the candidate is u v^3 (u v^7)^((p-5)/8), perhaps
 * times the root of -1. Refused: y not below p, no such x, and the sign bit on x = 0.
 */
static int point_decode(point *P, const unsigned char in[32])
{
    fe u, v, v3, x, t;
    unsigned char bytes[32];
    const int sign = in[31] >> 7;

    fe_read(P->Y, in);
    fe_write(bytes, P->Y);
    bytes[31] |= (unsigned char)(sign << 7);
    if (memcmp(bytes, in, 32) != 0)
        return 0;
    fe_small(P->Z, 1);
    fe_sqr(u, P->Y);
    fe_mul(v, u, FE_D);
    fe_add(v, v, P->Z);
    fe_sub(u, u, P->Z);
    fe_sqr(v3, v);
    fe_mul(v3, v3, v);
    fe_sqr(x, v3);
    fe_mul(x, x, v);
    fe_mul(x, x, u); /* u v^7 */
    fe_power_root(x, x);
    fe_mul(x, x, v3);
    fe_mul(x, x, u);
    fe_sqr(t, x);
    fe_mul(t, t, v);
    if (!fe_equal(t, u)) {
        fe_add(t, t, u);
        if (!fe_is_zero(t)) /* neither u nor -u */
            return 0;
        fe_mul(x, x, FE_SQRT_M1);
    }
    fe_write(bytes, x);
    if (fe_is_zero(x) && sign)
        return 0;
    if ((bytes[0] & 1) != sign) {
        fe_small(t, 0);
        fe_sub(t, t, x);
        fe_mul(x, t, P->Z); /* SHORT again */
    }
    fe_copy(P->X, x);
    fe_mul(P->T, P->X, P->Y);
    return 1;
}

/* Encode `count` points with one inversion: multiply all Z forwards, then take each inverse on the way back. `room` has
 * space for `count` numbers. */
static void points_encode(unsigned char *out, const point *P, size_t count, fe *room)
{
    fe all, x, y;
    unsigned char bytes[32];

    fe_small(all, 1);
    for (size_t i = 0; i < count; i++) {
        fe_copy(room[i], all);
        fe_mul(all, all, P[i].Z);
    }
    fe_invert(all, all);
    for (size_t i = count; i-- > 0;) {
        fe_mul(room[i], room[i], all); /* 1 / Z of this point */
        fe_mul(all, all, P[i].Z);
        fe_mul(x, P[i].X, room[i]);
        fe_mul(y, P[i].Y, room[i]);
        fe_write(bytes, x);
        fe_write(out + 32 * i, y);
        out[32 * i + 31] |= (unsigned char)((bytes[0] & 1) << 7);
    }
}

/* -- Multiples of any point ------------------------------------------------------------------------------------ */

#define WIDTH 5                /* digits of an exponent are odd and below 2^(WIDTH-1) in size, */
#define ODD (1 << (WIDTH - 2)) /* so P, 3P, ..., 15P are enough */
#define DIGITS 257             /* 256 bits, and one more for the last carry */
#define TOGETHER 8             /* multiples of one point computed in one pass */

/* Write an exponent as signed digits, exponent = sum of digit[i] 2^i. Each digit is zero or odd, and at least WIDTH - 1
 * zeros follow one that is not zero. Returns the number of digits used. */
static int signed_digits(signed char digit[DIGITS], const unsigned char exponent[32])
{
    const u64 word[6] = {read_u64(exponent), read_u64(exponent + 8), read_u64(exponent + 16), read_u64(exponent + 24)};
    int used = 0, carry = 0;

    memset(digit, 0, DIGITS);
    for (int i = 0; i < DIGITS;) {
        u64 window = word[i / 64] >> i % 64;
        int value;

        if (i % 64 > 64 - WIDTH)
            window |= word[i / 64 + 1] << (64 - i % 64);
        value = (int)(window & ((1 << WIDTH) - 1)) + carry;
        if (!(value & 1)) { /* zero; a carry into a one bit gives zero and is carried on */
            i++;
            continue;
        }
        carry = value >> (WIDTH - 1);
        digit[i] = (signed char)(value - (carry << WIDTH));
        used = i + 1;
        i += WIDTH;
    }
    return used;
}

/* exponent times P: from the highest digit down, double, then add or subtract one of P, 3P, ..., 15P. */
static void point_multiple(point *R, const point *P, const unsigned char exponent[32])
{
    signed char digit[DIGITS];
    addend odd[ODD], step;
    point Q;
    const int used = signed_digits(digit, exponent);

    point_double(&Q, P, 1);
    addend_of(&step, &Q);
    Q = *P;
    for (int i = 0; i < ODD; i++) {
        if (i)
            point_add(&Q, &Q, &step, 0, 1);
        addend_of(&odd[i], &Q);
    }
    point_identity(R);
    for (int i = used; i-- > 0;) {
        const int d = digit[i];

        point_double(R, R, d != 0 || i == 0);
        if (d)
            point_add(R, R, &odd[(d < 0 ? -d : d) / 2], d < 0, i == 0);
    }
}

/* B[0] + 3 B[1] + ... + 15 B[7] = 2 (sum of k B[k]) + (sum of B[k]). Sums of sums from the end give the first sum. */
static void weigh(point *R, const point B[ODD])
{
    point once = B[ODD - 1], weighed = B[ODD - 1];
    addend A;

    for (int k = ODD - 2; k >= 0; k--) {
        addend_of(&A, &B[k]);
        point_add(&once, &once, &A, 0, 1);
        if (k) {
            addend_of(&A, &once);
            point_add(&weighed, &weighed, &A, 0, 1);
        }
    }
    point_double(&weighed, &weighed, 1);
    addend_of(&A, &once);
    point_add(R, &weighed, &A, 0, 1);
}

/* Each of up to TOGETHER exponents times P. They share the doublings P, 2P, 4P, ...: each of these is added to one of
 * an exponent's eight heaps, chosen by the exponent's digit there. `weigh` combines the heaps at the end. */
static void point_multiples(point *const R[], const point *P, const unsigned char *const exponent[], int count)
{
    signed char digit[TOGETHER][DIGITS + 1] = {{0}};
    point heap[TOGETHER][ODD], Q = *P;
    addend A;
    int used = 0;

    if (count == 1) {
        point_multiple(R[0], P, exponent[0]);
        return;
    }
    for (int j = 0; j < count; j++) {
        const int these = signed_digits(digit[j], exponent[j]);

        used = these > used ? these : used;
        for (int k = 0; k < ODD; k++)
            point_identity(&heap[j][k]);
    }
    for (int i = 0; i < used; i++) {
        int any = 0, next = 0;

        for (int j = 0; j < count; j++) {
            any |= digit[j][i];
            next |= digit[j][i + 1];
        }
        if (any)
            addend_of(&A, &Q);
        for (int j = 0; j < count; j++) {
            const int d = digit[j][i];

            if (d) {
                point *into = &heap[j][(d < 0 ? -d : d) / 2];

                point_add(into, into, &A, d < 0, 1);
            }
        }
        point_double(&Q, &Q, next != 0);
    }
    for (int j = 0; j < count; j++)
        weigh(R[j], heap[j]);
}

/* Store exponents[0] P, exponents[step] P, ... in R[0], R[2], .... Returns 0 if `check` is set and P is not in the
 * group of order q. The check is one more exponent in the first pass: q times P must be the identity. */
static int point_multiples_checked(
    point *R, const point *P, const unsigned char *exponents, size_t step, size_t count, int check)
{
    size_t done = 0;

    while (done < count || check) {
        point *results[TOGETHER], probe;
        const unsigned char *these[TOGETHER];
        int n = 0;

        for (; done < count && n < TOGETHER - 1; done++, n++) {
            results[n] = &R[2 * done];
            these[n] = exponents + step * done;
        }
        if (check) {
            results[n] = &probe;
            these[n] = ORDER;
        }
        point_multiples(results, P, these, n + check);
        if (check && !point_is_identity(&probe))
            return 0;
        check = 0;
    }
    return 1;
}

/* -- Multiples of a base that is used often -------------------------------------------------------------------- */

#define ROWS 32      /* one for each byte of an exponent, */
#define COLUMNS 128  /* with the multiples by 1 to 128: digits are signed */

#define AHEAD 4      /* additions before its use at which an entry is prefetched */

typedef flat_addend fixed_table[ROWS][COLUMNS];

static inline void fetch(const flat_addend *entry)
{
    __builtin_prefetch(entry);
    __builtin_prefetch((const char *)entry + 64);
}

/* Row i holds 256^i P, 2 256^i P, ..., 128 256^i P, each with Z = 1, which takes one inversion a row. */
static void fixed_table_of(fixed_table table, const point *P)
{
    point row[COLUMNS], base = *P;
    fe before[COLUMNS], all, x, y;
    addend step;

    for (int i = 0; i < ROWS; i++) {
        addend_of(&step, &base);
        row[0] = base;
        for (int j = 1; j < COLUMNS; j++)
            point_add(&row[j], &row[j - 1], &step, 0, 1);
        fe_small(all, 1);
        for (int j = 0; j < COLUMNS; j++) {
            fe_copy(before[j], all);
            fe_mul(all, all, row[j].Z);
        }
        fe_invert(all, all);
        for (int j = COLUMNS; j-- > 0;) {
            flat_addend *entry = &table[i][j];

            fe_mul(before[j], before[j], all);
            fe_mul(all, all, row[j].Z);
            fe_mul(x, row[j].X, before[j]);
            fe_mul(y, row[j].Y, before[j]);
            fe_sub(entry->minus, y, x);
            fe_add(entry->plus, y, x);
            fe_mul(entry->t2d, x, y);
            fe_mul(entry->t2d, entry->t2d, FE_2D);
        }
        point_double(&base, &row[COLUMNS - 1], 1); /* 2 * 128 */
    }
}

/* R = R + exponent times the base of the table. The exponent is below 2^255, so the last byte has no carry.
 *
 * Two tables of half a megabyte do not fit into a core's nearest cache, so each entry is prefetched a few additions
 * before its use. */
static void fixed_add(point *R, const fixed_table table, const unsigned char exponent[32])
{
    const flat_addend *entry[ROWS];
    signed char negative[ROWS];
    int carry = 0;

    for (int i = 0; i < ROWS; i++) {
        int digit = exponent[i] + carry;

        carry = digit > COLUMNS;
        digit -= carry << 8;
        negative[i] = digit < 0;
        entry[i] = digit ? &table[i][(digit < 0 ? -digit : digit) - 1] : NULL;
        if (digit && i < AHEAD)
            fetch(entry[i]);
    }
    for (int i = 0; i < ROWS; i++) {
        if (i + AHEAD < ROWS && entry[i + AHEAD] != NULL)
            fetch(entry[i + AHEAD]);
        if (entry[i] != NULL)
            point_add_flat(R, R, entry[i], negative[i]);
    }
}

#endif

/* The field of p = 2^255 - 19: a number is five limbs of 51 bits, value = sum of limb[i] * 2^(51 i).
 *
 * Limbs may be longer than 51 bits between operations. Every function says which of two bounds its arguments need and
 * its result has:
 *
 *   SHORT  every limb < 2^51 + 2^18    (results of fe_mul, fe_sqr, fe_read)
 *   LONG   every limb < 2^54           (what fe_mul, fe_sqr and fe_write take)
 *
 * The callers of these functions are not constant in time: public numbers only. Constants are recomputed from their
 * definitions by tests/unit/protocol/test_native_constants.py.
 */
#ifndef BALLOT_FIELD_H
#define BALLOT_FIELD_H

#include <stdint.h>
#include <string.h>

#ifndef __SIZEOF_INT128__
#error "this backend multiplies 64-bit numbers into 128 bits, which this compiler cannot"
#endif

typedef uint64_t u64;
typedef unsigned __int128 u128;
typedef u64 fe[5];

#define MASK51 ((UINT64_C(1) << 51) - 1)

/* d = -121665 / 121666, the curve's constant; 2d; and a square root of -1, 2^((p-1)/4). */
static const fe FE_D = {0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff};
static const fe FE_2D = {0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff};
static const fe FE_SQRT_M1 = {0x61b274a0ea0b0, 0x0d5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d};
/* 2p, limb by limb. fe_sub adds it so that no limb becomes negative. */
static const fe FE_2P = {0xfffffffffffda, 0xffffffffffffe, 0xffffffffffffe, 0xffffffffffffe, 0xffffffffffffe};

static inline void fe_copy(fe out, const fe a) { memcpy(out, a, sizeof(fe)); }

static inline void fe_small(fe out, u64 n)
{
    memset(out, 0, sizeof(fe));
    out[0] = n;
}

/* The sum of two SHORT numbers is LONG, and so is the sum of three. */
static inline void fe_add(fe out, const fe a, const fe b)
{
    for (int i = 0; i < 5; i++)
        out[i] = a[i] + b[i];
}

/* a - b for a SHORT b, whose limbs are below those of 2p (at least 2^52 - 38). Each limb of the result is below that of
 * a plus 2^52: LONG for any a below 3 * 2^52. */
static inline void fe_sub(fe out, const fe a, const fe b)
{
    for (int i = 0; i < 5; i++)
        out[i] = a[i] + FE_2P[i] - b[i];
}

/* Reduce five columns of a product to SHORT limbs. Columns are below 2^115 (fe_mul), so each carry is below 2^64. In
 * the field 2^255 = 19, so the last carry is added to the front 19 times: 19 * 2^64 + 2^51 < 2^69, and less than 2^18
 * is carried into limb 1. */
static inline void fe_carry(fe out, u128 r0, u128 r1, u128 r2, u128 r3, u128 r4)
{
    r1 += (u64)(r0 >> 51);
    r2 += (u64)(r1 >> 51);
    r3 += (u64)(r2 >> 51);
    r4 += (u64)(r3 >> 51);
    r0 = (u128)(u64)(r4 >> 51) * 19 + ((u64)r0 & MASK51);
    out[0] = (u64)r0 & MASK51;
    out[1] = ((u64)r1 & MASK51) + (u64)(r0 >> 51);
    out[2] = (u64)r2 & MASK51;
    out[3] = (u64)r3 & MASK51;
    out[4] = (u64)r4 & MASK51;
}

/* The product of two LONG numbers, SHORT. A column is at most (1 + 4 * 19) * 2^54 * 2^54 < 2^115. */
static inline void fe_mul(fe out, const fe a, const fe b)
{
    const u64 a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], a4 = a[4];
    const u64 b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3], b4 = b[4];
    const u64 c1 = 19 * b1, c2 = 19 * b2, c3 = 19 * b3, c4 = 19 * b4; /* < 2^59 */

    u128 r0 = (u128)a0 * b0 + (u128)a1 * c4 + (u128)a2 * c3 + (u128)a3 * c2 + (u128)a4 * c1;
    u128 r1 = (u128)a0 * b1 + (u128)a1 * b0 + (u128)a2 * c4 + (u128)a3 * c3 + (u128)a4 * c2;
    u128 r2 = (u128)a0 * b2 + (u128)a1 * b1 + (u128)a2 * b0 + (u128)a3 * c4 + (u128)a4 * c3;
    u128 r3 = (u128)a0 * b3 + (u128)a1 * b2 + (u128)a2 * b1 + (u128)a3 * b0 + (u128)a4 * c4;
    u128 r4 = (u128)a0 * b4 + (u128)a1 * b3 + (u128)a2 * b2 + (u128)a3 * b1 + (u128)a4 * b0;
    fe_carry(out, r0, r1, r2, r3, r4);
}

/* The square of a LONG number, SHORT. Most products occur twice. */
static inline void fe_sqr(fe out, const fe a)
{
    const u64 a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], a4 = a[4];
    const u64 d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2, d3 = 2 * a3;
    const u64 c3 = 19 * a3, c4 = 19 * a4;

    u128 r0 = (u128)a0 * a0 + (u128)d1 * c4 + (u128)d2 * c3;
    u128 r1 = (u128)d0 * a1 + (u128)d2 * c4 + (u128)a3 * c3;
    u128 r2 = (u128)d0 * a2 + (u128)a1 * a1 + (u128)d3 * c4;
    u128 r3 = (u128)d0 * a3 + (u128)d1 * a2 + (u128)a4 * c4;
    u128 r4 = (u128)d0 * a4 + (u128)d1 * a3 + (u128)a2 * a2;
    fe_carry(out, r0, r1, r2, r3, r4);
}

/* a^(2^n), n > 0. */
static void fe_sqr_times(fe out, const fe a, int n)
{
    fe_sqr(out, a);
    while (--n)
        fe_sqr(out, out);
}

/* z^(2^250 - 1), and z^11 on the way. The exponents are 2^n - 1, with n from 5 up by doubling and adding. */
static void fe_power_250(fe out, fe z11, const fe z)
{
    fe z2, z9, t, e5, e10, e20, e40, e50, e100;

    fe_sqr(z2, z);
    fe_sqr_times(t, z2, 2); /* z^8 */
    fe_mul(z9, t, z);
    fe_mul(z11, z9, z2);
    fe_sqr(t, z11);
    fe_mul(e5, t, z9); /* z^31 = z^(2^5 - 1) */
    fe_sqr_times(t, e5, 5);
    fe_mul(e10, t, e5);
    fe_sqr_times(t, e10, 10);
    fe_mul(e20, t, e10);
    fe_sqr_times(t, e20, 20);
    fe_mul(e40, t, e20);
    fe_sqr_times(t, e40, 10);
    fe_mul(e50, t, e10);
    fe_sqr_times(t, e50, 50);
    fe_mul(e100, t, e50);
    fe_sqr_times(t, e100, 100);
    fe_mul(t, t, e100); /* z^(2^200 - 1) */
    fe_sqr_times(t, t, 50);
    fe_mul(out, t, e50);
}

/* 1 / z, which is z^(p - 2), p - 2 = 2^5 (2^250 - 1) + 11; 0 for 0. */
static void fe_invert(fe out, const fe z)
{
    fe t, z11;

    fe_power_250(t, z11, z);
    fe_sqr_times(t, t, 5);
    fe_mul(out, t, z11);
}

/* z^((p - 5) / 8), where the exponent is 2^252 - 3 = 2^2 (2^250 - 1) + 1: the main part of a square root. */
static void fe_power_root(fe out, const fe z)
{
    fe t, z11;

    fe_power_250(t, z11, z);
    fe_sqr_times(t, t, 2);
    fe_mul(out, t, z);
}

static inline u64 read_u64(const unsigned char *in)
{
    u64 n = 0;

    for (int i = 7; i >= 0; i--)
        n = n << 8 | in[i];
    return n;
}

/* The lower 255 bits of 32 little-endian bytes; SHORT. */
static void fe_read(fe out, const unsigned char in[32])
{
    const u64 w0 = read_u64(in), w1 = read_u64(in + 8), w2 = read_u64(in + 16), w3 = read_u64(in + 24);

    out[0] = w0 & MASK51;
    out[1] = (w0 >> 51 | w1 << 13) & MASK51;
    out[2] = (w1 >> 38 | w2 << 26) & MASK51;
    out[3] = (w2 >> 25 | w3 << 39) & MASK51;
    out[4] = w3 >> 12 & MASK51;
}

/* A LONG number, reduced to [0, p), as 32 little-endian bytes. */
static void fe_write(unsigned char out[32], const fe a)
{
    fe t;
    u64 carry, w[4];

    fe_copy(t, a);
    for (int round = 0; round < 2; round++) { /* twice: then the value is below 2^255 + 19, so below 2p */
        for (int i = 0; i < 4; i++) {
            t[i + 1] += t[i] >> 51;
            t[i] &= MASK51;
        }
        t[0] += 19 * (t[4] >> 51);
        t[4] &= MASK51;
    }
    carry = 19; /* whether value + 19 reaches 2^255, that is, whether value reaches p */
    for (int i = 0; i < 5; i++)
        carry = (t[i] + carry) >> 51;
    carry *= 19; /* if so, take p away: add 19 and drop the bit 2^255 */
    for (int i = 0; i < 5; i++) {
        carry += t[i];
        t[i] = carry & MASK51;
        carry >>= 51;
    }
    w[0] = t[0] | t[1] << 51;
    w[1] = t[1] >> 13 | t[2] << 38;
    w[2] = t[2] >> 26 | t[3] << 25;
    w[3] = t[3] >> 39 | t[4] << 12;
    for (int i = 0; i < 32; i++)
        out[i] = (unsigned char)(w[i / 8] >> 8 * (i % 8));
}

static int fe_equal(const fe a, const fe b)
{
    unsigned char x[32], y[32];

    fe_write(x, a);
    fe_write(y, b);
    return memcmp(x, y, 32) == 0;
}

static int fe_is_zero(const fe a)
{
    unsigned char x[32];
    unsigned char any = 0;

    fe_write(x, a);
    for (int i = 0; i < 32; i++)
        any |= x[i];
    return any == 0;
}

#endif

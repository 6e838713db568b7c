/* The vectorised exponential of the C library, which gcc calls only where it may be less exact (-ffast-math). */
#include <math.h>
#include <stddef.h>

enum { BLOCK = 2048 };

#define BLOCKS(real, function)                                                                             \
    for (size_t start = 0; start < n; start += BLOCK) {                                                    \
        real made[BLOCK];                                                                                  \
        const size_t count = n - start < BLOCK ? n - start : BLOCK;                                        \
        for (size_t i = 0; i < count; ++i) {                                                               \
            made[i] = function(x[i]);                                                                      \
        }                                                                                                  \
        __asm__ volatile("" : : "r"(made) : "memory");                                                     \
    }

#define MEASURED(name, real, function)                                                                     \
    void library_exp_##name(void *unused, size_t n, size_t C, const void *const *in, void *const *out) {   \
        const real *restrict x = in[0];                                                                    \
        (void)unused, (void)C, (void)out;                                                                  \
        if (n < 50000) {                                                                                   \
            BLOCKS(real, function)                                                                         \
        } else {                                                                                           \
            _Pragma("omp parallel for schedule(static)") BLOCKS(real, function)                            \
        }                                                                                                  \
    }

MEASURED(f64, double, exp)
MEASURED(f32, float, expf)

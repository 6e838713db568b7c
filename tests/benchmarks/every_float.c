/* How far a function of a float is from one of a double that is far more exact, over all floats or some. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 1024, LANES = 16 };

/* In units in the last place of a float; a billion where one of the two is infinite or no number, and the other is
 * not, or where they are zeros of other signs. */
static double distance(float found, double exact) {
    const float wanted = (float)exact;
    const uint64_t smallest = (uint64_t)(1023 - 126) << 52;
    uint64_t bits, power;
    uint32_t found_bits, wanted_bits;
    double per_ulp;
    memcpy(&bits, &exact, sizeof bits);
    memcpy(&found_bits, &found, sizeof found_bits);
    memcpy(&wanted_bits, &wanted, sizeof wanted_bits);
    power = bits & ((uint64_t)0x7ff << 52);
    power = ((uint64_t)(2046 + 23) << 52) - (power > smallest ? power : smallest);
    memcpy(&per_ulp, &power, sizeof per_ulp);
    const int finite = (fabsf(found) <= 3.40282347e+38F) & (fabsf(wanted) <= 3.40282347e+38F) & (exact != 0.0);
    const int same = (found_bits == wanted_bits) | ((found != found) & (wanted != wanted));
    return finite ? fabs((double)found - exact) * per_ulp : same ? 0.0 : 1e9;
}

/* The worst distance for the floats of these bits, each so many further on than the one before, and where it is. From
 * some number on, and below its opposite, the exact result is the same for all, and C libraries are slow. */
double worst(void (*function)(size_t, const float *, float *),
             void (*reference)(size_t, const double *, double *),
             uint64_t first, uint64_t last, uint64_t step, double reach, uint32_t *place) {
    double farthest = 0.0;
    for (uint64_t start = first; start <= last; start += BLOCK * step) {
        float x[BLOCK], found[BLOCK];
        double wide[BLOCK], exact[BLOCK], far[BLOCK], most[LANES] = {0.0};
        for (uint32_t i = 0; i < BLOCK; ++i) {
            const uint32_t bits = (uint32_t)(start + i * step < last ? start + i * step : last);
            memcpy(&x[i], &bits, sizeof bits);
            wide[i] = x[i] > reach ? reach : x[i] < -reach ? -reach : (double)x[i];
        }
        function(BLOCK, x, found);
        reference(BLOCK, wide, exact);
        for (int i = 0; i < BLOCK; ++i) {
            far[i] = distance(found[i], exact[i]);
        }
        for (int i = 0; i < BLOCK; i += LANES) { /* each lane by itself: such loops are vectorised */
            for (int lane = 0; lane < LANES; ++lane) {
                most[lane] = far[i + lane] > most[lane] ? far[i + lane] : most[lane];
            }
        }
        for (int lane = 0; lane < LANES; ++lane) {
            for (int i = lane; most[lane] > farthest; i += LANES) {
                if (far[i] == most[lane]) {
                    farthest = most[lane];
                    memcpy(place, &x[i], sizeof *place);
                }
            }
        }
    }
    return farthest;
}

#include "../internal.h"
#include "../numerics.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#include "lanes.h"
#include "../lanes/products.h"

const stk_product_kernels stk_product_kernels_neon = PRODUCT_KERNELS;
#endif

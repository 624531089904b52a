#include "../internal.h"
#include "../numerics.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#include "lanes.h"
#include "../lanes/rows.h"

const stk_row_kernels stk_row_kernels_neon = ROW_KERNELS;
#endif

#include "sandbox_init.h"

const unsigned char stoa_driver_source[] = {
#embed "driver.py"
};
const size_t stoa_driver_length = sizeof stoa_driver_source;

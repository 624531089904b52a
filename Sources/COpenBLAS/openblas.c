// The header is all there is: a C target needs a translation unit.
#include "stoa_openblas.h"

#ifndef TERN_CPNG_SHIM_H
#define TERN_CPNG_SHIM_H

#include <png.h>

#endif

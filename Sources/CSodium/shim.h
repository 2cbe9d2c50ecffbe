#ifndef MJN_CSODIUM_SHIM_H
#define MJN_CSODIUM_SHIM_H

#include <sodium.h>

#endif

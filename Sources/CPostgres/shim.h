// The public interface of libpq, the C client of Postgres, as the distribution installs it.
#ifndef MJN_CPOSTGRES_SHIM_H
#define MJN_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

#endif

// The public interface of libpq, the C client of Postgres, as the distribution installs it; and two calls of the C
// library (glibc 2.34 and later) that Swift's module of it leaves out, with which a server is started cleanly.
// `actions` is a posix_spawn_file_actions_t; naming that type here would make it a type of this module.
#ifndef MJN_CPOSTGRES_SHIM_H
#define MJN_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

int posix_spawn_file_actions_addchdir_np(void *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(void *actions, int from);

#endif

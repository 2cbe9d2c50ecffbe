// Calls of the C library (glibc 2.34 and later) that Swift's module of it leaves out, with which a program is started
// cleanly. `actions` is a posix_spawn_file_actions_t; naming that type here would make it a type of this module.
#ifndef MJN_CSPAWN_SHIM_H
#define MJN_CSPAWN_SHIM_H

int posix_spawn_file_actions_addchdir_np(void *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(void *actions, int from);
int pipe2(int *ends, int flags);
int mkostemp(char *path, int flags);

#endif

/* What the load driver needs of Linux and Swift's Glibc module leaves out. */
#ifndef MJN_BENCH_EPOLL_H
#define MJN_BENCH_EPOLL_H

#include <stddef.h>
#include <sys/epoll.h>

/* GNU's memmem, declared here because its header shows it only to GNU sources. */
void *memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);

#endif

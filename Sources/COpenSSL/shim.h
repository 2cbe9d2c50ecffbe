#ifndef MJN_COPENSSL_SHIM_H
#define MJN_COPENSSL_SHIM_H

/* The block-level SHA-256 functions carry a deprecation mark since OpenSSL 3.0. They stay part of libcrypto's ABI,
   need no algorithm fetch and no heap context, and their context is a plain value that can be copied, which the
   precomputed HMAC key relies on. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#endif

// GCC's _tile_loadconfig tells the compiler that it reads 8 of the 64 bytes, so an optimised build drops the stores to
// the other 56 and the processor meets tiles that were never configured: an illegal instruction at the first prompt, on
// any Xeon with AMX (seen with GCC 12.2; ggml's amx/mmq.cpp). Same instruction here, with its true size.
// AMX is worth having: a prompt is prefilled about 8 times as fast with it as without, measured with the starter model.
#if defined(__AMX_TILE__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#define _tile_loadconfig(config) __asm__ volatile("ldtilecfg\t%0" ::"m"(*(const char(*)[64])(config)))
#endif

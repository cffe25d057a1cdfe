// CAIRN_CHECK: for mistakes of ours only. No input from outside may reach one that fails.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace cairn {

[[noreturn]] inline void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, expression);
  std::abort();
}

}  // namespace cairn

#define CAIRN_CHECK(expression)                               \
  do {                                                        \
    if (!(expression)) [[unlikely]]                           \
      ::cairn::check_failed(#expression, __FILE__, __LINE__); \
  } while (false)

// How long a call's signature takes to verify, and whether it tells a stranger which keys there
// are.
#include "access/access_test_support.h"

#include <benchmark/benchmark.h>

namespace cairn::access {
namespace {

enum class Signer { owner, wrong_secret, unknown_key };

void verify(benchmark::State& state, Signer signer) {
  TestKeys keys;
  Authenticator authenticator(keys.store(), {});
  for (int i = 0; i < 100; ++i) keys.make();
  auto credentials = credentials_of(keys.make());
  if (signer == Signer::wrong_secret) credentials.secret_key = std::string(40, 'x');
  if (signer == Signer::unknown_key) credentials.access_key = "AKIAUNKNOWN234567ABC";
  auto request = json_call(std::string(static_cast<size_t>(state.range(0)), ' '));
  sign_request(request, credentials, scope_at(keys.clock.now, "cloudtrail"));
  for (auto _ : state)
    benchmark::DoNotOptimize(
        authenticator.authenticate(request, "cloudtrail", ErrorStyle::json, keys.clock.now));
}

BENCHMARK_CAPTURE(verify, owner, Signer::owner)->Arg(100)->Arg(1 << 20);
BENCHMARK_CAPTURE(verify, wrong_secret, Signer::wrong_secret)->Arg(100)->Arg(1 << 20);
BENCHMARK_CAPTURE(verify, unknown_key, Signer::unknown_key)->Arg(100)->Arg(1 << 20);

}  // namespace
}  // namespace cairn::access

// How fast trails take events: the decision about one, and the way from the spool to log files.
#include "trails/internal/selection.h"
#include "trails/testing/world.h"

#include <benchmark/benchmark.h>

namespace cairn::trails {
namespace {

const Scope kHome{.account = "111122223333", .region = "eu-west-1"};
constexpr int kEvents = 20'000;

/// As long as real ones, some 1.5 KB.
std::string event(int number) {
  return testing::record(
      {.id = std::to_string(number),
       .more = ",\"userIdentity\":{\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::"
               "111122223333:assumed-role/r/s\"},\"requestParameters\":{\"x\":\"" +
               std::string(1000, 'x') + "\"}"});
}

void takes(benchmark::State& state) {
  Trail trail{.account = kHome.account, .region = kHome.region};
  trail.selectors = lang::event_selectors::default_selectors();
  trail.selectors.basic.front().excluded_management_sources = {"kms.amazonaws.com"};
  Selection selection(trail);
  const auto record = event(1);
  EventFacts facts;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(selection.takes(record, facts));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(record.size()));
}

void delivers(benchmark::State& state) {
  std::vector<std::string> events;
  for (int i = 0; i < kEvents; ++i) events.push_back(event(i));
  int64_t bytes = 0;
  for (const auto& one : events) bytes += static_cast<int64_t>(one.size());
  testing::World world;
  world.open();
  (void)world.trails->create(kHome, "main", {.bucket = "logs"}, {}).ok();
  (void)world.trails->start_logging(kHome, "main").ok();
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    world.append(events);
    state.ResumeTiming();
    benchmark::DoNotOptimize(world.run());
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
  state.SetBytesProcessed(state.iterations() * bytes);
}

BENCHMARK(takes);
BENCHMARK(delivers)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cairn::trails

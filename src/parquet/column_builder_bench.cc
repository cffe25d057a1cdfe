// Nanoseconds a value (items_per_second) and bytes a value, per kind of column of the lake.
#include "parquet/column_builder.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

namespace cairn::parquet {
namespace {

constexpr size_t kRows = 50'000;

std::vector<std::string> few_texts() {
  std::mt19937_64 random(1);
  std::vector<std::string> made;
  for (size_t i = 0; i < kRows; ++i) made.push_back(fmt::format("DescribeThing{}", random() % 90));
  return made;
}

std::vector<std::string> uuids() {
  std::mt19937_64 random(2);
  std::vector<std::string> made;
  for (size_t i = 0; i < kRows; ++i)
    made.push_back(fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", random() & 0xFFFFFFFFU,
                               random() & 0xFFFFU, random() & 0xFFFU, random() & 0xFFFU,
                               random() & 0xFFFFFFFFFFFFU));
  return made;
}

std::vector<std::string> json_texts() {
  std::mt19937_64 random(3);
  std::vector<std::string> made;
  for (size_t i = 0; i < kRows; ++i)
    made.push_back(fmt::format(
        R"({{"filterSet":{{"items":[{{"name":"vpc-id","valueSet":{{"items":[{{"value":"vpc-{:012x}"}}]}}}},)"
        R"({{"name":"tag:Environment","valueSet":{{"items":[{{"value":"stage{}"}}]}}}}]}},"maxResults":{},)"
        R"("nextToken":"{:016x}","dryRun":false,"roleSessionName":"session-{}","includeShared":{}}})",
        random() & 0xFFFFFFFFFFFFU, random() % 9, random() % 1000, random(), random() % 5000,
        random() % 2 == 0));
  return made;
}

void report(benchmark::State& state, size_t bytes) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRows));
  state.counters["bytes_per_value"] = static_cast<double>(bytes) / static_cast<double>(kRows);
  state.counters["s_per_value"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(kRows),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// `append(builder, row)` gives a value; the argument is the zstd level.
template <class Append>
void build(benchmark::State& state, Field field, Append append) {
  EncodingOptions options;
  options.zstd_level = static_cast<int>(state.range(0));
  ColumnBuilder builder(leaves_of({std::move(field)}).front(), options);
  size_t bytes = 0;
  for (auto _ : state) {
    for (size_t row = 0; row < kRows; ++row) append(builder, row);
    const auto column = builder.finish();
    if (!column.ok()) return state.SkipWithError("cannot encode");
    bytes = column.value().pages.size() + column.value().bloom_filter.size();
  }
  report(state, bytes);
}

void few_values(benchmark::State& state) {
  build(state, {.name = "eventName"},
        [texts = few_texts()](auto& to, size_t row) { to.append(texts[row]); });
}

void uuid_text(benchmark::State& state) {
  build(state, {.name = "eventID", .bloom = true},
        [texts = uuids()](auto& to, size_t row) { to.append(texts[row]); });
}

void json_text(benchmark::State& state) {
  build(state, {.name = "requestParameters"},
        [texts = json_texts()](auto& to, size_t row) { to.append(texts[row]); });
}

void sorted_times(benchmark::State& state) {
  build(state, {.name = "eventTime", .type = Type::timestamp_us}, [](auto& to, size_t row) {
    to.append_int(1'790'000'000'000'000 + static_cast<int64_t>(row / 3) * 1'000'000);
  });
}

void all_null(benchmark::State& state) {
  build(state, {.name = "addendum"}, [](auto& to, size_t) { to.append_null(0); });
}

BENCHMARK(few_values)->Arg(1)->Arg(3)->Arg(9);
BENCHMARK(uuid_text)->Arg(1)->Arg(3)->Arg(9);
BENCHMARK(json_text)->Arg(1)->Arg(3)->Arg(6)->Arg(9);
BENCHMARK(sorted_times)->Arg(1)->Arg(3)->Arg(9);
BENCHMARK(all_null)->Arg(1);

}  // namespace
}  // namespace cairn::parquet

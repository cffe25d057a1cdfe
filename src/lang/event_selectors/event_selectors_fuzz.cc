// Selectors as they are kept, and a record: two texts with a NUL between. Whatever the selectors
// are, checking, compiling and asking must not fail, and they must survive being kept.
#include "lang/event_selectors/event_selectors.h"

#include "base/check.h"
#include "base/json_scan.h"

#include <cstdint>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cairn;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto cut = std::min(input.find('\0'), size);
  const auto read = lang::event_selectors::from_json(input.substr(0, cut));
  if (!read.ok()) return 0;
  const auto& selectors = read.value();
  (void)lang::event_selectors::check(selectors, lang::event_selectors::Owner::trail).ok();
  const auto again = lang::event_selectors::from_json(lang::event_selectors::to_json(selectors));
  CAIRN_CHECK(again.ok() && again.value() == selectors);

  const auto predicate = lang::event_selectors::compile(selectors);
  CAIRN_CHECK(!lang::to_sql(predicate).empty());
  model::FieldPlan plan;
  const lang::PredicateMatcher matcher(predicate, plan);
  const lang::PredicateMatcher opposite(lang::negation_of(predicate), plan);
  const auto record = json::padded_copy(input.substr(std::min(cut + 1, size)));
  const auto* const begin = json::skip_space(record.data());
  const auto* const end = record.data() + record.size() - json::kJsonPadding;
  if (begin >= end || *begin != '{') return 0;
  std::vector<std::string_view> slots(plan.slots() + 1);
  const auto scan = model::scan_object(begin, end, plan, slots.data());
  if (scan.scan.fault != json::Fault::none) return 0;
  const lang::RecordView view{.json = {begin, static_cast<size_t>(scan.scan.at - begin)},
                              .slots = slots.data()};
  CAIRN_CHECK(matcher.matches(view) != opposite.matches(view));
  return 0;
}

#include "trails/internal/selection.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "model/column_reader.h"

#include <algorithm>
#include <array>

namespace cairn::trails {
namespace {

/// Services whose events are those of no Region; they are recorded in us-east-1.
constexpr std::array<std::string_view, 4> kGlobalServices{
    "cloudfront.amazonaws.com", "iam.amazonaws.com", "route53.amazonaws.com", "sts.amazonaws.com"};
constexpr std::string_view kGlobalRegion = "us-east-1";

constexpr std::string_view kNoAccount = "000000000000";

/// Insights events, of the kinds that the trail has Insights for.
lang::Predicate insights_of(const Trail& trail) {
  std::vector<std::string> types;
  for (const auto& one : trail.insights)
    types.emplace_back(one.type == InsightType::call_rate ? "ApiCallRateInsight"
                                                          : "ApiErrorRateInsight");
  return lang::all_of({lang::event_selectors::category_is("Insight"),
                       lang::equals("insightDetails.insightType", std::move(types))});
}

model::FieldPlan plan_of_facts() {
  model::FieldPlan plan;
  plan.want(model::Field::recipient_account_id);
  plan.want(model::Field::user_identity);
  plan.want(model::Field::aws_region);
  plan.want(model::Field::event_source);
  plan.want(model::Field::event_time);
  plan.want(model::Field::event_id);
  plan.want(model::Field::insight_details);
  return plan;
}

}  // namespace

Selection::Selection(const Trail& trail)
    : trail_(trail),
      plan_(plan_of_facts()),
      wanted_(lang::event_selectors::compile(trail.selectors), plan_),
      insight_(insights_of(trail), plan_),
      slots_(plan_.slots()) {}

std::string_view Selection::text_of(model::Field field, std::string& buffer) const {
  const auto raw = slots_[static_cast<size_t>(plan_.slot(field))];
  return model::varchar_of(raw, buffer).value_or("");
}

bool Selection::takes(std::string_view record, EventFacts& facts) {
  padded_.assign(record);
  padded_.append(json::kJsonPadding, '\0');
  const auto* const begin = padded_.data();
  if (record.empty() || record.front() != '{') return false;
  // One past the text, so that an object that ends with it is not taken for one cut off.
  const auto scan = model::scan_object(begin, begin + record.size() + 1, plan_, slots_.data());
  if (scan.scan.fault != json::Fault::none) return false;

  facts.account = text_of(model::Field::recipient_account_id, account_);
  const auto identity = slots_[static_cast<size_t>(plan_.slot(model::Field::user_identity))];
  if (facts.account.empty() && json::is_object(identity)) {
    facts.account =
        model::varchar_of(json::find_member(identity, "accountId"), account_).value_or("");
  }
  // Both name folders and chains of digests.
  if (!is_account_id(facts.account)) facts.account = kNoAccount;
  if (!trail_.organization && facts.account != trail_.account) return false;

  facts.region = text_of(model::Field::aws_region, region_);
  if (!is_region_name(facts.region)) facts.region = trail_.region;
  const auto source = text_of(model::Field::event_source, source_);
  const bool global =
      facts.region == kGlobalRegion &&
      std::find(kGlobalServices.begin(), kGlobalServices.end(), source) != kGlobalServices.end();
  if (!trail_.multi_region && facts.region != trail_.region) return false;
  if (global && !trail_.global_events) return false;

  const lang::RecordView view{.json = {begin, record.size()}, .slots = slots_.data()};
  facts.insight = insight_.matches(view);
  if (!facts.insight && !wanted_.matches(view)) return false;
  facts.event_id = text_of(model::Field::event_id, event_id_);
  const auto details = slots_[static_cast<size_t>(plan_.slot(model::Field::insight_details))];
  const auto state = json::is_object(details) ? json::find_member(details, "state") : "";
  facts.insight_state = model::varchar_of(state, insight_state_).value_or("");
  facts.time_us =
      model::event_time_of(slots_[static_cast<size_t>(plan_.slot(model::Field::event_time))])
          .value_or(0);
  return true;
}

}  // namespace cairn::trails

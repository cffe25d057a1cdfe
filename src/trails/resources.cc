// Trails as resources: what their operations do.
#include "aws/endpoint.h"
#include "base/text.h"
#include "trails/internal/impl.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::trails {
namespace {

constexpr std::string_view kProbe = "cairn-write-check";

bool seen_by(const Trail& trail, const Scope& scope) {
  return trail.account == scope.account || trail.organization;
}

/// Some selector wants management events that change something.
bool takes_write_management(const lang::event_selectors::Selectors& selectors) {
  for (const auto& one : selectors.basic)
    if (one.management_events && one.read_write != lang::event_selectors::ReadWrite::read_only)
      return true;
  for (const auto& one : selectors.advanced) {
    bool management = false;
    bool writes = true;
    for (const auto& field : one.fields) {
      const auto has = [&](std::string_view value) {
        return std::find(field.equals.begin(), field.equals.end(), value) != field.equals.end();
      };
      if (field.field == "eventCategory") management = has("Management");
      if (field.field == "readOnly") writes = has("false");
    }
    if (management && writes) return true;
  }
  return false;
}

/// What events it takes depends on these.
bool selects_the_same(const Trail& a, const Trail& b) {
  return a.selectors == b.selectors && a.insights == b.insights &&
         a.global_events == b.global_events && a.multi_region == b.multi_region &&
         a.organization == b.organization && a.validation == b.validation;
}

}  // namespace

Result<Trail> Trails::Impl::find(const Scope& scope, const std::string& trail) {
  const auto id = CAIRN_TRY(read_trail_id(trail, scope));
  const auto found = CAIRN_TRY(context.table.find(id.account, id.region, id.name));
  const bool here = found && (found->region == scope.region || found->multi_region);
  if (here && seen_by(*found, scope)) return *found;
  return unknown_trail(id, scope);
}

Result<Trail> Trails::Impl::find_to_change(const Scope& scope, const std::string& trail) {
  const auto id = CAIRN_TRY(read_trail_id(trail, scope));
  const auto found = CAIRN_TRY(context.table.find(id.account, id.region, id.name));
  if (!found || !seen_by(*found, scope)) return unknown_trail(id, scope);
  if (found->account != scope.account)
    return Error{ErrorKind::permission_denied,
                 "This account cannot change the trail of its organization; the management account "
                 "can.",
                 "NotOrganizationMasterAccountException"};
  if (found->region != scope.region)
    return Error{ErrorKind::invalid_argument,
                 fmt::format("The trail {} can only be changed in its home Region, {}.",
                             found->arn(), found->region),
                 "InvalidHomeRegionException"};
  return *found;
}

Result<Trail> Trails::Impl::find_by_arn(const std::string& arn) {
  if (!arn.starts_with("arn:"))
    return Error{ErrorKind::invalid_argument, fmt::format("Invalid trail ARN: {}", printable(arn)),
                 "CloudTrailARNInvalidException"};
  const auto id = CAIRN_TRY(read_trail_id(arn, {}));
  const auto found = CAIRN_TRY(context.table.find(id.account, id.region, id.name));
  if (found) return *found;
  return Error{ErrorKind::not_found, fmt::format("The resource {} is not found.", arn),
               "ResourceNotFoundException"};
}

Status Trails::Impl::check_organization(const Scope& scope, const Trail& trail) const {
  if (!trail.organization) return {};
  if (context.options.organization_id.empty())
    return Error{ErrorKind::invalid_argument,
                 "Your account is not a member of an organization; organization trails need one.",
                 "OrganizationsNotInUseException"};
  if (scope.account == context.options.management_account) return {};
  return Error{ErrorKind::permission_denied,
               "Only the management account of an organization can create an organization trail.",
               "NotOrganizationMasterAccountException"};
}

Status Trails::Impl::check_bucket(const Trail& trail) {
  const auto refused = [&](const Error& error) {
    if (error.kind() == ErrorKind::not_found) return unknown_bucket(trail.bucket);
    if (error.kind() == ErrorKind::permission_denied) return closed_bucket(trail.bucket);
    return Error{error.kind(),
                 fmt::format("cannot check the bucket {}: {}", trail.bucket, error.message())};
  };
  const auto bucket = context.world.open_bucket(trail.bucket);
  if (!bucket.ok()) return refused(bucket.error());
  // That it can be written to is known by writing, as CloudTrail finds out, too.
  const auto key = fmt::format("{}{}AWSLogs/{}/{}", trail.prefix, trail.prefix.empty() ? "" : "/",
                               trail.account, kProbe);
  const auto put = bucket.value()->put(key, "");
  if (!put.ok()) return refused(put.error());
  // A store that takes puts only keeps an empty object: no reader takes it for a log file.
  (void)bucket.value()->remove(key).ok();
  return {};
}

Status Trails::Impl::check_quota(const Scope& scope) {
  const auto trails = CAIRN_TRY(context.table.all());
  const auto count = std::count_if(trails.begin(), trails.end(), [&](const Trail& trail) {
    return trail.account == scope.account && (trail.region == scope.region || trail.multi_region);
  });
  if (static_cast<size_t>(count) < kTrailsMax) return {};
  return Error{
      ErrorKind::exhausted,
      fmt::format("User: {} already has {} trails in {}.", scope.account, count, scope.region),
      "MaximumNumberOfTrailsExceededException"};
}

Status Trails::Impl::apply(const Scope& scope, const TrailSettings& settings, Trail& trail) {
  const bool moves = settings.bucket || settings.prefix;
  const bool names_bucket = settings.bucket && *settings.bucket != trail.bucket;
  const bool names_prefix = settings.prefix && *settings.prefix != trail.prefix;
  if (settings.bucket) trail.bucket = *settings.bucket;
  if (settings.prefix) trail.prefix = *settings.prefix;
  if (settings.topic) trail.topic = *settings.topic;
  if (settings.global_events) trail.global_events = *settings.global_events;
  if (settings.multi_region) trail.multi_region = *settings.multi_region;
  if (settings.validation) trail.validation = *settings.validation;
  if (settings.organization) trail.organization = *settings.organization;
  if (settings.recursive_logging) trail.recursive_logging = *settings.recursive_logging;
  if (settings.log_group_arn) trail.log_group_arn = *settings.log_group_arn;
  if (settings.log_role_arn) trail.log_role_arn = *settings.log_role_arn;
  if (settings.kms_key) {
    trail.kms_key.clear();
    if (!settings.kms_key->empty())
      trail.kms_key = CAIRN_TRY(qualified_kms_key(*settings.kms_key, scope));
  }
  CAIRN_TRY(check_bucket_name(trail.bucket));
  CAIRN_TRY(names_prefix ? check_new_prefix(trail.prefix) : check_prefix(trail.prefix));
  if (trail.multi_region && !trail.global_events)
    return Error{ErrorKind::invalid_argument,
                 "Multi-Region trail must include global service events.",
                 "InvalidParameterCombinationException"};
  CAIRN_TRY(check_log_group(trail.log_group_arn, trail.log_role_arn, scope));
  if (settings.organization) CAIRN_TRY(check_organization(scope, trail));
  if (settings.topic && !trail.topic.empty()) {
    CAIRN_TRY(check_topic(trail.topic));
    const auto& topics = context.options.topics;
    if (!topics.contains(trail.topic) && !topics.contains(trail.topic_arn()))
      return Error{ErrorKind::not_found,
                   "SNS Topic does not exist or the topic policy is incorrect!",
                   "InsufficientSnsTopicPolicyException"};
  }
  if (names_bucket && settings.may_use_bucket) CAIRN_TRY(settings.may_use_bucket(trail.bucket));
  return moves ? check_bucket(trail) : Status();
}

Status Trails::Impl::store(const Trail& before, const Trail& after, bool restart) {
  auto& table = context.table;
  const bool new_span = after.logging && restart;
  const bool ends_span = before.logging && (restart || !after.logging);
  const std::lock_guard spans(span_mutex);
  // All that is accepted from the roll on is the new span's.
  uint64_t next = 0;
  if (new_span || ends_span) next = CAIRN_TRY(context.world.spool.roll());
  const auto now_us = context.world.clock.now_us();
  const bool digested = before.logging && before.validation;
  const bool to_be_digested = after.logging && after.validation;
  return table.state().transaction([&]() -> Status {
    CAIRN_TRY(table.update(after));
    if (ends_span) CAIRN_TRY(table.end_span(before.id, next));
    if (new_span) CAIRN_TRY(table.begin_span(after, next));
    if (digested && !to_be_digested) CAIRN_TRY(digester.end(before.id));
    if (!digested && to_be_digested) CAIRN_TRY(digester.begin(after, now_us));
    if (before.logging == after.logging) return {};
    return table.change_status(after.id, [&](TrailStatus& status) {
      (after.logging ? status.started_us : status.stopped_us) = now_us;
    });
  });
}

Result<Trail> Trails::create(const Scope& scope, const std::string& name,
                             const TrailSettings& settings, const aws::Tags& tags) {
  CAIRN_TRY(check_trail_name(name));
  if (!is_region_name(scope.region))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("'{}' is not a Region", printable(scope.region)),
                 "InvalidParameterException"};
  CAIRN_TRY(aws::check_tags(tags));
  Trail trail{.account = scope.account, .region = scope.region, .name = name, .tags = tags};
  trail.selectors = lang::event_selectors::default_selectors();
  const std::lock_guard changing(impl_->change_mutex);
  auto& table = impl_->context.table;
  const auto there = CAIRN_TRY(table.find(scope.account, scope.region, name));
  if (there)
    return Error{ErrorKind::already_exists,
                 fmt::format("Trail {} already exists for customer: {}", name, scope.account),
                 "TrailAlreadyExistsException"};
  CAIRN_TRY(impl_->check_quota(scope));
  CAIRN_TRY(impl_->apply(scope, settings, trail));
  CAIRN_TRY(table.insert(trail, impl_->context.world.clock.now_us()));
  return trail;
}

Result<Trail> Trails::update(const Scope& scope, const std::string& trail,
                             const TrailSettings& settings) {
  const std::lock_guard changing(impl_->change_mutex);
  const auto before = CAIRN_TRY(impl_->find_to_change(scope, trail));
  auto after = before;
  CAIRN_TRY(impl_->apply(scope, settings, after));
  // Each span keeps the settings that it began with, where its files go among them.
  const bool restart = !selects_the_same(before, after) || before.bucket != after.bucket ||
                       before.prefix != after.prefix || before.kms_key != after.kms_key ||
                       before.log_group_arn != after.log_group_arn;
  CAIRN_TRY(impl_->store(before, after, restart));
  return after;
}

Status Trails::remove(const Scope& scope, const std::string& trail) {
  const std::lock_guard changing(impl_->change_mutex);
  const auto before = CAIRN_TRY(impl_->find_to_change(scope, trail));
  auto after = before;
  after.logging = false;
  CAIRN_TRY(impl_->store(before, after, false));
  return impl_->context.table.mark_deleted(before.id, impl_->context.world.clock.now_us());
}

Result<Trail> Trails::locate(const Scope& scope, const std::string& trail) {
  const auto id = CAIRN_TRY(read_trail_id(trail, scope));
  auto found = CAIRN_TRY(impl_->context.table.find(id.account, id.region, id.name));
  if (found) return *std::move(found);
  return unknown_trail(id, scope);
}

Result<std::vector<Trail>> Trails::delivering_to(const std::string& bucket) {
  auto trails = CAIRN_TRY(impl_->context.table.all());
  std::erase_if(trails, [&](const Trail& trail) { return trail.bucket != bucket; });
  return trails;
}

Result<Trail> Trails::get(const Scope& scope, const std::string& trail) {
  return impl_->find(scope, trail);
}

Result<std::vector<Trail>> Trails::describe(const Scope& scope,
                                            const std::vector<std::string>& names, bool shadows) {
  std::vector<Trail> out;
  for (const auto& name : names) {
    const auto id = CAIRN_TRY(read_trail_id(name, scope));
    const auto found = impl_->find(scope, name);
    if (!found.ok() && found.error().kind() != ErrorKind::not_found) return found.error();
    if (found.ok() && (shadows || found.value().region == scope.region))
      out.push_back(found.value());
  }
  if (!names.empty()) return out;
  const auto trails = CAIRN_TRY(impl_->context.table.all());
  for (const auto& trail : trails)
    if (seen_by(trail, scope) && (trail.region == scope.region || (shadows && trail.multi_region)))
      out.push_back(trail);
  return out;
}

Result<std::vector<Trail>> Trails::list(const Scope& scope) {
  auto trails = CAIRN_TRY(impl_->context.table.all());
  std::erase_if(trails, [&](const Trail& trail) { return !seen_by(trail, scope); });
  return trails;
}

Result<TrailStatus> Trails::status(const Scope& scope, const std::string& trail) {
  const auto found = CAIRN_TRY(impl_->find(scope, trail));
  return impl_->context.table.status(found.id);
}

Result<std::vector<std::pair<Trail, TrailStatus>>> Trails::statuses() {
  auto& table = impl_->context.table;
  auto trails = CAIRN_TRY(table.all());
  std::vector<std::pair<Trail, TrailStatus>> statuses;
  for (auto& trail : trails) {
    auto status = table.status(trail.id);
    if (!status.ok() && status.error().kind() == ErrorKind::not_found)
      continue;  // deleted just now
    if (!status.ok()) return std::move(status).error();
    statuses.emplace_back(std::move(trail), std::move(status).value());
  }
  return statuses;
}

Status Trails::start_logging(const Scope& scope, const std::string& trail) {
  const std::lock_guard changing(impl_->change_mutex);
  const auto before = CAIRN_TRY(impl_->find_to_change(scope, trail));
  if (before.logging) return {};
  auto after = before;
  after.logging = true;
  return impl_->store(before, after, true);
}

Status Trails::stop_logging(const Scope& scope, const std::string& trail) {
  const std::lock_guard changing(impl_->change_mutex);
  const auto before = CAIRN_TRY(impl_->find_to_change(scope, trail));
  if (!before.logging) return {};
  auto after = before;
  after.logging = false;
  return impl_->store(before, after, false);
}

Result<Trail> Trails::put_selectors(const Scope& scope, const std::string& trail,
                                    lang::event_selectors::Selectors selectors) {
  const std::lock_guard changing(impl_->change_mutex);
  const auto before = CAIRN_TRY(impl_->find_to_change(scope, trail));
  CAIRN_TRY(check(selectors, lang::event_selectors::Owner::trail));
  auto after = before;
  after.custom_selectors = selectors != lang::event_selectors::default_selectors();
  after.selectors = std::move(selectors);
  CAIRN_TRY(impl_->store(before, after, !selects_the_same(before, after)));
  return after;
}

Result<Trail> Trails::put_insights(const Scope& scope, const std::string& trail,
                                   std::vector<InsightSelector> insights) {
  const std::lock_guard changing(impl_->change_mutex);
  const auto before = CAIRN_TRY(impl_->find_to_change(scope, trail));
  for (auto one = insights.begin(); one != insights.end(); ++one) {
    const bool twice = std::any_of(insights.begin(), one, [&](const InsightSelector& other) {
      return other.type == one->type;
    });
    if (twice)
      return Error{ErrorKind::invalid_argument, "An insight type is given more than once.",
                   "InvalidInsightSelectorsException"};
  }
  const bool call_rate =
      std::any_of(insights.begin(), insights.end(),
                  [](const InsightSelector& one) { return one.type == InsightType::call_rate; });
  if (call_rate && !takes_write_management(before.selectors))
    return Error{ErrorKind::invalid_argument,
                 fmt::format("The trail {} must log write management events to have Insights on "
                             "the API call rate.",
                             before.name),
                 "InvalidInsightSelectorsException"};
  auto after = before;
  after.insights = std::move(insights);
  CAIRN_TRY(impl_->store(before, after, !selects_the_same(before, after)));
  return after;
}

Result<Trail> Trails::put_aggregations(const Scope& scope, const std::string& trail,
                                       std::vector<Aggregation> aggregations) {
  const std::lock_guard changing(impl_->change_mutex);
  const auto before = CAIRN_TRY(impl_->find_to_change(scope, trail));
  auto after = before;
  after.aggregations = std::move(aggregations);
  CAIRN_TRY(impl_->store(before, after, false));
  return after;
}

Status Trails::add_tags(const std::string& arn, const aws::Tags& tags) {
  const std::lock_guard changing(impl_->change_mutex);
  auto trail = CAIRN_TRY(impl_->find_by_arn(arn));
  trail.tags = CAIRN_TRY(aws::with_tags(std::move(trail.tags), tags));
  return impl_->context.table.update(trail);
}

Status Trails::remove_tags(const std::string& arn, const aws::Tags& tags) {
  const std::lock_guard changing(impl_->change_mutex);
  auto trail = CAIRN_TRY(impl_->find_by_arn(arn));
  trail.tags = aws::without_tags(std::move(trail.tags), tags);
  return impl_->context.table.update(trail);
}

Result<aws::Tags> Trails::tags_of(const std::string& arn) {
  const auto trail = CAIRN_TRY(impl_->find_by_arn(arn));
  return trail.tags;
}

}  // namespace cairn::trails

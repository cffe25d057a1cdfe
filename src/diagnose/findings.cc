#include "diagnose/findings.h"

#include "base/text.h"
#include "base/time.h"
#include "diagnose/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn::diagnose {
namespace {

constexpr size_t kListMax = 10;

/// Who pauses longer between failures does not hammer, growing pauses or not.
constexpr int64_t kHammeringPauseMaxUs = 60'000'000;

/// What one finding is made of, and what its texts can name.
struct Draft {
  std::vector<Evidence> evidence;
  std::vector<const FailureGroup*> groups;
  std::set<std::string> calls;
  std::set<std::string> callers;
  std::set<std::string> actions;
  std::vector<std::string> resources;
  bool kubernetes = false;
  uint64_t events = 0;
  size_t evidence_left_out = 0;
  Facts facts;
};

bool any_part_in(std::string_view parts, const std::string& lower) {
  while (!parts.empty()) {
    const size_t end = std::min(parts.find('|'), parts.size());
    if (lower.find(parts.substr(0, end)) != std::string::npos) return true;
    parts.remove_prefix(std::min(end + 1, parts.size()));
  }
  return false;
}

bool matches(const Rule& rule, const FailureGroup& group) {
  if (rule.subject != Subject::failures) return false;
  if (rule.error_class != ErrorClass::none && rule.error_class != group.error_class) return false;
  if (!rule.call.empty() && rule.call != group.name) return false;
  if (!rule.reasons.empty() &&
      std::find(rule.reasons.begin(), rule.reasons.end(), group.reason) == rule.reasons.end())
    return false;
  return rule.any_of.empty() ||
         any_part_in(rule.any_of, to_lower(group.code) + ' ' + to_lower(group.message));
}

/// EKS' service role, its nodes' CNI plugin, Karpenter, controllers that run in a cluster.
bool looks_like_kubernetes(std::string_view caller, std::string_view agent) {
  return any_part_in("eks|k8s|kube|karpenter|vpc-cni|aws-node",
                     to_lower(caller) + ' ' + to_lower(agent));
}

template <class Names>
std::string join(const Names& names, std::string_view separator, size_t most) {
  std::string out;
  size_t shown = 0;
  for (const auto& name : names) {
    if (shown == most) break;
    if (shown++ > 0) out += separator;
    out += name;
  }
  return out;
}

std::string in_words(const std::set<std::string>& names) {
  if (names.size() <= kListMax) return join(names, ", ", kListMax);
  return fmt::format("{} and {} more", join(names, ", ", kListMax), names.size() - kListMax);
}

void set_caller(Facts& facts, const std::string& caller) {
  facts["caller"] = caller;
  const std::string name(short_name(caller));
  if (is_role(caller)) facts["role"] = name;
  if (caller.find(":user/") != std::string::npos) facts["user"] = name;
}

void add_evidence(Draft& draft, Evidence evidence) {
  if (draft.evidence.size() < Finding::kEvidenceMax)
    draft.evidence.push_back(std::move(evidence));
  else
    ++draft.evidence_left_out;
}

/// Real ids have no blanks and are no options; others are shown as evidence only.
bool is_one_argument(std::string_view id) {
  return id.find(' ') == std::string_view::npos && !id.starts_with('-');
}

void add_group(Draft& draft, const FailureGroup& group) {
  draft.groups.push_back(&group);
  draft.events += group.events;
  draft.calls.insert(group.call);
  draft.callers.insert(group.caller);
  if (!group.action.empty()) draft.actions.insert(group.action);
  draft.kubernetes |= looks_like_kubernetes(group.caller, group.agent);
  for (const auto& resource : group.resources)
    if (draft.resources.size() < kListMax && is_one_argument(resource) &&
        std::find(draft.resources.begin(), draft.resources.end(), resource) ==
            draft.resources.end())
      draft.resources.push_back(resource);
}

Evidence evidence_of(const FailureGroup& group) {
  Evidence out{.call = group.call,
               .caller = group.caller,
               .client = {},
               .region = group.region,
               .code = group.code,
               .message = group.message,
               .note = {},
               .events = group.events,
               .first_us = group.first_us,
               .last_us = group.last_us,
               .resources = group.resources,
               .more_resources = group.more_resources,
               .event_ids = group.event_ids};
  if (group.reason != DenialReason::not_said) out.note = describe(group.reason);
  return out;
}

void set_group_facts(Draft& draft) {
  const FailureGroup& top = *draft.groups.front();
  Facts& facts = draft.facts;
  set_caller(facts, top.caller);
  facts["call"] = top.call;
  facts["region"] = top.region;
  facts["account"] = top.account;
  facts["code"] = top.code;
  facts["action"] = top.action;
  facts["resource"] = top.resources.empty() ? top.resource : top.resources.front();
  facts["agent"] = top.agent;
  facts["encoded"] = top.encoded;
  facts["calls"] = in_words(draft.calls);
  facts["action_list"] = in_words(draft.actions);
  std::set<std::string> actions_of_top;
  for (const auto* group : draft.groups)
    if (group->caller == top.caller && !group->action.empty()) actions_of_top.insert(group->action);
  facts["actions"] = join(actions_of_top, " ", kListMax);
  facts["resource_list"] = join(draft.resources, ", ", kListMax);
  facts["resources"] = join(draft.resources, " ", kListMax);
  int64_t first = top.first_us;
  int64_t last = top.last_us;
  for (const auto* group : draft.groups) {
    first = std::min(first, group->first_us);
    last = std::max(last, group->last_us);
  }
  facts["first"] = format_iso8601(first);
  facts["last"] = format_iso8601(last);
}

/// "Read the reason:" says nothing when the command behind it had nothing to fill in.
template <class Items>
void drop_headings_without_commands(Items& advice) {
  for (size_t i = advice.size(); i-- > 0;) {
    const bool heading =
        !advice[i].command && !advice[i].text.empty() && advice[i].text.back() == ':';
    const bool followed = i + 1 < advice.size() && advice[i + 1].command;
    if (heading && !followed) advice.erase(advice.begin() + static_cast<ptrdiff_t>(i));
  }
}

Finding finish(const Rule& rule, Draft& draft, const std::string& folder) {
  draft.facts["events"] = with_thousands(draft.events);
  draft.facts["callers_count"] =
      fmt::format("{} caller{}", draft.callers.size(), draft.callers.size() == 1 ? "" : "s");
  draft.facts["dir"] = folder;
  Finding finding{.id = std::string(rule.id),
                  .severity = rule.severity,
                  .title = fill(rule.title, draft.facts).value_or(std::string(rule.id)),
                  .events = draft.events,
                  .evidence = std::move(draft.evidence),
                  .evidence_left_out = draft.evidence_left_out,
                  .advice = {}};
  for (const Advice& advice : rule.advice) {
    if (advice.kubernetes_only && !draft.kubernetes) continue;
    auto text =
        advice.command ? fill_command(advice.text, draft.facts) : fill(advice.text, draft.facts);
    if (text) finding.advice.push_back({std::move(*text), advice.command});
  }
  drop_headings_without_commands(finding.advice);
  return finding;
}

void draft_storms(const Rule& rule, const Tally& tally, Draft& draft) {
  for (const Storm& storm : storms_of(tally)) {
    if (rule.error_class != ErrorClass::none && rule.error_class != storm.error_class) continue;
    const std::string duration = long_duration(storm.burst.last_us - storm.burst.first_us);
    if (draft.evidence.empty()) {
      set_caller(draft.facts, storm.caller);
      draft.facts["call"] = storm.call;
      draft.facts["failures"] = with_thousands(storm.burst.failures);
      draft.facts["duration"] = duration;
      draft.facts["peak"] = with_thousands(storm.burst.peak);
    }
    draft.events += storm.burst.failures;
    draft.calls.insert(storm.call);
    draft.callers.insert(storm.caller);
    draft.kubernetes |= looks_like_kubernetes(storm.caller, {});
    add_evidence(draft, {.call = storm.call,
                         .caller = storm.caller,
                         .client = storm.client,
                         .region = {},
                         .code = std::string(name_of(storm.error_class)),
                         .message = {},
                         .note = fmt::format("{} failures in {}, at most {} within a minute",
                                             with_thousands(storm.burst.failures), duration,
                                             with_thousands(storm.burst.peak)),
                         .events = storm.burst.failures,
                         .first_us = storm.burst.first_us,
                         .last_us = storm.burst.last_us,
                         .resources = {},
                         .more_resources = false,
                         .event_ids = {}});
  }
  draft.facts["calls"] = in_words(draft.calls);
}

void draft_hammering(const Rule& rule, const Tally& tally, Draft& draft) {
  for (const ClientBackoff& client : backoffs_of(tally, rule.error_class)) {
    if (client.backoff.verdict != BackoffVerdict::does_not_back_off ||
        client.backoff.median_pause_us > kHammeringPauseMaxUs)
      continue;
    if (draft.evidence.empty()) {
      set_caller(draft.facts, client.caller);
      draft.facts["call"] = client.call;
    }
    draft.events += client.failures;
    draft.calls.insert(client.call);
    draft.callers.insert(client.caller);
    draft.kubernetes |= looks_like_kubernetes(client.caller, {});
    add_evidence(draft, {.call = client.call,
                         .caller = client.caller,
                         .client = client.client,
                         .region = {},
                         .code = std::string(name_of(client.error_class)),
                         .message = {},
                         .note = fmt::format(
                             "half of the pauses between failures are {:.1f} s or less, and they "
                             "grow in {} of {} episodes",
                             static_cast<double>(client.backoff.median_pause_us) / 1e6,
                             client.backoff.episodes_growing, client.backoff.episodes),
                         .events = client.failures,
                         .first_us = 0,
                         .last_us = 0,
                         .resources = {},
                         .more_resources = false,
                         .event_ids = {}});
  }
  draft.facts["calls"] = in_words(draft.calls);
}

void draft_heavy_callers(const Rule& rule, const Tally& tally, Draft& draft) {
  for (const Count& caller : tally.callers().top(3)) {
    const double share = static_cast<double>(caller.events) /
                         static_cast<double>(std::max<uint64_t>(1, tally.events()));
    if (caller.events < rule.events_min || share < rule.share_min) continue;
    const uint64_t dry_runs = tally.dry_runs_by_caller().of(caller.name);
    const uint64_t failures = tally.failures_by_caller().of(caller.name);
    if (draft.evidence.empty()) {
      set_caller(draft.facts, caller.name);
      draft.facts["share"] = fmt::format("{:.0f} %", 100 * share);
    }
    draft.events += caller.events;
    draft.callers.insert(caller.name);
    draft.kubernetes |= looks_like_kubernetes(caller.name, {});
    add_evidence(draft, {.call = {},
                         .caller = caller.name,
                         .client = {},
                         .region = {},
                         .code = {},
                         .message = {},
                         .note = fmt::format(
                             "{} of {} calls ({:.0f} %); {} of them dry runs, {} failed",
                             with_thousands(caller.events), with_thousands(tally.events()),
                             100 * share, with_thousands(dry_runs), with_thousands(failures)),
                         .events = caller.events,
                         .first_us = 0,
                         .last_us = 0,
                         .resources = {},
                         .more_resources = false,
                         .event_ids = {}});
  }
}

}  // namespace

std::vector<Storm> storms_of(const Tally& tally) {
  std::vector<Storm> storms;
  for (const auto& stream : tally.streams())
    for (const Burst& burst : find_storms(stream.times_us))
      storms.push_back({.client = stream.client,
                        .caller = stream.caller,
                        .call = stream.call,
                        .error_class = stream.error_class,
                        .burst = burst});
  std::stable_sort(storms.begin(), storms.end(), [](const Storm& a, const Storm& b) {
    return a.burst.failures > b.burst.failures;
  });
  return storms;
}

std::vector<ClientBackoff> backoffs_of(const Tally& tally, ErrorClass only) {
  std::vector<ClientBackoff> out;
  for (const auto& stream : tally.streams()) {
    if (only != ErrorClass::none && stream.error_class != only) continue;
    const Backoff backoff = judge_backoff(stream.times_us);
    if (backoff.verdict == BackoffVerdict::too_few) continue;
    out.push_back({.client = stream.client,
                   .caller = stream.caller,
                   .call = stream.call,
                   .error_class = stream.error_class,
                   .failures = stream.times_us.size(),
                   .backoff = backoff});
  }
  return out;
}

std::vector<Finding> find(const Diagnosis& diagnosis, const Tally& tally,
                          const std::string& folder) {
  std::vector<Draft> drafts(diagnosis.rules.size());
  for (const auto& group : tally.groups())
    for (size_t i = 0; i < drafts.size(); ++i)
      if (matches(diagnosis.rules[i], group)) {
        add_group(drafts[i], group);
        break;
      }
  std::vector<Finding> findings;
  for (size_t i = 0; i < drafts.size(); ++i) {
    const Rule& rule = diagnosis.rules[i];
    Draft& draft = drafts[i];
    switch (rule.subject) {
      case Subject::failures:
        if (draft.groups.empty()) continue;
        set_group_facts(draft);
        for (const auto* group : draft.groups)
          if (draft.evidence.size() < Finding::kEvidenceMax)
            draft.evidence.push_back(evidence_of(*group));
        draft.evidence_left_out = draft.groups.size() - draft.evidence.size();
        break;
      case Subject::storms:
        draft_storms(rule, tally, draft);
        break;
      case Subject::hammering:
        draft_hammering(rule, tally, draft);
        break;
      case Subject::heavy_callers:
        draft_heavy_callers(rule, tally, draft);
        break;
    }
    if (draft.evidence.empty() || draft.events < rule.events_min) continue;
    findings.push_back(finish(rule, draft, folder));
  }
  return findings;
}

}  // namespace cairn::diagnose

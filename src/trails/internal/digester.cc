#include "trails/internal/digester.h"

#include "base/crypto.h"
#include "base/gzip.h"
#include "base/text.h"
#include "base/time.h"
#include "integrity/digest.h"
#include "integrity/signing_key.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::trails {
namespace {

constexpr int64_t kDigestsAtOnce = 256;

int64_t whole_second(int64_t micros) {
  return micros / kMicrosPerSecond * kMicrosPerSecond;
}

std::optional<std::string> optional_text(const store::StateRow& row, size_t column) {
  if (row.null(column)) return std::nullopt;
  return row.text(column);
}

store::StateValue value_of(const std::optional<std::string>& text) {
  if (text) return *text;
  return std::monostate();
}

}  // namespace

Status Digester::begin(const Trail& trail, int64_t now_us) {
  // A chain that was about to end is ended without its last digest; the files that it would have
  // named come into the first one of the new chain.
  auto& state = context_.table.state();
  CAIRN_TRY(state.execute("DELETE FROM trail_chains WHERE trail = ?", {trail.id}));
  CAIRN_TRY(state.execute(
      "INSERT INTO trail_chains (trail, account, region, start_us) VALUES (?, ?, ?, ?)",
      {trail.id, trail.account, trail.region, whole_second(now_us)}));
  return {};
}

Status Digester::end(int64_t trail) {
  CAIRN_TRY(context_.table.state().execute("UPDATE trail_chains SET ending = 1 WHERE trail = ?",
                                           {trail}));
  return {};
}

Result<std::vector<Digester::Chain>> Digester::chains(int64_t trail) {
  const auto rows = CAIRN_TRY(context_.table.state().query(
      "SELECT id, account, region, start_us, previous_bucket, previous_key, previous_hash, "
      "previous_signature, ending FROM trail_chains WHERE trail = ? ORDER BY id",
      {trail}));
  std::vector<Chain> out;
  for (const auto& row : rows)
    out.push_back({.id = row.number(0),
                   .account = row.text(1),
                   .region = row.text(2),
                   .start_us = row.number(3),
                   .previous_bucket = optional_text(row, 4),
                   .previous_key = optional_text(row, 5),
                   .previous_hash = optional_text(row, 6),
                   .previous_signature = optional_text(row, 7),
                   .ending = row.number(8) != 0});
  return out;
}

Status Digester::begin_new_chains(const Trail& trail) {
  // They begin when the trail's first one did (or its newest digest ended), so that they cover
  // their first files. An insert that is ignored would still write to the disk, each second.
  CAIRN_TRY(context_.table.state().execute(
      "INSERT OR IGNORE INTO trail_chains (trail, account, region, start_us, ending) "
      "SELECT DISTINCT f.trail, f.account, f.region, c.start_us, c.ending FROM trail_files f "
      "JOIN trail_chains c ON c.id = (SELECT min(id) FROM trail_chains WHERE trail = f.trail) "
      "WHERE f.trail = ? AND f.digest_due = 1 AND f.delivered_us IS NOT NULL AND NOT EXISTS ("
      "SELECT 1 FROM trail_chains k WHERE k.trail = f.trail AND k.account = f.account AND "
      "k.region = f.region)",
      {trail.id}));
  return {};
}

Status Digester::make_due(int64_t now_us) {
  const auto rows = CAIRN_TRY(
      context_.table.state().query("SELECT DISTINCT trail FROM trail_chains ORDER BY trail", {}));
  for (const auto& row : rows) {
    const auto trail = CAIRN_TRY(context_.table.find(row.number(0)));
    if (trail) CAIRN_TRY(make_due_of(*trail, now_us));
  }
  return {};
}

Status Digester::make_due_of(const Trail& trail, int64_t now_us) {
  const auto length = context_.options.digest_interval_us;
  CAIRN_TRY(begin_new_chains(trail));
  const bool complete = CAIRN_TRY(context_.table.all_delivered(trail.id));
  const auto known = CAIRN_TRY(chains(trail.id));
  for (const auto& each : known) {
    auto chain = each;
    while (chain.start_us + length <= now_us && (!chain.ending || !complete)) {
      CAIRN_TRY(make(trail, chain, chain.start_us + length, false));
      auto again = CAIRN_TRY(chains(trail.id));
      const auto at = std::find_if(again.begin(), again.end(),
                                   [&](const Chain& one) { return one.id == chain.id; });
      if (at == again.end()) break;
      chain = *at;
    }
    if (chain.ending && complete)
      CAIRN_TRY(make(trail, chain,
                     std::max(whole_second(now_us), chain.start_us + kMicrosPerSecond), true));
  }
  return {};
}

Status Digester::make(const Trail& trail, const Chain& chain, int64_t end_us, bool last) {
  const auto key = CAIRN_TRY(context_.keys.current(chain.region, end_us));
  const integrity::DigestChain place{.prefix = trail.prefix,
                                     .organization = std::string(context_.organization(trail)),
                                     .account = chain.account,
                                     .region = chain.region,
                                     .trail = trail.name,
                                     .home_region = trail.region};
  auto& state = context_.table.state();
  return state.transaction([&]() -> Status {
    // The last digest takes also what was delivered in the second that it ends in.
    const auto files = CAIRN_TRY(context_.table.take_for_digest(
        trail.id, chain.account, chain.region, last ? INT64_MAX : end_us));
    integrity::Digest digest{.account = chain.account,
                             .start_time = format_iso8601(chain.start_us),
                             .end_time = format_iso8601(end_us),
                             .bucket = trail.bucket,
                             .object = integrity::digest_key(place, end_us),
                             .fingerprint = key.fingerprint(),
                             .previous_bucket = chain.previous_bucket,
                             .previous_object = chain.previous_key,
                             .previous_hash = chain.previous_hash,
                             .previous_signature = chain.previous_signature};
    if (chain.previous_hash) digest.previous_hash_algorithm = integrity::kHashAlgorithm;
    int64_t oldest_us = INT64_MAX;
    int64_t newest_us = INT64_MIN;
    for (const auto& file : files) {
      digest.log_files.push_back(
          {.bucket = file.bucket,
           .object = file.key,
           .hash = file.hash,
           .newest_event_time = format_iso8601(whole_second(file.newest_us)),
           .oldest_event_time = format_iso8601(whole_second(file.oldest_us))});
      oldest_us = std::min(oldest_us, file.oldest_us);
      newest_us = std::max(newest_us, file.newest_us);
    }
    if (!files.empty()) {
      digest.oldest_event_time = format_iso8601(whole_second(oldest_us));
      digest.newest_event_time = format_iso8601(whole_second(newest_us));
    }
    const auto json = integrity::write_digest_json(digest);
    const auto signature = CAIRN_TRY(key.sign(digest, json));
    CAIRN_TRY(state.execute(
        "INSERT INTO trail_digests (trail, bucket, key, json, signature) VALUES (?, ?, ?, ?, ?)",
        {trail.id, digest.bucket, digest.object, json, signature}));
    if (last) {
      CAIRN_TRY(state.execute("DELETE FROM trail_chains WHERE id = ?", {chain.id}));
      return {};
    }
    CAIRN_TRY(state.execute(
        "UPDATE trail_chains SET start_us = ?, previous_bucket = ?, previous_key = ?, "
        "previous_hash = ?, previous_signature = ? WHERE id = ?",
        {end_us, value_of(digest.bucket), value_of(digest.object), to_hex(sha256(json)), signature,
         chain.id}));
    return {};
  });
}

Result<std::vector<Destination>> Digester::due(int64_t now_us, bool impatient) {
  const auto rows = CAIRN_TRY(context_.table.state().query(
      "SELECT DISTINCT trail, bucket FROM trail_digests ORDER BY 1, 2", {}));
  std::vector<Destination> destinations;
  for (const auto& row : rows) destinations.push_back({row.number(0), row.text(1)});
  return backoff_.due(std::move(destinations), now_us, impatient);
}

Result<bool> Digester::deliver_to(const Destination& to, int64_t now_us, Turn turn,
                                  RunReport& report) {
  const auto trail = CAIRN_TRY(context_.table.find(to.trail));
  if (!trail) return false;
  auto& state = context_.table.state();
  Gzip gzip(context_.options.gzip_level);
  for (;;) {
    const auto rows = CAIRN_TRY(state.query(
        "SELECT id, key, json, signature FROM trail_digests WHERE trail = ? AND bucket = ? "
        "ORDER BY id LIMIT ?",
        {to.trail, to.bucket, kDigestsAtOnce}));
    if (rows.empty()) break;
    for (const auto& row : rows) {
      if (context_.ending) return false;
      std::string compressed;
      CAIRN_TRY(gzip.compress(row.text(2), compressed));
      io::ObjectAttributes attributes{.content_type = "application/json",
                                      .content_encoding = "gzip",
                                      .acl = "bucket-owner-full-control"};
      attributes.metadata[std::string(integrity::kSignatureMetadata)] = row.text(3);
      attributes.metadata[std::string(integrity::kSignatureAlgorithmMetadata)] =
          integrity::kSignatureAlgorithm;
      auto bucket = context_.world.open_bucket(to.bucket);
      const auto status = bucket.ok()
                              ? bucket.value()->put_with(row.text(1), compressed, attributes)
                              : Status(bucket.error());
      if (!status.ok()) {
        backoff_.failed(to, now_us);
        report.problems.push_back(
            fmt::format("cannot deliver a digest to the bucket {} of the trail {}: {}",
                        printable(to.bucket), trail->arn(), status.error().message()));
        CAIRN_TRY(context_.table.change_status_alone(to.trail, [&](TrailStatus& known) {
          known.digests.error = delivery_code(status.error());
          known.digests.attempt_us = now_us;
        }));
        return false;
      }
      const auto committed = state.transaction([&]() -> Status {
        CAIRN_TRY(state.execute("DELETE FROM trail_digests WHERE id = ?", {row.number(0)}));
        return context_.table.change_status(to.trail, [&](TrailStatus& known) {
          known.digests = {
              .delivered_us = now_us, .attempt_us = now_us, .attempt_worked_us = now_us};
        });
      });
      if (!committed.ok()) return committed.error();
      ++report.digests_delivered;
    }
    if (turn == Turn::fair) return true;
  }
  backoff_.worked(to);
  return false;
}

}  // namespace cairn::trails

#include "trails/internal/trail_table.h"

#include "trails/internal/trail_json.h"

namespace cairn::trails {
namespace {

constexpr std::string_view kFirstVersion = R"SQL(
CREATE TABLE trails (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  settings TEXT NOT NULL,
  status TEXT NOT NULL,
  logging INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  deleted_us INTEGER
);
CREATE UNIQUE INDEX trails_by_name ON trails (account, region, name) WHERE deleted_us IS NULL;
CREATE TABLE trail_spans (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trail INTEGER NOT NULL REFERENCES trails (id),
  settings TEXT NOT NULL,
  planned_to INTEGER NOT NULL,
  end_segment INTEGER NOT NULL
);
CREATE TABLE trail_files (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trail INTEGER NOT NULL REFERENCES trails (id),
  batch TEXT NOT NULL,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  outbox TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  kms_key TEXT NOT NULL,
  hash TEXT NOT NULL,
  oldest_us INTEGER NOT NULL,
  newest_us INTEGER NOT NULL,
  planned_us INTEGER NOT NULL,
  delivered_us INTEGER,
  notice_due INTEGER NOT NULL DEFAULT 1,
  digest_due INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX trail_files_by_batch ON trail_files (batch);
CREATE INDEX trail_files_by_trail ON trail_files (trail, delivered_us);
CREATE TABLE trail_notices (
  id TEXT PRIMARY KEY,
  trail INTEGER NOT NULL REFERENCES trails (id),
  topic_arn TEXT NOT NULL,
  target TEXT NOT NULL,
  message TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  next_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE trail_chains (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trail INTEGER NOT NULL REFERENCES trails (id),
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  start_us INTEGER NOT NULL,
  previous_bucket TEXT,
  previous_key TEXT,
  previous_hash TEXT,
  previous_signature TEXT,
  ending INTEGER NOT NULL DEFAULT 0,
  UNIQUE (trail, account, region)
);
CREATE TABLE trail_digests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trail INTEGER NOT NULL REFERENCES trails (id),
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  json TEXT NOT NULL,
  signature TEXT NOT NULL
);
CREATE TABLE trail_signing_keys (
  fingerprint TEXT PRIMARY KEY,
  region TEXT NOT NULL,
  public_key TEXT NOT NULL,
  private_key TEXT NOT NULL,
  valid_from_us INTEGER NOT NULL,
  valid_to_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX trail_signing_keys_by_region ON trail_signing_keys (region, valid_from_us);
)SQL";

/// What trails delivered: keys of 8 bytes in base64, a row for each batch.
constexpr std::string_view kSecondVersion = R"SQL(
CREATE TABLE trail_delivered (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trail INTEGER NOT NULL REFERENCES trails (id),
  planned_us INTEGER NOT NULL,
  events INTEGER NOT NULL,
  keys TEXT NOT NULL
);
CREATE INDEX trail_delivered_by_trail ON trail_delivered (trail, planned_us);
CREATE TABLE trail_delivered_secret (secret TEXT NOT NULL);
)SQL";

constexpr std::string_view kTrailColumns =
    "SELECT id, account, region, name, settings, logging FROM trails ";

std::string text(std::string_view value) {
  return std::string(value);
}

Result<Trail> trail_of(const store::StateRow& row) {
  Trail trail{.id = row.number(0),
              .account = row.text(1),
              .region = row.text(2),
              .name = row.text(3),
              .logging = row.number(5) != 0};
  CAIRN_TRY(read_settings(row.text(4), trail));
  return trail;
}

Result<std::optional<Trail>> first(Result<std::vector<store::StateRow>> rows) {
  const auto found = CAIRN_TRY(std::move(rows));
  if (found.empty()) return std::optional<Trail>();
  auto trail = CAIRN_TRY(trail_of(found.front()));
  return std::optional<Trail>(std::move(trail));
}

constexpr std::string_view kFileColumns =
    "SELECT id, trail, batch, bucket, key, outbox, account, region, kms_key, hash, oldest_us, "
    "newest_us FROM trail_files ";

std::vector<LogFile> files_of(const std::vector<store::StateRow>& rows) {
  std::vector<LogFile> files;
  for (const auto& row : rows)
    files.push_back({.id = row.number(0),
                     .trail = row.number(1),
                     .batch = row.text(2),
                     .bucket = row.text(3),
                     .key = row.text(4),
                     .outbox = row.text(5),
                     .account = row.text(6),
                     .region = row.text(7),
                     .kms_key = row.text(8),
                     .hash = row.text(9),
                     .oldest_us = row.number(10),
                     .newest_us = row.number(11)});
  return files;
}

}  // namespace

Status TrailTable::prepare() {
  return state_.migrate("trails", {kFirstVersion, kSecondVersion});
}

Result<std::vector<Trail>> TrailTable::all() {
  const auto rows = CAIRN_TRY(state_.query(
      text(kTrailColumns) + "WHERE deleted_us IS NULL ORDER BY account, region, name", {}));
  std::vector<Trail> trails;
  for (const auto& row : rows) {
    auto trail = CAIRN_TRY(trail_of(row));
    trails.push_back(std::move(trail));
  }
  return trails;
}

Result<std::optional<Trail>> TrailTable::find(std::string_view account, std::string_view region,
                                              std::string_view name) {
  return first(state_.query(text(kTrailColumns) + "WHERE account = ? AND region = ? AND name = ? "
                                                  "AND deleted_us IS NULL",
                            {text(account), text(region), text(name)}));
}

Result<std::optional<Trail>> TrailTable::find(int64_t id) {
  return first(state_.query(text(kTrailColumns) + "WHERE id = ?", {id}));
}

Status TrailTable::insert(Trail& trail, int64_t now_us) {
  const auto rows = CAIRN_TRY(state_.query(
      "INSERT INTO trails (account, region, name, settings, status, logging, created_us) "
      "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
      {trail.account, trail.region, trail.name, settings_json(trail), status_json({}),
       int64_t{trail.logging}, now_us}));
  if (rows.empty()) return Error{ErrorKind::internal, "a new trail has no id"};
  trail.id = rows.front().number(0);
  return {};
}

Status TrailTable::update(const Trail& trail) {
  CAIRN_TRY(state_.execute("UPDATE trails SET settings = ?, logging = ? WHERE id = ?",
                           {settings_json(trail), int64_t{trail.logging}, trail.id}));
  return {};
}

Status TrailTable::mark_deleted(int64_t id, int64_t now_us) {
  CAIRN_TRY(
      state_.execute("UPDATE trails SET deleted_us = ?, logging = 0 WHERE id = ?", {now_us, id}));
  return {};
}

Result<TrailStatus> TrailTable::status(int64_t id) {
  const auto rows = CAIRN_TRY(state_.query(
      "SELECT status, logging, count(f.id), coalesce(min(f.planned_us), 0) FROM trails LEFT JOIN "
      "trail_files f ON f.trail = trails.id AND f.delivered_us IS NULL WHERE trails.id = ? GROUP "
      "BY "
      "trails.id",
      {id}));
  if (rows.empty()) return Error{ErrorKind::not_found, "there is no such trail"};
  auto status = CAIRN_TRY(read_status(rows.front().text(0)));
  status.logging = rows.front().number(1) != 0;
  status.files_waiting = static_cast<uint64_t>(rows.front().number(2));
  status.waiting_since_us = rows.front().number(3);
  return status;
}

Status TrailTable::change_status(int64_t id, const std::function<void(TrailStatus&)>& change) {
  auto known = CAIRN_TRY(status(id));
  change(known);
  CAIRN_TRY(state_.execute("UPDATE trails SET status = ? WHERE id = ?", {status_json(known), id}));
  return {};
}

Status TrailTable::change_status_alone(int64_t id,
                                       const std::function<void(TrailStatus&)>& change) {
  return state_.transaction([&] { return change_status(id, change); });
}

Result<std::vector<Span>> TrailTable::spans() {
  const auto rows = CAIRN_TRY(state_.query(
      "SELECT t.id, t.account, t.region, t.name, s.settings, t.logging, s.id, s.planned_to, "
      "s.end_segment FROM trail_spans s JOIN trails t ON t.id = s.trail ORDER BY s.id",
      {}));
  std::vector<Span> spans;
  for (const auto& row : rows) {
    Span span{.id = row.number(6),
              .planned_to = static_cast<uint64_t>(row.number(7)),
              .end = static_cast<uint64_t>(row.number(8))};
    span.trail = CAIRN_TRY(trail_of(row));
    spans.push_back(std::move(span));
  }
  return spans;
}

Status TrailTable::begin_span(const Trail& trail, uint64_t first_segment) {
  CAIRN_TRY(state_.execute(
      "INSERT INTO trail_spans (trail, settings, planned_to, end_segment) VALUES (?, ?, ?, ?)",
      {trail.id, settings_json(trail), static_cast<int64_t>(first_segment),
       static_cast<int64_t>(Span::kOpen)}));
  return {};
}

Status TrailTable::end_span(int64_t trail, uint64_t end) {
  CAIRN_TRY(
      state_.execute("UPDATE trail_spans SET end_segment = ? WHERE trail = ? AND end_segment = ?",
                     {static_cast<int64_t>(end), trail, static_cast<int64_t>(Span::kOpen)}));
  CAIRN_TRY(state_.execute("DELETE FROM trail_spans WHERE trail = ? AND planned_to >= end_segment",
                           {trail}));
  return {};
}

Status TrailTable::advance_span(const Span& span, uint64_t planned_to) {
  if (planned_to >= span.end)
    CAIRN_TRY(state_.execute("DELETE FROM trail_spans WHERE id = ?", {span.id}));
  else
    CAIRN_TRY(state_.execute("UPDATE trail_spans SET planned_to = ? WHERE id = ?",
                             {static_cast<int64_t>(planned_to), span.id}));
  return {};
}

Status TrailTable::insert_file(const LogFile& file, int64_t now_us) {
  CAIRN_TRY(state_.execute(
      "INSERT INTO trail_files (trail, batch, bucket, key, outbox, account, region, kms_key, hash, "
      "oldest_us, newest_us, planned_us, digest_due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?)",
      {file.trail, file.batch, file.bucket, file.key, file.outbox, file.account, file.region,
       file.kms_key, file.hash, file.oldest_us, file.newest_us, now_us, int64_t{file.digest_due}}));
  return {};
}

Result<std::vector<LogFile>> TrailTable::waiting(const Destination& to, size_t most) {
  const auto rows = CAIRN_TRY(state_.query(
      text(kFileColumns) +
          "WHERE trail = ? AND bucket = ? AND delivered_us IS NULL ORDER BY id LIMIT ?",
      {to.trail, to.bucket, static_cast<int64_t>(most)}));
  return files_of(rows);
}

Result<std::vector<Destination>> TrailTable::destinations() {
  const auto rows = CAIRN_TRY(state_.query(
      "SELECT DISTINCT trail, bucket FROM trail_files WHERE delivered_us IS NULL ORDER BY 1, 2",
      {}));
  std::vector<Destination> out;
  for (const auto& row : rows) out.push_back({row.number(0), row.text(1)});
  return out;
}

Result<bool> TrailTable::all_delivered(int64_t trail) {
  const auto rows = CAIRN_TRY(state_.query(
      "SELECT (SELECT count(*) FROM trail_files WHERE trail = ? AND delivered_us IS NULL) + "
      "(SELECT count(*) FROM trail_spans WHERE trail = ? AND end_segment < ?)",
      {trail, trail, static_cast<int64_t>(Span::kOpen)}));
  return rows.front().number(0) == 0;
}

Result<std::vector<std::string>> TrailTable::outbox_keys() {
  const auto rows =
      CAIRN_TRY(state_.query("SELECT outbox FROM trail_files WHERE delivered_us IS NULL", {}));
  std::vector<std::string> keys;
  for (const auto& row : rows) keys.push_back(row.text(0));
  return keys;
}

Status TrailTable::mark_delivered(int64_t file, int64_t now_us) {
  CAIRN_TRY(state_.execute("UPDATE trail_files SET delivered_us = ? WHERE id = ?", {now_us, file}));
  return {};
}

Result<std::optional<std::vector<std::string>>> TrailTable::finish_batch(const std::string& batch) {
  std::vector<std::string> keys;
  const auto rows = CAIRN_TRY(state_.query(
      "SELECT key, delivered_us FROM trail_files WHERE batch = ? AND notice_due = 1 ORDER BY id",
      {batch}));
  for (const auto& row : rows) {
    if (row.null(1)) return std::optional<std::vector<std::string>>();
    keys.push_back(row.text(0));
  }
  CAIRN_TRY(state_.execute("UPDATE trail_files SET notice_due = 0 WHERE batch = ?", {batch}));
  return std::optional<std::vector<std::string>>(std::move(keys));
}

Result<std::vector<LogFile>> TrailTable::take_for_digest(int64_t trail, const std::string& account,
                                                         const std::string& region,
                                                         int64_t before_us) {
  const std::vector<store::StateValue> values{trail, account, region, before_us};
  constexpr std::string_view kWhere =
      "WHERE trail = ? AND account = ? AND region = ? AND delivered_us < ? AND digest_due = 1";
  const auto rows =
      CAIRN_TRY(state_.query(text(kFileColumns) + text(kWhere) + " ORDER BY id", values));
  CAIRN_TRY(state_.execute("UPDATE trail_files SET digest_due = 0 " + text(kWhere), values));
  return files_of(rows);
}

Status TrailTable::purge(int64_t now_us) {
  constexpr int64_t kDay = 86'400'000'000;
  CAIRN_TRY(state_.execute(
      "DELETE FROM trail_files WHERE delivered_us IS NOT NULL AND notice_due = 0 AND "
      "digest_due = 0",
      {}));
  // A deleted trail whose bucket refuses is given up after a day.
  const auto rows = CAIRN_TRY(state_.query(
      "SELECT id FROM trails WHERE deleted_us IS NOT NULL AND (deleted_us < ? OR NOT EXISTS ("
      "SELECT 1 FROM trail_spans WHERE trail = trails.id UNION ALL "
      "SELECT 1 FROM trail_files WHERE trail = trails.id UNION ALL "
      "SELECT 1 FROM trail_notices WHERE trail = trails.id UNION ALL "
      "SELECT 1 FROM trail_chains WHERE trail = trails.id UNION ALL "
      "SELECT 1 FROM trail_digests WHERE trail = trails.id))",
      {now_us - kDay}));
  for (const auto& row : rows) {
    for (const auto* table : {"trail_spans", "trail_files", "trail_notices", "trail_chains",
                              "trail_digests", "trail_delivered"})
      CAIRN_TRY(state_.execute("DELETE FROM " + text(table) + " WHERE trail = ?", {row.number(0)}));
    CAIRN_TRY(state_.execute("DELETE FROM trails WHERE id = ?", {row.number(0)}));
  }
  return {};
}

}  // namespace cairn::trails

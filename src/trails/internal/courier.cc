#include "trails/internal/courier.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn::trails {
namespace {

constexpr size_t kFilesAtOnce = 256;
constexpr int64_t kNoticesAtOnce = 256;
constexpr uint64_t kOutboxBytesMax = 1ULL << 30;

/// A target in one text, for its row: kind, rawness, URL.
std::string target_text(const NoticeTarget& target) {
  return fmt::format("{} {} {}", target.kind == NoticeTarget::Kind::http ? "http" : "sqs",
                     target.raw ? "raw" : "envelope", target.url);
}

NoticeTarget read_target(std::string_view text) {
  NoticeTarget target;
  target.kind = text.starts_with("sqs ") ? NoticeTarget::Kind::sqs : NoticeTarget::Kind::http;
  text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
  target.raw = text.starts_with("raw ");
  text.remove_prefix(std::min(text.find(' '), text.size() - 1) + 1);
  target.url = text;
  return target;
}

}  // namespace

std::string delivery_code(const Error& error) {
  if (!error.aws_code().empty()) return std::string(error.aws_code());
  switch (error.kind()) {
    case ErrorKind::permission_denied:
      return "AccessDenied";
    case ErrorKind::not_found:
      return "NoSuchBucket";
    case ErrorKind::unavailable:
      return "ServiceUnavailable";
    case ErrorKind::exhausted:
      return "SlowDown";
    case ErrorKind::invalid_argument:
    case ErrorKind::already_exists:
    case ErrorKind::unimplemented:
      return "InvalidRequest";
    case ErrorKind::corrupt:
    case ErrorKind::internal:
      return "InternalError";
  }
  return "InternalError";
}

bool Backoff::is_due(const Destination& to, int64_t now_us) const {
  const auto at = waits_.find(to);
  // A clock that was set back must not keep things waiting.
  return at == waits_.end() || now_us >= at->second.next_us ||
         now_us < at->second.next_us - at->second.length_us;
}

void Backoff::failed(const Destination& to, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  auto& wait = waits_[to];
  wait.length_us = wait.length_us == 0 ? first_us_ : std::min(most_us_, wait.length_us * 2);
  wait.next_us = now_us + wait.length_us;
}

void Backoff::worked(const Destination& to) {
  const std::lock_guard lock(mutex_);
  waits_.erase(to);
}

std::vector<Destination> Backoff::due(std::vector<Destination> waiting, int64_t now_us,
                                      bool impatient) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waits_, [&](const auto& wait) {
    return std::find(waiting.begin(), waiting.end(), wait.first) == waiting.end();
  });
  if (!impatient) std::erase_if(waiting, [&](const auto& to) { return !is_due(to, now_us); });
  return waiting;
}

bool Backoff::refuses(const Destination& to) const {
  const std::lock_guard lock(mutex_);
  return waits_.contains(to);
}

size_t Backoff::refusing() const {
  const std::lock_guard lock(mutex_);
  return waits_.size();
}

Result<std::vector<Destination>> Courier::due(int64_t now_us, bool impatient) {
  auto destinations = CAIRN_TRY(context_.table.destinations());
  return backoff_.due(std::move(destinations), now_us, impatient);
}

Result<bool> Courier::deliver_to(const Destination& to, int64_t now_us, Turn turn,
                                 RunReport& report) {
  const auto trail = CAIRN_TRY(context_.table.find(to.trail));
  if (!trail) return false;
  for (;;) {
    const auto files = CAIRN_TRY(context_.table.waiting(to, kFilesAtOnce));
    if (files.empty()) break;
    for (const auto& file : files) {
      if (context_.ending) return false;
      auto bucket = context_.world.open_bucket(to.bucket);
      const auto status = bucket.ok() ? put(*bucket.value(), file) : Status(bucket.error());
      if (!status.ok()) {
        backoff_.failed(to, now_us);
        report.problems.push_back(fmt::format("cannot deliver to the bucket {} of the trail {}: {}",
                                              printable(to.bucket), trail->arn(),
                                              status.error().message()));
        CAIRN_TRY(context_.table.change_status_alone(to.trail, [&](TrailStatus& known) {
          known.log_files.error = delivery_code(status.error());
          known.log_files.attempt_us = now_us;
        }));
        return false;
      }
      // Once it lies there: a digest that ends before this need not name it.
      CAIRN_TRY(finish(*trail, file, context_.world.clock.now_us()));
      ++report.files_delivered;
    }
    if (turn == Turn::fair) return true;
  }
  backoff_.worked(to);
  return false;
}

Status Courier::put(io::ObjectStore& bucket, const LogFile& file) {
  const auto bytes = context_.world.outbox.get(file.outbox, kOutboxBytesMax);
  if (!bytes.ok())
    return Error{ErrorKind::corrupt,
                 "the outbox has lost " + file.outbox + ": " + bytes.error().message()};
  io::ObjectAttributes attributes{.acl = "bucket-owner-full-control"};
  // Folders would keep these in a file beside each log file, and have no use for them.
  if (!bucket.local_path(file.key)) {
    attributes.content_type = "application/json";
    attributes.content_encoding = "gzip";
  }
  if (!file.kms_key.empty()) {
    attributes.server_side_encryption = "aws:kms";
    attributes.kms_key_id = file.kms_key;
  }
  return bucket.put_with(file.key, bytes.value(), attributes);
}

Status Courier::finish(const Trail& trail, const LogFile& file, int64_t now_us) {
  const auto committed = context_.table.state().transaction([&]() -> Status {
    CAIRN_TRY(context_.table.mark_delivered(file.id, now_us));
    CAIRN_TRY(context_.table.change_status(trail.id, [&](TrailStatus& known) {
      known.log_files = {.delivered_us = now_us, .attempt_us = now_us, .attempt_worked_us = now_us};
    }));
    const auto keys = CAIRN_TRY(context_.table.finish_batch(file.batch));
    return keys ? add_notices(trail, file, *keys, now_us) : Status();
  });
  if (!committed.ok()) return committed.error();
  // If this fails, or never happens, tidy_outbox() does it.
  (void)context_.world.outbox.remove(file.outbox).ok();
  return {};
}

Status Courier::add_notices(const Trail& trail, const LogFile& file,
                            const std::vector<std::string>& keys, int64_t now_us) {
  const auto& topics = context_.options.topics;
  auto topic = topics.find(trail.topic_arn());
  if (topic == topics.end()) topic = topics.find(trail.topic);
  if (trail.topic.empty()) return {};
  if (topic == topics.end())  // it was taken out of the configuration
    return context_.table.change_status(trail.id, [&](TrailStatus& known) {
      known.notices.error = "NotFound";
      known.notices.attempt_us = now_us;
    });
  const auto message = delivery_message(file.bucket, keys);
  for (const auto& target : topic->second)
    CAIRN_TRY(context_.table.state().execute(
        "INSERT INTO trail_notices (id, trail, topic_arn, target, message, created_us, attempts, "
        "next_us) VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
        {io::make_uuid(context_.world.random), trail.id, trail.topic_arn(), target_text(target),
         message, now_us, now_us}));
  return {};
}

Result<std::vector<std::string>> Courier::due_targets(int64_t now_us, bool impatient) {
  const auto rows = CAIRN_TRY(context_.table.state().query(
      "SELECT target FROM trail_notices WHERE next_us <= ? GROUP BY target "
      "ORDER BY min(created_us)",
      {impatient ? INT64_MAX : now_us}));
  std::vector<std::string> targets;
  for (const auto& row : rows) targets.push_back(row.text(0));
  return targets;
}

bool Courier::refuses(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  return refusing_targets_.contains(target);
}

Status Courier::notify(const std::string& target, int64_t now_us, bool impatient,
                       RunReport& report) {
  const auto rows = CAIRN_TRY(context_.table.state().query(
      "SELECT id, trail, topic_arn, target, message, created_us, attempts FROM trail_notices "
      "WHERE target = ? AND next_us <= ? ORDER BY created_us LIMIT ?",
      {target, impatient ? INT64_MAX : now_us, kNoticesAtOnce}));
  for (const auto& row : rows) {
    if (context_.ending) return {};
    const bool sent = CAIRN_TRY(send(row, now_us, report));
    const std::lock_guard lock(mutex_);
    if (sent) {
      refusing_targets_.erase(target);
    } else {
      refusing_targets_.insert(target);
      return {};
    }
  }
  return {};
}

Result<bool> Courier::send(const store::StateRow& row, int64_t now_us, RunReport& report) {
  const Notice notice{.id = row.text(0),
                      .topic_arn = row.text(2),
                      .message = row.text(4),
                      .created_us = row.number(5)};
  const auto sent = context_.world.notices.send(read_target(row.text(3)), notice);
  const auto attempts = row.number(6);
  const bool over = sent.ok() || now_us - notice.created_us >= context_.options.notice_life_us;
  const auto committed = context_.table.state().transaction([&]() -> Status {
    auto& state = context_.table.state();
    if (over) {
      CAIRN_TRY(state.execute("DELETE FROM trail_notices WHERE id = ?", {notice.id}));
    } else {
      const auto doublings = std::min<int64_t>(attempts, 20);
      const auto wait =
          std::min(context_.options.retry_max_us, context_.options.retry_us << doublings);
      CAIRN_TRY(state.execute(
          "UPDATE trail_notices SET attempts = attempts + 1, next_us = ? WHERE id = ?",
          {now_us + wait, notice.id}));
    }
    if (sent.ok())
      ++report.notices_sent;
    else
      report.problems.push_back(sent.error().message() + (over ? "; it is given up" : ""));
    return context_.table.change_status(row.number(1), [&](TrailStatus& known) {
      if (sent.ok()) {
        known.notices = {.delivered_us = now_us, .attempt_us = now_us, .attempt_worked_us = now_us};
      } else {
        known.notices.error = delivery_code(sent.error());
        known.notices.attempt_us = now_us;
      }
    });
  });
  if (!committed.ok()) return committed.error();
  return sent.ok();
}

Status Courier::tidy_outbox() {
  const auto keys = CAIRN_TRY(context_.table.outbox_keys());
  const std::set<std::string> wanted(keys.begin(), keys.end());
  std::vector<std::string> left;
  CAIRN_TRY(context_.world.outbox.list("", "", [&](const io::ObjectInfo& info) {
    if (!wanted.contains(info.key)) left.push_back(info.key);
    return true;
  }));
  CAIRN_TRY(context_.world.outbox.list_unfinished("", [&](const io::ObjectInfo& info) {
    left.push_back(info.key);
    return true;
  }));
  for (const auto& key : left) CAIRN_TRY(context_.world.outbox.remove(key));
  return {};
}

}  // namespace cairn::trails

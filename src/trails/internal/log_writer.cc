#include "trails/internal/log_writer.h"

#include "base/crypto.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::trails {
namespace {

constexpr std::string_view kBegin = "{\"Records\":[";
constexpr std::string_view kEnd = "]}";

}  // namespace

Status LogWriter::add(const EventFacts& facts, std::string_view record) {
  const Group group{std::string(facts.account), std::string(facts.region), facts.insight};
  auto& open = open_[group];
  if (open.events > 0 &&
      open.text.size() + record.size() + kEnd.size() + 1 > options_.file_bytes_max)
    CAIRN_TRY(close(group, open));
  if (open.events == 0) {
    open.text = kBegin;
    open.oldest_us = open.newest_us = facts.time_us;
  } else {
    open.text += ',';
  }
  open.text += record;
  ++open.events;
  open.oldest_us = std::min(open.oldest_us, facts.time_us);
  open.newest_us = std::max(open.newest_us, facts.time_us);
  return {};
}

Status LogWriter::close(const Group& group, Open& open) {
  open.text += kEnd;
  MadeFile made{.insight = std::get<2>(group), .events = open.events};
  made.file.outbox = fmt::format("{}-{}.json.gz", options_.outbox_stem, made_.size());
  made.file.account = std::get<0>(group);
  made.file.region = std::get<1>(group);
  made.file.hash = to_hex(sha256(open.text));
  made.file.oldest_us = open.oldest_us;
  made.file.newest_us = open.newest_us;
  std::string compressed;
  CAIRN_TRY(gzip_.compress(open.text, compressed));
  CAIRN_TRY(outbox_.put(made.file.outbox, compressed));
  made_.push_back(std::move(made));
  open = Open{};
  return {};
}

Result<std::vector<MadeFile>> LogWriter::finish() {
  for (auto& [group, open] : open_)
    if (open.events > 0) CAIRN_TRY(close(group, open));
  open_.clear();
  return std::move(made_);
}

}  // namespace cairn::trails

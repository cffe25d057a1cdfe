#include "ingest/gather.h"

#include "base/json_scan.h"
#include "model/column_reader.h"

#include <algorithm>
#include <array>

namespace cairn::ingest {
namespace {

constexpr size_t kChunkBytes = 8'000'000;

using model::Field;

constexpr std::array kFields{Field::event_id,   Field::recipient_account_id,
                             Field::aws_region, Field::user_identity,
                             Field::event_type, Field::insight_details};

model::FieldPlan plan_of_identity() {
  model::FieldPlan plan;
  for (const Field field : kFields) plan.want(field);
  return plan;
}

}  // namespace

Gatherer::Gatherer(const Identity& identity, const source::ReaderOptions& options,
                   const std::atomic<bool>* cancelled)
    : identity_(identity), plan_(plan_of_identity()), reader_(plan_, options, cancelled) {}

void Gatherer::open(const source::SourceFile& file, uint32_t object, std::string_view bytes) {
  object_ = object;
  if (bytes.data() != nullptr)
    reader_.open(file, bytes);
  else
    reader_.open(file);
}

bool Gatherer::take() {
  const auto* batch = reader_.next();
  if (batch == nullptr) return false;
  const size_t stride = plan_.slots();
  for (size_t i = 0; i < batch->heads.size(); ++i) {
    const auto& head = batch->heads[i];
    Event event{.record = keep(head.json),
                .time_us = head.event_time_us,
                .key = {},
                .object = object_,
                .number = head.number};
    event.key = key_of(batch->slots.data() + i * stride, event);
    events_.push_back(event);
  }
  return true;
}

std::string_view Gatherer::keep(std::string_view record) {
  const size_t needed = record.size() + 1;
  if (chunks_.empty()) chunks_.emplace_back().reserve(kChunkBytes);
  // A chunk that is begun is never moved, since events point into it.
  if (chunks_[chunk_].size() + needed > chunks_[chunk_].capacity()) {
    ++chunk_;
    if (chunk_ == chunks_.size() || chunks_[chunk_].capacity() < needed)
      chunks_.emplace(chunks_.begin() + static_cast<std::ptrdiff_t>(chunk_))
          ->reserve(std::max(kChunkBytes, needed));
  }
  auto& chunk = chunks_[chunk_];
  const size_t begin = chunk.size();
  chunk.append(record);
  chunk.set_size(chunk.size() + 1);  // the NUL that scanning wants at the end
  bytes_ += record.size();
  return {chunk.data() + begin, record.size()};
}

EventKey Gatherer::key_of(const std::string_view* slots, const Event& event) {
  const auto text = [&](Field field, size_t scratch) {
    return model::varchar_of(slots[plan_.slot(field)], scratch_[scratch]).value_or("");
  };
  IdentityParts parts{.account = text(Field::recipient_account_id, 0),
                      .region = text(Field::aws_region, 1),
                      .event_id = text(Field::event_id, 2),
                      .insight_state = {}};
  if (parts.event_id.empty()) {
    splitter_.split(event.record, event.time_us);
    return identity_.of(splitter_.values(), splitter_.patch());
  }
  const auto user = slots[plan_.slot(Field::user_identity)];
  if (parts.account.empty() && json::is_object(user))
    parts.account =
        model::varchar_of(json::find_member(user, "accountId"), scratch_[0]).value_or("");
  const auto insight = slots[plan_.slot(Field::insight_details)];
  if (json::is_object(insight))
    parts.insight_state =
        model::varchar_of(json::find_member(insight, "state"), scratch_[3]).value_or("");
  return identity_.of(parts);
}

void Gatherer::clear() {
  events_.clear();
  for (auto& chunk : chunks_) chunk.clear();
  while (!chunks_.empty() && chunks_.size() * kChunkBytes > 400'000'000) chunks_.pop_back();
  chunk_ = 0;
  bytes_ = 0;
}

}  // namespace cairn::ingest

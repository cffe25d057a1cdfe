#include "ingest/bucket_source.h"

#include "aws/notification.h"
#include "ingest/trail_prefixes.h"

#include <fmt/format.h>

#include <mutex>
#include <unordered_map>
#include <utility>

namespace cairn::ingest {
namespace {

std::string source_of(const std::string& bucket) {
  return "s3://" + bucket;
}

SourceObject object_of(const std::string& bucket, const io::ObjectInfo& info) {
  return {.source = source_of(bucket),
          .key = info.key,
          .name = fmt::format("s3://{}/{}", bucket, info.key),
          .size_bytes = info.size_bytes,
          .etag = info.etag};
}

Status put(Result<std::string> fetched, Buffer& bytes) {
  const auto text = CAIRN_TRY(std::move(fetched));
  bytes.clear();
  bytes.append(text);
  return {};
}

class BucketSource final : public Source {
 public:
  BucketSource(io::S3Store& store, BucketOptions options)
      : store_(store), options_(std::move(options)) {}

  Status list(const std::function<void(SourceObject)>& visit) override {
    const auto spans = CAIRN_TRY(find_trails(
        store_, options_.prefix, {.from_us = options_.since_us, .last_us = std::nullopt}));
    return list_trails(store_, spans, [&](const io::ObjectInfo& info) {
      if (!info.key.ends_with('/')) visit(object_of(options_.bucket, info));
    });
  }

  void prepare(const std::vector<SourceObject>& work) override {
    std::vector<std::string> keys;
    std::vector<uint64_t> sizes;
    places_.clear();
    for (const auto& object : work) {
      places_.emplace(object.key, keys.size());
      keys.push_back(object.key);
      sizes.push_back(object.size_bytes);
    }
    prefetcher_ =
        std::make_unique<Prefetcher>(store_, std::move(keys), std::move(sizes), options_.prefetch);
  }

  Result<bool> fetch(const SourceObject& object, Buffer& bytes) override {
    const auto place = places_.find(object.key);
    // A second time (a copy of what was rejected) it is not held any more.
    const bool first = prefetcher_ != nullptr && place != places_.end() && take_once(place->second);
    CAIRN_TRY(put(first ? prefetcher_->take(place->second)
                        : store_.get(object.key, options_.prefetch.object_bytes_max),
                  bytes));
    return true;
  }

 private:
  bool take_once(size_t place) {
    const std::lock_guard lock(mutex_);
    if (taken_.size() < places_.size()) taken_.resize(places_.size());
    return !std::exchange(taken_[place], static_cast<char>(1));
  }

  io::S3Store& store_;
  BucketOptions options_;
  std::unordered_map<std::string, size_t> places_;
  std::mutex mutex_;
  std::vector<char> taken_;
  std::unique_ptr<Prefetcher> prefetcher_;
};

class QueueSourceOf final : public QueueSource {
 public:
  QueueSourceOf(io::Queue& queue, OpenBucket open_bucket, int wait_seconds, size_t messages_max)
      : queue_(queue),
        open_bucket_(std::move(open_bucket)),
        wait_seconds_(wait_seconds),
        messages_max_(messages_max) {}

  Status list(const std::function<void(SourceObject)>& visit) override {
    constexpr int kHiddenSeconds = 900;
    while (receipts_.size() < messages_max_) {
      const auto messages =
          CAIRN_TRY(queue_.receive(10, receipts_.empty() ? wait_seconds_ : 0, kHiddenSeconds));
      if (messages.empty()) break;
      for (const auto& message : messages) CAIRN_TRY(take(message, visit));
    }
    return {};
  }

  Result<bool> fetch(const SourceObject& object, Buffer& bytes) override {
    io::S3Store* const store = CAIRN_TRY(store_of(object.source.substr(5)));
    CAIRN_TRY(put(store->get(object.key, PrefetchOptions{}.object_bytes_max), bytes));
    return true;
  }

  Status acknowledge() override {
    while (!receipts_.empty()) {
      CAIRN_TRY(queue_.remove(receipts_.back()));
      receipts_.pop_back();
    }
    return {};
  }

  uint64_t unknown_messages() const override { return unknown_; }

 private:
  Result<io::S3Store*> store_of(const std::string& bucket) {
    const std::lock_guard lock(mutex_);
    return open_bucket_(bucket);
  }

  Status take(const aws::QueueMessage& message, const std::function<void(SourceObject)>& visit) {
    const auto notification = aws::parse_notification(message.body);
    if (!notification.ok()) {
      ++unknown_;
      return {};
    }
    for (const auto& told : notification.value().objects) {
      io::ObjectInfo info{.key = told.key, .size_bytes = told.size_bytes, .etag = told.etag};
      if (info.etag.empty()) {  // CloudTrail's own message has the key alone
        io::S3Store* const store = CAIRN_TRY(store_of(told.bucket));
        auto facts = store->head(told.key);
        // What is gone by now cannot be collected, and is no reason to keep the message.
        if (!facts.ok() && facts.error().kind() == ErrorKind::not_found) continue;
        info = CAIRN_TRY(std::move(facts));
        info.key = told.key;
      }
      visit(object_of(told.bucket, info));
    }
    receipts_.push_back(message.receipt_handle);
    return {};
  }

  io::Queue& queue_;
  OpenBucket open_bucket_;
  int wait_seconds_;
  size_t messages_max_;
  std::mutex mutex_;
  std::vector<std::string> receipts_;
  uint64_t unknown_ = 0;
};

}  // namespace

std::unique_ptr<Source> make_bucket_source(io::S3Store& store, BucketOptions options) {
  return std::make_unique<BucketSource>(store, std::move(options));
}

std::unique_ptr<QueueSource> make_queue_source(io::Queue& queue, OpenBucket open_bucket,
                                               int wait_seconds, size_t messages_max) {
  return std::make_unique<QueueSourceOf>(queue, std::move(open_bucket), wait_seconds, messages_max);
}

}  // namespace cairn::ingest

// Which keys of a bucket a caller sees.
#pragma once

#include "access/caller.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::api {

/// A caller of all accounts sees every key. Others see what lies under `AWSLogs/ACCOUNT/` or
/// `AWSLogs/o-ID/ACCOUNT/` of their accounts, wherever in the key that stands: a trail's prefix may
/// be anything. Where it stands more than once, as in a prefix that looks like an account's folder,
/// each must be one of theirs.
class Sight {
 public:
  explicit Sight(const access::Caller& caller);

  bool sees_all() const { return all_; }

  bool sees(std::string_view key) const;

  /// Of a key that is not seen: the text behind which the next key comes that may be. Skips all of
  /// another account's folder, and its neighbours, at once.
  std::string behind(std::string_view key) const;

  /// Of a key that is seen: the text behind which the next key comes that does not lie in the
  /// account's folder. For other keys, and for those who see all, the key itself.
  std::string past(std::string_view key) const;

 private:
  /// Where the first account that is not seen begins and ends in the key; npos: none.
  struct Place {
    size_t begin = std::string_view::npos;
    size_t end = std::string_view::npos;
  };

  Place find_hidden(std::string_view key, bool& has_account) const;

  bool all_;
  std::vector<std::string> accounts_;  // sorted
};

}  // namespace cairn::api

#include "api/s3/s3_sight.h"

#include <algorithm>

namespace cairn::api {
namespace {

constexpr std::string_view kFolder = "AWSLogs/";
/// Comes after every name that begins with a digit.
constexpr char kBehindDigits = '9' + 1;

/// Comes after every key of a folder, and before its neighbours.
constexpr char kBehindSlash = '/' + 1;

bool begins_with_digit(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

/// Where the account begins behind the folder that begins at `at`; npos: there is none.
size_t account_at(std::string_view key, size_t at) {
  if (at > 0 && key[at - 1] != '/') return std::string_view::npos;
  size_t begin = at + kFolder.size();
  if (key.substr(begin).starts_with("o-"))
    begin = std::min(key.find('/', begin), key.size() - 1) + 1;
  return begins_with_digit(key.substr(begin)) ? begin : std::string_view::npos;
}

}  // namespace

Sight::Sight(const access::Caller& caller)
    : all_(caller.accounts.empty()), accounts_(caller.accounts) {
  std::sort(accounts_.begin(), accounts_.end());
}

Sight::Place Sight::find_hidden(std::string_view key, bool& has_account) const {
  has_account = false;
  for (size_t at = key.find(kFolder); at != key.npos; at = key.find(kFolder, at + 1)) {
    const auto begin = account_at(key, at);
    if (begin == key.npos) continue;
    const auto end = key.find('/', begin);
    if (end == key.npos) return {begin, key.size()};  // a file where accounts have folders
    if (!std::binary_search(accounts_.begin(), accounts_.end(), key.substr(begin, end - begin)))
      return {begin, end};
    has_account = true;
  }
  return {};
}

bool Sight::sees(std::string_view key) const {
  if (all_) return true;
  bool has_account = false;
  const auto hidden = find_hidden(key, has_account);
  return hidden.begin == key.npos && has_account && !key.ends_with('/');
}

std::string Sight::past(std::string_view key) const {
  if (all_ || !sees(key)) return std::string(key);
  for (size_t at = key.find(kFolder); at != key.npos; at = key.find(kFolder, at + 1)) {
    const auto begin = account_at(key, at);
    if (begin == key.npos) continue;
    return std::string(key.substr(0, key.find('/', begin))) + kBehindSlash;
  }
  return std::string(key);
}

std::string Sight::behind(std::string_view key) const {
  bool has_account = false;
  const auto hidden = find_hidden(key, has_account);
  if (hidden.begin == key.npos) return std::string(key);
  const auto base = std::string(key.substr(0, hidden.begin));
  const auto account = key.substr(hidden.begin, hidden.end - hidden.begin);
  const auto next = std::upper_bound(accounts_.begin(), accounts_.end(), account);
  if (next != accounts_.end()) return base + *next;
  return base + kBehindDigits;
}

}  // namespace cairn::api

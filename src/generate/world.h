// Who and what exists in a made-up organisation: accounts, Regions, identities, names of things.
// All derived from a seed, nothing stored per event.
#pragma once

#include "generate/calls.h"
#include "generate/random.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::generate {

/// The identity, address and agent of one event.
struct Actor {
  std::string identity;  ///< userIdentity, JSON
  std::string arn;       ///< "" for AWS services
  std::string address;
  std::string agent;
  std::string user;      ///< userName, if it is an IAM user
  bool service = false;  ///< made by an AWS service: no TLS details, agent and address are its name
};

class World {
 public:
  /// `accounts` 1..1000, `regions` 1..17.
  World(uint64_t seed, size_t accounts, size_t regions);

  const std::string& account(size_t index) const { return accounts_[index]; }

  const std::string& region(size_t index) const { return regions_[index]; }

  size_t accounts() const { return accounts_.size(); }

  size_t regions() const { return regions_.size(); }

  /// Share of all events.
  double account_share(size_t index) const { return account_weights_.share(index); }

  double region_share(size_t index) const { return region_weights_.share(index); }

  /// Who makes a call of this kind at `time_us`. Sessions last four hours, so keys change with
  /// time.
  Actor actor(Caller caller, size_t account, int64_t time_us, Random& random) const;

  Actor role_session(size_t account, std::string_view role, std::string_view session,
                     std::string_view address, std::string_view agent, int64_t time_us) const;
  Actor user(size_t account, std::string_view name, std::string_view key, std::string_view address,
             std::string_view agent) const;
  Actor root(size_t account, std::string_view address, std::string_view agent) const;
  Actor service(std::string_view name) const;

  /// 17 hexadecimal digits that are always the same for the `index`-th thing of a kind in an
  /// account.
  std::string id(std::string_view kind, size_t account, uint64_t index) const;
  /// A long-term key (`AKIA…`) or one of a session (`ASIA…`).
  std::string access_key(std::string_view prefix, uint64_t of) const;

  uint64_t seed() const { return seed_; }

 private:
  uint64_t seed_;
  std::vector<std::string> accounts_;
  std::vector<std::string> regions_;
  Weighted account_weights_;
  Weighted region_weights_;
  Weighted principals_;
  Weighted services_;
};

std::string_view user_name(uint64_t index);
std::string_view role_name(Caller caller, uint64_t index);
std::string_view function_name(uint64_t index);

}  // namespace cairn::generate

// Keys as text and as JSON.
#pragma once

#include "access/keys.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::cli {

/// `2026-11-21T05:00:00Z`, without a fraction.
std::string to_second(int64_t time_us);

/// Lines for a shell: `export AWS_ACCESS_KEY_ID=…`. They hold the secret.
std::string issued_exports(const access::IssuedKey& issued);

/// What the AWS CLI's `credential_process` expects, and what the key may do.
std::string issued_json(const access::IssuedKey& issued);

/// Whose key it is, for people.
std::string issued_note(const access::IssuedKey& issued);

std::string keys_text(const std::vector<access::Key>& keys, int64_t now_us);
std::string keys_json(const std::vector<access::Key>& keys, int64_t now_us);

}  // namespace cairn::cli

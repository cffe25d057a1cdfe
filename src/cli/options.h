// What CLI11 lacks for our options.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace cairn::cli {

/// Accepts the given words only, and suggests the nearest one.
CLI::Validator one_of(std::vector<std::string> words);

}  // namespace cairn::cli

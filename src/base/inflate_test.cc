#include "base/inflate.h"

#include "base/gzip.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <string>

namespace cairn {
namespace {

std::string gzip(const std::string& text) {
  std::string out;
  EXPECT_TRUE(Gzip(6).compress(text, out).ok());
  return out;
}

struct Outcome {
  std::string text;
  std::string fault;
  uint64_t trailing = 0;
};

// Feeds `step_bytes` at a time and takes 7 at a time, so that every state is cut somewhere.
Outcome stream(Inflater& inflater, std::string_view input, size_t step_bytes) {
  Outcome outcome;
  char out[7];
  size_t at = 0;
  for (;;) {
    const auto piece = input.substr(at, step_bytes);
    const bool last = at + piece.size() == input.size();
    auto step = inflater.step(piece, last, out, sizeof out);
    if (!step.ok()) {
      outcome.fault = step.error().message();
      return outcome;
    }
    at += step.value().taken;
    outcome.text.append(out, step.value().given);
    if (step.value().finished) break;
  }
  outcome.trailing = inflater.trailing_bytes();
  return outcome;
}

void check(const std::string& compressed, const std::string& want, uint64_t trailing) {
  Gunzip gunzip;
  Buffer whole;
  EXPECT_EQ(gunzip.decompress(compressed, 1 << 20, whole), trailing == 0);
  if (trailing == 0) {
    EXPECT_EQ(whole.view(), want);
  }
  for (const size_t step : {1U, 2U, 3U, 100U, 100000U}) {
    SCOPED_TRACE(step);
    const auto outcome = stream(*Inflater::gzip(), compressed, step);
    EXPECT_EQ(outcome.fault, "");
    EXPECT_EQ(outcome.text, want);
    EXPECT_EQ(outcome.trailing, trailing);
  }
}

TEST(Inflate, reads_all_members) {
  check(gzip("hello"), "hello", 0);
  check(gzip("hel") + gzip("") + gzip("lo"), "hello", 0);
  check(gzip(""), "", 0);
}

TEST(Inflate, says_how_much_follows_the_data) {
  check(gzip("hello") + "garbage", "hello", 7);
  check(gzip("hello") + std::string("\x1f!", 2), "hello", 2);
  check(gzip("hello") + "\x1f", "hello", 1);
}

TEST(Inflate, passes_over_zero_padding) {
  const auto padded = gzip("hello") + std::string(600, '\0');
  for (const size_t step : {1U, 64U, 100000U}) {
    const auto outcome = stream(*Inflater::gzip(), padded, step);
    EXPECT_EQ(outcome.fault, "");
    EXPECT_EQ(outcome.text, "hello");
    EXPECT_EQ(outcome.trailing, 0U);
  }
}

TEST(Inflate, every_cut_is_noticed) {
  const auto compressed = gzip("some text that is long enough to be cut in many places");
  Gunzip gunzip;
  Buffer whole;
  for (size_t size = 1; size < compressed.size(); ++size) {
    SCOPED_TRACE(size);
    const auto cut = compressed.substr(0, size);
    if (size >= 2) {
      EXPECT_FALSE(gunzip.decompress(cut, 1 << 20, whole));
    }
    EXPECT_NE(stream(*Inflater::gzip(), cut, 5).fault, "");
  }
}

TEST(Inflate, every_flipped_byte_of_the_data_is_noticed) {
  const auto compressed = gzip("some text that is long enough to be damaged in many places");
  for (size_t at = 10; at < compressed.size(); ++at) {
    auto damaged = compressed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    const auto outcome = stream(*Inflater::gzip(), damaged, 1000);
    EXPECT_NE(outcome.fault, "") << at;
  }
}

TEST(Inflate, a_text_above_the_limit_is_left_to_the_stream) {
  Gunzip gunzip;
  Buffer whole;
  EXPECT_FALSE(gunzip.decompress(gzip(std::string(100'000, 'x')), 99'999, whole));
  EXPECT_TRUE(gunzip.decompress(gzip(std::string(100'000, 'x')), 100'000, whole));
}

TEST(Inflate, zstd_frames_and_cuts) {
  const std::string text = "hello hello hello hello hello";
  std::string compressed(ZSTD_compressBound(text.size()), '\0');
  compressed.resize(
      ZSTD_compress(compressed.data(), compressed.size(), text.data(), text.size(), 3));
  EXPECT_EQ(sniff_compression(compressed), Compression::zstd);
  for (const size_t step : {1U, 5U, 1000U}) {
    EXPECT_EQ(stream(*Inflater::zstd(), compressed + compressed, step).text, text + text);
    EXPECT_NE(stream(*Inflater::zstd(), compressed.substr(0, compressed.size() - 3), step).fault,
              "");
  }
}

// What Python's zlib says of the same bytes is what `aws cloudtrail validate-logs` goes by.
TEST(Inflate, tells_how_the_first_member_ends) {
  const auto good = gzip("hello");
  auto wrong_checksum = good;
  wrong_checksum[good.size() - 8] = static_cast<char>(wrong_checksum[good.size() - 8] ^ 1);

  const struct {
    std::string compressed;
    std::string text;
    MemberEnd end;
  } cases[] = {{good, "hello", MemberEnd::whole},
               {good + good, "hello", MemberEnd::followed},
               {good + std::string(3, '\0'), "hello", MemberEnd::followed},
               {good.substr(0, good.size() - 1), "hello", MemberEnd::cut_off},
               {"", "", MemberEnd::cut_off},
               {good.substr(0, 1), "", MemberEnd::cut_off},
               {"hello", "", MemberEnd::damaged},
               {wrong_checksum, "", MemberEnd::damaged}};

  for (const auto& [compressed, text, end] : cases) {
    std::string got;
    EXPECT_EQ(inflate_member(compressed,
                             [&](std::string_view piece) {
                               got += piece;
                               return true;
                             }),
              end);
    if (end != MemberEnd::damaged) {
      EXPECT_EQ(got, text);
    }
    Gunzip gunzip;
    Buffer out;
    size_t taken = 0;
    const bool sound = end == MemberEnd::whole || end == MemberEnd::followed;
    EXPECT_EQ(gunzip.decompress_member(compressed, 100, out, taken), sound);
    if (sound) {
      EXPECT_EQ(out.view(), text);
      EXPECT_EQ(taken, good.size());
    }
  }
  const std::string zeros(5 << 20, '\0');
  size_t got = 0;
  EXPECT_EQ(inflate_member(gzip(zeros),
                           [&](std::string_view piece) {
                             got += piece.size();
                             return true;
                           }),
            MemberEnd::whole);
  EXPECT_EQ(got, zeros.size());
}

}  // namespace
}  // namespace cairn

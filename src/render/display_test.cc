#include "render/display.h"

#include <gtest/gtest.h>

namespace cairn::render {
namespace {

TEST(Display, ControlCharactersAreShown) {
  EXPECT_EQ(shown("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(shown("two\nlines\tand a tab"), "two\\nlines\\tand a tab");
  EXPECT_EQ(shown("csi \xc2\x9b"
                  "31m"),
            "csi \\x9b31m");
}

TEST(Display, CharactersThatReorderOrHideTextAreShown) {
  EXPECT_EQ(shown("\u202Eevil"), "\\u{202e}evil");
  EXPECT_EQ(shown("a\u200Bb"), "a\\u{200b}b");
  EXPECT_EQ(shown("a\u2028b"), "a\\u{2028}b");
}

TEST(Display, InvalidUtf8IsRepaired) {
  EXPECT_EQ(shown("a\xff\xfe"), "a\uFFFD\uFFFD");
}

TEST(Display, OrdinaryTextStays) {
  for (const char* text : {"", "plain", "Jürgen", "日本語", "👩‍💻"})
    EXPECT_EQ(shown(text), text);
}

TEST(Display, WidthCountsTerminalColumns) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("Jürgen"), 6U);
  EXPECT_EQ(display_width("e\u0301"), 1U);  // e and a combining accent
  EXPECT_EQ(display_width("日本語"), 6U);
  EXPECT_EQ(display_width("😀"), 2U);
  EXPECT_EQ(display_width("👩‍💻"), 2U);  // three code points, one character
  EXPECT_EQ(display_width("…"), 1U);
}

TEST(Display, CuttingNeverExceedsAndMarks) {
  EXPECT_EQ(cut_to_width("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_to_width("abcdef", 5), "abcd…");
  EXPECT_EQ(cut_to_width("日本語", 5), "日本…");
  EXPECT_EQ(cut_to_width("日本語", 4), "日…");  // half a character is never shown
  EXPECT_EQ(cut_to_width("abc", 1), "…");
  for (size_t columns = 1; columns < 12; ++columns)
    EXPECT_LE(display_width(cut_to_width("e\u0301日a👩‍💻本bc", columns)), columns);
}

TEST(Display, CuttingTheStartKeepsTheEnd) {
  EXPECT_EQ(cut_start_to_width("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_start_to_width("abcdef", 4), "…def");
  EXPECT_EQ(cut_start_to_width("日本語", 4), "…語");
  EXPECT_EQ(cut_start_to_width("abc", 1), "…");
  for (size_t columns = 1; columns < 12; ++columns)
    EXPECT_LE(display_width(cut_start_to_width("e\u0301日a👩‍💻本bc", columns)), columns);
}

}  // namespace
}  // namespace cairn::render

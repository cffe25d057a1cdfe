#include "history/attributes.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::history {
namespace {

void check(std::string_view text, AttributeKey key, std::string_view value) {
  SCOPED_TRACE(text);
  const auto got = parse_attribute(text);
  ASSERT_TRUE(got.ok()) << got.error().message();
  EXPECT_EQ(got.value().key, key);
  EXPECT_EQ(got.value().value, value);
}

void refuse(std::string_view text, std::string_view part) {
  SCOPED_TRACE(text);
  const auto got = parse_attribute(text);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(got.error().aws_code(), "InvalidLookupAttributesException");
  EXPECT_NE(got.error().message().find(part), std::string::npos) << got.error().message();
}

TEST(Attributes, TakesBothSpellings) {
  check("EventName=RunInstances", AttributeKey::event_name, "RunInstances");
  check("username=alice", AttributeKey::username, "alice");
  check("ResourceName=a=b,c", AttributeKey::resource_name, "a=b,c");
  check("AttributeKey=EventName,AttributeValue=X", AttributeKey::event_name, "X");
  check("AttributeValue=a,b=c,AttributeKey=ResourceName", AttributeKey::resource_name, "a,b=c");
  check("ReadOnly=false", AttributeKey::read_only, "false");
}

TEST(Attributes, NamesEveryKeyAsAwsDoes) {
  for (const auto key : {AttributeKey::event_id, AttributeKey::event_name, AttributeKey::username,
                         AttributeKey::resource_type, AttributeKey::resource_name,
                         AttributeKey::event_source, AttributeKey::access_key_id})
    check(std::string(attribute_name(key)) + "=x", key, "x");
}

TEST(Attributes, RefusesWhatItDoesNotKnow) {
  refuse("EventNam=x", "did you mean EventName?");
  refuse("zzzzzzzzzzzz=x", "the attributes are EventId, EventName");
  refuse("RunInstances", "KEY=VALUE");
  refuse("EventName=", "1 to 2000 bytes");
  refuse("EventName=" + std::string(2'001, 'x'), "1 to 2000 bytes");
  refuse("ReadOnly=yes", "'true' or 'false'");
  refuse("\x1b[2J=x", "\\x1b");
}

}  // namespace
}  // namespace cairn::history

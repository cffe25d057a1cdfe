#include "server/internal/http_head.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::server::internal {
namespace {

using aws::HttpFault;

struct Read {
  Parser parser;
  Head head;
  std::optional<HttpFault> fault;

  explicit Read(const std::string& text) : fault(read_head(text, parser, head)) {}
};

TEST(ReadHead, TakesWhatClientsSend) {
  const Read read(
      "\r\nPOST /a/b?c=d%20e HTTP/1.1\r\nHost: h:80\r\nX-A:  1 \r\nx-a: 2\r\nContent-Length: 5\r\n"
      "Expect: 100-continue\r\n\r\n");
  ASSERT_FALSE(read.fault);
  EXPECT_EQ(read.head.request.method, "POST");
  EXPECT_EQ(read.head.request.path(), "/a/b");
  EXPECT_EQ(read.head.request.query(), "c=d%20e");
  EXPECT_EQ(read.head.request.headers.size(), 5U);
  EXPECT_EQ(aws::find_header(read.head.request.headers, "x-a"), "1");
  EXPECT_EQ(read.head.content_length, 5U);
  EXPECT_TRUE(read.head.has_body && read.head.keep_alive && read.head.expects_continue);
  const Read old("GET / HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(old.fault);
  EXPECT_FALSE(old.head.keep_alive);
}

TEST(ReadHead, TakesTheAbsoluteForm) {
  const auto target = [](const std::string& asked) {
    const Read read("GET " + asked + " HTTP/1.1\r\nHost: a.b:80\r\n\r\n");
    return read.fault ? "" : read.head.request.target;
  };
  EXPECT_EQ(target("http://a.b:80/c/d?e=f"), "/c/d?e=f");
  EXPECT_EQ(target("HTTPS://A.B:80"), "/");
  EXPECT_EQ(target("http://a.b:80?"), "/?");
  EXPECT_EQ(target("http://u@a.b:80/"), "");
}

TEST(ReadHead, RefusesWhatTwoReadersCouldReadInTwoWays) {
  for (const auto* const bad : {
           "GET / HTTP/1.1\r\n\r\n",                        // no Host
           "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",  //
           "GET / HTTP/1.1\nHost: a\n\r\n\r\n",             //
           "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",       //
           "GET / HTTP/1.1\r\nHost : a\r\n\r\n",            //
           "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",       // continued
           "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",      //
           "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",            //
           "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",     //
           "GET http://a/#b HTTP/1.1\r\nHost: a\r\n\r\n",   //
           "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",      //
           "GET a HTTP/1.1\r\nHost: a\r\n\r\n",             //
           "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",         //
           "GET / HTTP/2.0\r\nHost: a\r\n\r\n",             //
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
           "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
       }) {
    const Read read(bad);
    EXPECT_EQ(read.fault, HttpFault::malformed) << bad;
  }
  EXPECT_EQ(Read(std::string("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29)).fault,
            HttpFault::malformed);
  EXPECT_EQ(Read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n").fault,
            HttpFault::unsupported);
  EXPECT_EQ(Read("POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n").fault,
            HttpFault::unsupported);
}

TEST(FindHeadEnd, WaitsForTheEmptyLine) {
  EXPECT_EQ(find_head_end("GET / HTTP/1.1\r\n"), std::string::npos);
  EXPECT_EQ(find_head_end("\r\n\r\n"), std::string::npos);
  EXPECT_EQ(find_head_end("\r\na\r\n\r\nrest"), 7U);
}

}  // namespace
}  // namespace cairn::server::internal

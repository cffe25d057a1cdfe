#include "diagnose/error_class.h"

#include <gtest/gtest.h>

namespace cairn::diagnose {
namespace {

void check(std::string_view code, std::string_view message, ErrorClass want) {
  SCOPED_TRACE(std::string(code) + " " + std::string(message));
  EXPECT_EQ(key_of(classify(code, message)), key_of(want));
}

TEST(ErrorClass, KnowsTheFormsOfServices) {
  check("Client.RequestLimitExceeded", "Request limit exceeded.", ErrorClass::throttle);
  check("Throttling", "Rate exceeded", ErrorClass::throttle);
  check("ThrottlingException", "Rate exceeded", ErrorClass::throttle);
  check("TooManyRequestsException", "", ErrorClass::throttle);
  check("ProvisionedThroughputExceededException", "", ErrorClass::throttle);
  check("Client.UnauthorizedOperation", "You are not authorized", ErrorClass::permission);
  check("AccessDenied", "", ErrorClass::permission);
  check("AccessDeniedException", "", ErrorClass::permission);
  check("Client.InvalidParameterValue", "Invalid id", ErrorClass::invalid_parameter);
  check("ValidationException", "1 validation error", ErrorClass::invalid_parameter);
  check("Client.InvalidSubnetID.NotFound", "", ErrorClass::not_found);
  check("Client.InvalidNetworkInterfaceID.NotFound", "", ErrorClass::not_found);
  check("NoSuchEntityException", "", ErrorClass::not_found);
  check("Client.NetworkInterfaceLimitExceeded", "", ErrorClass::limit_exceeded);
  check("Client.InsufficientFreeAddressesInSubnet", "", ErrorClass::limit_exceeded);
  check("Client.DependencyViolation", "", ErrorClass::dependency);
  check("Client.InvalidNetworkInterface.InUse", "", ErrorClass::dependency);
  check("Server.InternalError", "", ErrorClass::service_fault);
  check("Server.SomethingNew", "", ErrorClass::service_fault);
  check("Client.DryRunOperation", "Request would have succeeded", ErrorClass::dry_run);
  check("SomethingElse", "", ErrorClass::other);
  check("", "", ErrorClass::none);
}

TEST(ErrorClass, AsksTheMessageWhereTheCodeIsAmbiguous) {
  check("LimitExceededException", "Rate exceeded", ErrorClass::throttle);
  check("LimitExceededException", "You have 10 roles", ErrorClass::limit_exceeded);
  check("Client.ServiceUnavailable", "Please reduce your request rate", ErrorClass::throttle);
  check("ServiceUnavailable", "try again", ErrorClass::service_fault);
  check("Client.InvalidParameterValue", "Network interface 'eni-1' is currently in use.",
        ErrorClass::dependency);
  check("", "Rate exceeded", ErrorClass::throttle);
  check("", "no limit is set", ErrorClass::none);  // the word alone says nothing
  check("Client.DryRunOperation", "would succeed, but a limit is near", ErrorClass::dry_run);
}

TEST(ErrorClass, StripsWhatDiffersBetweenProtocols) {
  EXPECT_EQ(bare_code("Client.Throttling"), "Throttling");
  EXPECT_EQ(bare_code("AccessDeniedException"), "AccessDenied");
  EXPECT_EQ(bare_code("Exception"), "Exception");
  EXPECT_EQ(bare_code("Client."), "");
}

}  // namespace
}  // namespace cairn::diagnose

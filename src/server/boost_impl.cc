// Boost's parts that are compiled once; see BOOST_ASIO_SEPARATE_COMPILATION in cmake/deps.cmake.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>

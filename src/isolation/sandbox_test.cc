#include "isolation/testing/world.h"

package fixes_test

import "slices"

var allApplied = slices.Concat(postfixApplied, courierApplied)

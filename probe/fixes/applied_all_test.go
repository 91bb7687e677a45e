package fixes_test

import "slices"

var allApplied = slices.Concat(courierApplied, postfixApplied, qpsmtpdApplied, sendmailApplied)

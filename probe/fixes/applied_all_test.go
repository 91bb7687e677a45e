package fixes_test

import "slices"

var allApplied = slices.Concat(courierApplied, opensmtpdApplied, postfixApplied, qpsmtpdApplied, sendmailApplied)

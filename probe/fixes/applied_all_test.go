package fixes_test

import "slices"

var allApplied = slices.Concat(courierApplied, golangApplied, opensmtpdApplied, postfixApplied, qpsmtpdApplied, sendmailApplied)

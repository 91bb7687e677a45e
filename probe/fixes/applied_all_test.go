package fixes_test

import "slices"

var allApplied = slices.Concat(courierApplied, eximApplied, golangApplied, opensmtpdApplied, postfixApplied, qpsmtpdApplied, sendmailApplied)

package fixes_test

import "slices"

var allApplied = slices.Concat(courierApplied, eximApplied, golangApplied, harakaApplied, hiddenApplied, opensmtpdApplied, postfixApplied, qpsmtpdApplied, sendmailApplied, sinksApplied)

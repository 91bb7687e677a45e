package fixes

import "slices"

// All is the table of fixes. The first row for a server that covers a vector is the one. A vector
// of a server that is not in it has its own words in the table of vectors. Facts that nobody is sure of
// stay out.
var All = slices.Concat(panels, postfix, exim, sendmail, opensmtpd, courier, qmail, qpsmtpd, windows, appliances, haraka, golang, others, sinks)

// Patterns that rows of several servers share.
var (
	ownSenders = []string{"sender-*"}
	heloNames  = []string{"helo-own-*", "helo-localhost", "helo-loopback-literal"}
	localForms = []string{"percent-*", "quoted-*", "bang-*", "double-at-*", "trailing-at"}
	plainForms = []string{"plain", "null-sender", "same-domain", "mixed-case", "second-recipient", "helo-verb"}
	topDomains = []string{"plain-*"}
)

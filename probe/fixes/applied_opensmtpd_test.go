package fixes_test

import "openrelay/internal/mtatest"

const sinceMatch = "Version 6.4 and newer"

// The way for proxy-* is not here: what it opens is reached no more, and nothing is left to ask. Versions before 6.4 are in
// no system whose packages are still served.
var opensmtpdApplied = []applied{
	{mta: "OpenSMTPD", vector: "plain", when: sinceMatch, config: "opensmtpd-open"},
	{mta: "OpenSMTPD", vector: "null-sender", when: sinceMatch, config: "opensmtpd-open"},
	{mta: "OpenSMTPD", vector: "plain", when: sinceMatch, server: opensmtpdWith("wide", `match from src 127.0.0.0/8 for any action "relay"`)},
	{mta: "OpenSMTPD", vector: "plain", when: sinceMatch, server: opensmtpdWith("any-sender", `match from any mail-from "" for any action "relay"`)},
	// The rules that are printed come last here: the one that opens must be gone.
	{mta: "OpenSMTPD", vector: "plain", when: sinceMatch, server: opensmtpdWith("first", "match from any for any action \"relay\"\n"+
		"match from local for any action \"relay\"\nmatch from any auth for any action \"relay\"")},

	{mta: "OpenSMTPD", vector: "plain-com", server: opensmtpdWith("com", opensmtpdTrusts+`match from any for domain "*.com" action "relay"`)},
	{mta: "OpenSMTPD", vector: "subdomain-of-own", server: opensmtpdWith("below", opensmtpdTrusts+`match from any for domain "*.local.test" action "relay"`)},

	{mta: "OpenSMTPD", vector: "sender-own-domain", when: sinceMatch, config: "opensmtpd-sender-domain"},
	{mta: "OpenSMTPD", vector: "sender-own-domain", when: sinceMatch,
		server: opensmtpdWith("any-first", `match from any for any mail-from "@local.test" action "relay"`)},
	// A rule for local mail that asks for the sender stays.
	{mta: "OpenSMTPD", vector: "sender-own-domain", when: sinceMatch, server: mtatest.Config{
		Name: "opensmtpd-local-sender", MTA: "opensmtpd",
		Lines: "listen on {{.IP}} port {{.Addr.Port}}\nmatch from any mail-from \"@sender.test\" for domain \"local.test\" action \"local\"\n" +
			`match from any mail-from "@local.test" for any action "relay"`,
	}},
	{mta: "OpenSMTPD", vector: "sender-own-domain", when: sinceMatch,
		server: opensmtpdWith("from-sender", `match from mail-from "@local.test" for any action "relay"`)},

	{mta: "OpenSMTPD", vector: "helo-own-host", config: "opensmtpd-helo-host"},
}

const opensmtpdTrusts = `match from src ` + friend + ` for any action "relay"` + "\n"

// opensmtpdWith is OpenSMTPD that takes mail for its own domain, with more rules.
func opensmtpdWith(name, rules string) mtatest.Config {
	return mtatest.Config{
		Name: "opensmtpd-" + name, MTA: "opensmtpd",
		Lines: "listen on {{.IP}} port {{.Addr.Port}}\nmatch from any for domain \"local.test\" action \"local\"\n" + rules,
	}
}

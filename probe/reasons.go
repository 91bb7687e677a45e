package probe

// ReasonText explains a reason, for reports and for `openrelay explain`.
type ReasonText struct {
	Reason  Reason
	Verdict Verdict
	Words   string // completes "the server …" or stands alone in a row
	WayOut  string // what to do about it
}

// Reasons is the closed list of reasons beside the ids of vectors, with what to do about each.
var Reasons = []ReasonText{
	{ReasonDNS, Unreachable, "no address was found for the name", "Check the name, and whether this machine can resolve names at all: dig NAME A, dig NAME AAAA, dig NAME MX."},
	{ReasonRefused, Unreachable, "the port refuses connections", "Nothing listens there, or a firewall answers for it. Check the port and whether the service runs."},
	{ReasonTimeout, Unreachable, "nothing answered the connection attempt", "A firewall drops the packets or the host is down. If every server is like that on port 25, this network blocks outgoing port 25: test from another one."},
	{ReasonNoRouteHere, Unreachable, "this machine has no route there", "Look at the routes and interfaces of this machine. Test from one that has this address family, or leave the family out with -4 or -6."},
	{ReasonNoBanner, Unreachable, "connected, but no greeting came", "The server may expect TLS or a PROXY header first, or be stuck. Raise --timeout and --max-time, or test with --intrusive, which sends the header."},
	{ReasonClosedEarly, Unreachable, "closed the connection before a greeting", "A firewall or an access rule may close connections from here. Look into the server's log, or test from another address."},
	{ReasonReset, Unreachable, "reset the connection before a greeting", "A firewall or an access rule may cut connections from here. Look into the server's log, or test from another address."},
	{ReasonNotSMTP, Unreachable, "speaks another protocol than SMTP", "Check the port."},
	{ReasonTLSFailed, Unreachable, "the TLS handshake failed", "Check the server's certificate and TLS settings: openssl s_client -connect HOST:PORT."},

	{ReasonGreylisted, Inconclusive, "asks to come back later (greylisting)", "Test again from the same address after the delay, with a longer --retry-for (and --max-time), or let this address pass the greylist for the test."},
	{ReasonClientBlocked, Inconclusive, "blocks the address we tested from", "The answer is about our address, not about relaying. Test from another address with --source, or take it off the list that is named."},
	{ReasonRateLimited, Inconclusive, "limits how much may be asked", "Test again later, alone, with --workers 1."},
	{ReasonTLSUnavailable, Inconclusive, "offers or demands TLS, and we got no session of it", "Mend STARTTLS on the server and test again. To ask in clear alone, where TLS is not demanded: --profile quick."},
	{ReasonHeloRejected, Inconclusive, "refuses our HELO name", "Give a name that resolves to the address you test from: --helo NAME."},
	{ReasonSenderRejected, Inconclusive, "refuses every sender we have before it looks at the recipient", "Give a sender domain of yours that exists and takes mail: --from-domain DOMAIN."},
	{ReasonRecipientDomainRejected, Inconclusive, "refuses the foreign domain itself, not the relaying", "Give a foreign domain of yours that has an MX: --to-domain DOMAIN."},
	{ReasonServiceRefused, Inconclusive, "answers, but refuses all service", "The server may accept no mail at all here, or not from this address. Test from another address with --source."},
	{ReasonCutOff, Inconclusive, "hangs up, or says what is no SMTP, before the question is answered", "Look into the server's log for the reason, and test again."},
	{ReasonBannedMidway, Inconclusive, "stopped answering us in the middle of the test", "A ban (fail2ban, a rate limit) has probably begun. Lift it, let this address pass, and test again."},
	{ReasonSlow, Inconclusive, "was too slow to answer everything in time", "Test again with a longer --timeout for one reply, and a longer --max-time for all of them."},
	{ReasonSuspectFormAccepted, Inconclusive, "accepts a form that may be the name of a local mailbox", "Refuse unknown local users (see the reply to unknown-user) or look where such a message goes: --proof deliver sends one. A server that hands everything on to another is open if that one reads the form and trusts it."},
	{ReasonXCLIENTOffered, Inconclusive, "offers XCLIENT to us: whoever may use it can claim to be a trusted client", "Take this address out of the list of XCLIENT clients (Postfix: smtpd_authorized_xclient_hosts), or test what it opens with --intrusive."},
	{ReasonUnclear, Inconclusive, "answers in a way that does not tell whether it relays", "Look into the server's log for the reason, and test again. With --proof deliver, name the domains it takes mail for: --local-domain."},

	{ReasonRelayDenied, Closed, "refuses to relay", ""},
	{ReasonAuthRequired, Closed, "demands authentication first", ""},
	{ReasonRecipientUnknown, Closed, "knows no such recipient", ""},
	{ReasonRefused, Closed, "refuses every foreign recipient, and takes local ones", ""},
}

// Explain returns the text on a reason of a verdict; ok is false for the id of a vector.
func Explain(v Verdict, r Reason) (t ReasonText, ok bool) {
	for _, t := range Reasons {
		if t.Reason == r && t.Verdict == v {
			return t, true
		}
	}
	return ReasonText{}, false
}

package words

import "openrelay/probe"

// ofReasons is the closed list of reasons beside the ids of vectors, with what to do about each.
var ofReasons = []Entry{
	{Word: string(probe.ReasonDNS), Kind: Unreachable, Says: "no address was found for the name", WayOut: "Check the name, and whether this machine can resolve names at all: dig NAME A, dig NAME AAAA, dig NAME MX."},
	{Word: string(probe.ReasonRefused), Kind: Unreachable, Says: "the port refuses connections", WayOut: "Nothing listens there, or a firewall answers for it. Check the port and whether the service runs."},
	{Word: string(probe.ReasonTimeout), Kind: Unreachable, Says: "nothing answered the connection attempt", WayOut: "A firewall drops the packets or the host is down. If every server is like that on port 25, this network blocks outgoing port 25: test from another one."},
	{Word: string(probe.ReasonNoRouteHere), Kind: Unreachable, Says: "this machine has no route there", WayOut: "Look at the routes and interfaces of this machine. Test from one that has this address family, or leave the family out with -4 or -6."},
	{Word: string(probe.ReasonNoBanner), Kind: Unreachable, Says: "connected, but no greeting came", WayOut: "The server may expect TLS or a PROXY header first, or be stuck. Raise --timeout and --max-time, or test with --intrusive, which sends the header."},
	{Word: string(probe.ReasonClosedEarly), Kind: Unreachable, Says: "closed the connection before a greeting", WayOut: "A firewall or an access rule may close connections from here. Look into the server's log, or test from another address."},
	{Word: string(probe.ReasonReset), Kind: Unreachable, Says: "reset the connection before a greeting", WayOut: "A firewall or an access rule may cut connections from here. Look into the server's log, or test from another address."},
	{Word: string(probe.ReasonNotSMTP), Kind: Unreachable, Says: "speaks another protocol than SMTP", WayOut: "Check the port."},
	{Word: string(probe.ReasonTLSFailed), Kind: Unreachable, Says: "the TLS handshake failed", WayOut: "Check the server's certificate and TLS settings: openssl s_client -connect HOST:PORT."},

	{Word: string(probe.ReasonGreylisted), Kind: Inconclusive, Says: "asks to come back later (greylisting)", WayOut: "Test again from the same address after the delay, with a longer --retry-for (and --max-time), or let this address pass the greylist for the test."},
	{Word: string(probe.ReasonClientBlocked), Kind: Inconclusive, Says: "blocks the address we tested from", WayOut: "The answer is about our address, not about relaying. Test from another address with --source, or take it off the list that is named. Where it took no recipient of its own either, name a domain that it takes mail for: --local-domain."},
	{Word: string(probe.ReasonRateLimited), Kind: Inconclusive, Says: "limits how much may be asked", WayOut: "Test again later, alone, with --workers 1."},
	{Word: string(probe.ReasonTLSUnavailable), Kind: Inconclusive, Says: "offers or demands TLS, and we got no session of it", WayOut: "Mend STARTTLS on the server and test again; openssl s_client -starttls smtp -connect HOST:PORT shows more. To ask in clear alone, where TLS is not demanded: --profile quick, with --vectors for others than its six."},
	{Word: string(probe.ReasonHeloRejected), Kind: Inconclusive, Says: "refuses our HELO name", WayOut: "Give a name that resolves to the address you test from: --helo NAME."},
	{Word: string(probe.ReasonSenderRejected), Kind: Inconclusive, Says: "refuses every sender we have before it looks at the recipient", WayOut: "Give a sender domain of yours that exists and takes mail: --from-domain DOMAIN."},
	{Word: string(probe.ReasonRecipientDomainRejected), Kind: Inconclusive, Says: "refuses the foreign domain itself, not the relaying", WayOut: "Give a foreign domain of yours that has an MX: --to-domain DOMAIN."},
	{Word: string(probe.ReasonServiceRefused), Kind: Inconclusive, Says: "answers, but refuses all service", WayOut: "The server may accept no mail at all here, or not from this address. Test from another address with --source."},
	{Word: string(probe.ReasonCutOff), Kind: Inconclusive, Says: "hangs up, ends the session with a 421, or says what is no SMTP, before the question is answered", WayOut: "Look into the server's log for the reason, and test again."},
	{Word: string(probe.ReasonAnswersDiffer), Kind: Inconclusive, Says: "accepted a stranger once, and refused it when it was asked again", WayOut: "Several machines may answer behind this address, and not all of them refuse. Test each by its own address; the dialogue shows what the one that accepted calls itself."},
	{Word: string(probe.ReasonTemporary), Kind: Inconclusive, Says: "put us off, in words that are not about relaying, as often as we came back", WayOut: "Test again later, or with a longer --retry-for (and --max-time)."},
	{Word: string(probe.ReasonBannedMidway), Kind: Inconclusive, Says: "stopped answering us, or began to refuse everybody, in the middle of the test", WayOut: "A ban (fail2ban, a rate limit) has probably begun. Lift it, let this address pass, and test again."},
	{Word: string(probe.ReasonSlow), Kind: Inconclusive, Says: "was too slow to answer everything in time", WayOut: "Test again with a longer --timeout for one reply, and a longer --max-time for all of them."},
	{Word: string(probe.ReasonSuspectFormAccepted), Kind: Inconclusive, Says: "accepts a form that may be the name of a local mailbox", WayOut: "Refuse unknown local users, or look where such a message goes: --proof deliver sends one, with --local-domain where the form names the own domain. A server that hands everything on to another is open if that one reads the form and trusts it."},
	{Word: string(probe.ReasonXCLIENTOffered), Kind: Inconclusive, Says: "offers XCLIENT to us: whoever may use it can claim to be a trusted client", WayOut: "Take this address out of the list of XCLIENT clients (Postfix: smtpd_authorized_xclient_hosts), or test what it opens with --intrusive."},
	{Word: string(probe.ReasonUnclear), Kind: Inconclusive, Says: "answers in a way that does not tell whether it relays", WayOut: "Look into the server's log for the reason, and test again. Name the domains it takes mail for, --local-domain: a recipient there is compared with strangers, and --proof deliver needs them too."},

	{Word: string(probe.ReasonRelayDenied), Kind: Closed, Says: "refuses to relay"},
	{Word: string(probe.ReasonAuthRequired), Kind: Closed, Says: "demands authentication first"},
	{Word: string(probe.ReasonRecipientUnknown), Kind: Closed, Says: "knows no such recipient"},
	{Word: string(probe.ReasonRefused), Kind: Closed, Says: "refuses every foreign recipient, and takes local ones"},
}

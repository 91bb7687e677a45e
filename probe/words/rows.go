package words

import (
	"strings"

	"openrelay/probe"
	"openrelay/probe/bounce"
	"openrelay/probe/changes"
	"openrelay/probe/dnsbl"
	"openrelay/probe/fixes"
	"openrelay/probe/phrasebook"
)

var ofVerdicts = []Entry{
	{Word: probe.Open.String(), Kind: Verdict, Says: "a vector was accepted, so a stranger can send mail through the server; the proof says how far that was followed"},
	{Word: probe.Inconclusive.String(), Kind: Verdict, Says: "a server answered, but the question was not fully answered; this is no soft closed: the reason says what stands in the way, and what to do about it"},
	{Word: probe.Closed.String(), Kind: Verdict, Says: "every vector that applies reached the question whether the server relays, and was refused"},
	{Word: probe.Unreachable.String(), Kind: Verdict, Says: "no SMTP service answered; the stage and the reason say how far the connection came"},

	{Word: probe.Rcpt.String(), Kind: Proof, Says: "the recipient was accepted (2xx to RCPT)"},
	{Word: probe.Data.String(), Kind: Proof, Says: "the recipient was accepted and the message invited; there the test hung up, and nothing was sent (354 to DATA)"},
	{Word: probe.Delivered.String(), Kind: Proof, Says: "a message of the test came out at the other end (--proof deliver)"},
}

var ofTraits = []Entry{
	{Word: string(probe.TraitVantageTrusted), Kind: Trait, Says: "may be open only to addresses like the one you tested from; repeat from outside or with --source"},
	{Word: string(probe.TraitIntercepted), Kind: Trait, Says: "may not be what answered: a machine on the way seems to answer port 25 for every address",
		WayOut: "The verdict is about what answered. Hotels, providers and clouds do this to port 25. Test from another network, or on another port: 465 or 587."},
	{Word: string(probe.TraitAcceptsEverything), Kind: Trait, Says: "accepts any recipient at all, as a test sink or a honeypot does: not proven to relay"},
	{Word: string(probe.TraitNotDelivered), Kind: Trait, Says: "took our message, and it has not come out: not proven to relay"},
	{Word: string(probe.TraitNotSent), Kind: Trait, Says: "was sent no message in the name of a domain that only the server itself calls its own",
		WayOut: "The domain may be somebody else's, who would get the bounce. Name it with --local-domain where it is yours, and test again."},
	{Word: string(probe.TraitBackscatter), Kind: Trait, Says: "accepts mail for users that do not exist, and so will bounce it to strangers"},
	{Word: string(probe.TraitIdentityLost), Kind: Trait, Says: "sees another address than ours: a NAT or proxy stands in front of it", WayOut: fixes.HiddenClients.Cause, Page: fixes.HiddenClients.Text()},
	{Word: string(probe.TraitXCLIENTOffered), Kind: Trait, Says: "lets us claim to be another client (XCLIENT)"},
	{Word: string(probe.TraitTarpit), Kind: Trait, Says: "answers slowly", Minor: true},
	{Word: string(probe.TraitSTARTTLS), Kind: Trait, Says: "offers STARTTLS", Minor: true},
}

var ofStandings = []Entry{
	{Word: string(probe.AsExpected), Kind: Standing, Says: "is what it is expected to be"},
	{Word: string(probe.Better), Kind: Standing, Says: "is closed, and worse was expected", WayOut: "Take the expectation out: while it stands, nobody is told if the server opens again."},
	{Word: string(probe.Worse), Kind: Standing, Says: "is open to a vector that nobody expects, or answers where nothing is expected to", WayOut: "Mend it. If it is known and may stay so, expect it: open VECTOR until DATE because WHY, or closed."},
	{Word: string(probe.Untold), Kind: Standing, Says: "is inconclusive or unreachable, and that is not expected", WayOut: "The reason says what to do. If it is known and may stay so, expect it: unreachable, or inconclusive REASON."},
}

var ofDialogues = []Entry{
	{Word: string(probe.OutcomeAccepted), Kind: Outcome, Says: "the server agreed to take the stranger's mail"},
	{Word: string(probe.OutcomeRefused), Kind: Outcome, Says: "the server refused, and the refusal was about relaying, or about what the vector is"},
	{Word: string(probe.OutcomeUnanswered), Kind: Outcome, Says: "no reply was about relaying; the reason says what the replies were about"},
	{Word: string(probe.OutcomeSkipped), Kind: Outcome, Says: "the vector does not apply to this server; coverage says why"},
	{Word: string(probe.OutcomeFailed), Kind: Outcome, Says: "of a login: it could not be made, or broke off; nothing was refused"},

	{Word: string(probe.StageDNS), Kind: Stage, Says: "the look-up of the name"},
	{Word: string(probe.StageConnect), Kind: Stage, Says: "the TCP connection"},
	{Word: string(probe.StageTLS), Kind: Stage, Says: "the TLS handshake, of STARTTLS or on a port that begins with TLS"},
	{Word: string(phrasebook.Banner), Kind: Stage, Says: "the greeting"},
	{Word: string(phrasebook.Helo), Kind: Stage, Says: "the reply to EHLO or HELO, or to what a vector claims right after it"},
	{Word: string(probe.StageAuth), Kind: Stage, Says: "logging in (RFC 4954)"},
	{Word: string(phrasebook.Mail), Kind: Stage, Says: "the reply to MAIL FROM"},
	{Word: string(phrasebook.Rcpt), Kind: Stage, Says: "the reply to RCPT TO"},
	{Word: string(phrasebook.DataCmd), Kind: Stage, Says: "the reply to DATA, or to the message"},
	{Word: string(phrasebook.Unknown), Kind: Stage, Says: "of a reply that was pasted: nobody said what it was an answer to"},
}

var ofTests = []Entry{
	{Word: string(probe.Core), Kind: Class, Says: "in every profile, and asked again after STARTTLS"},
	{Word: string(probe.Standard), Kind: Class, Says: "asked by default"},
	{Word: string(probe.Historic), Kind: Class, Says: "only servers of the last century honoured it; --profile thorough asks it"},
	{Word: string(probe.Intrusive), Kind: Class, Says: "claims to be somebody else; only --intrusive asks it"},

	{Word: string(probe.Plain), Kind: Via, Says: "in clear"},
	{Word: string(probe.StartTLS), Kind: Via, Says: "after STARTTLS (RFC 3207)"},
	{Word: string(probe.TLSFirst), Kind: Via, Says: "on a port that begins with TLS (RFC 8314)"},

	{Word: string(probe.Loopback), Kind: Vantage, Says: "tested from 127.0.0.0/8 or ::1, which servers trust"},
	{Word: string(probe.SameHost), Kind: Vantage, Says: "tested from the server's own address, which servers trust"},
	{Word: string(probe.Private), Kind: Vantage, Says: "tested from an address that is not public, of a private network or behind a carrier's NAT: servers often trust those"},
	{Word: string(probe.Public), Kind: Vantage, Says: "tested from a public address, as a stranger would"},
}

var ofBlockLists = []Entry{
	{Word: string(dnsbl.Listed), Kind: Status, Says: "the list has it"},
	{Word: string(dnsbl.Clean), Kind: Status, Says: "the list works, and does not have it"},
	{Word: string(dnsbl.NotChecked), Kind: Status, Says: "the list gave no answer that can be believed; the problem says why"},

	{Word: string(dnsbl.Accusation), Kind: Listing, Says: "spam, malware or an open relay was seen coming from there"},
	{Word: string(dnsbl.Network), Kind: Listing, Says: "that was seen in the network around it; the address itself is not accused"},
	{Word: string(dnsbl.Policy), Kind: Listing, Says: "such an address should not send mail directly; nobody is accused"},
}

var ofBounces = []Entry{
	{Word: string(bounce.Failed), Kind: Bounce, Says: "the message will not arrive"},
	{Word: string(bounce.Delayed), Kind: Bounce, Says: "a server is still trying"},
	{Word: string(bounce.Delivered), Kind: Bounce, Says: "a success was reported (RFC 3464 2.3.3)"},
	{Word: string(bounce.NotABounce), Kind: Bounce, Says: "ordinary mail, a vacation answer, a read receipt"},

	{Word: string(bounce.Ours), Kind: Origin, Says: "by its header the message that came back left from one of our hosts"},
	{Word: string(bounce.Elsewhere), Kind: Origin, Says: "the message that came back was never at one of our hosts: its sender was forged, unless one of us sends through somebody else's server"},
}

// meanings are those of the phrasebook.
func meanings() (rows []Entry) {
	for _, m := range phrasebook.Meanings {
		rows = append(rows, Entry{Word: string(m.Meaning), Kind: Meaning, Says: strings.TrimSuffix(m.About, ".")})
	}
	return rows
}

// problems are those that block lists have with us, and we with them.
func problems() (rows []Entry) {
	for _, p := range dnsbl.Problems {
		wayOut := p.WayOut // which stands behind a semicolon in a record
		if wayOut != "" {
			wayOut = strings.ToUpper(wayOut[:1]) + wayOut[1:] + "."
		}
		rows = append(rows, Entry{Word: string(p.Problem), Kind: Problem, Says: p.Words, WayOut: wayOut})
	}
	return rows
}

// subjects are what bounces are about, each once.
func subjects() (rows []Entry) {
	seen := map[string]bool{}
	for _, s := range bounce.Subjects {
		if !seen[s.ID] {
			rows = append(rows, Entry{Word: s.ID, Kind: Subject, Says: "about " + s.About, WayOut: s.WayOut})
		}
		seen[s.ID] = true
	}
	return rows
}

// ofChanges are what `openrelay diff` tells.
func ofChanges() (rows []Entry) {
	for _, k := range changes.Kinds {
		rows = append(rows, Entry{Word: string(k.Kind), Kind: Change, Says: k.About})
	}
	return rows
}

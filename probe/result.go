package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"openrelay/probe/dialogue"
	"openrelay/probe/dnsbl"
	"openrelay/probe/netaddr"
	"openrelay/probe/phrasebook"
)

// A record says first what it is, for files of several kinds look alike.
const (
	ResultType   = "result"   // a Result
	DeliveryType = "delivery" // an Arrival
)

// Schema is the number of the record's format; fields are only ever added under one number.
const Schema = 1

// Verdict is what a probe says about a server. The order matters: the worst finding wins, so
// verdicts of one server are compared with max. The zero Verdict is Inconclusive.
type Verdict int

// The verdicts, from best to worst news.
const (
	Unreachable  Verdict = iota - 2 // no SMTP service answered
	Closed                          // every vector that applies was refused
	Inconclusive                    // a server answered, but the question was not fully answered
	Open                            // a vector was accepted
)

// Verdicts lists every verdict, worst news first.
var Verdicts = []Verdict{Open, Inconclusive, Closed, Unreachable}

var verdictNames = map[Verdict]string{
	Open: "open", Inconclusive: "inconclusive", Closed: "closed", Unreachable: "unreachable",
}

func (v Verdict) String() string { return verdictNames[v] }

// MarshalText writes the verdict's name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads a verdict's name.
func (v *Verdict) UnmarshalText(text []byte) error {
	for verdict, name := range verdictNames {
		if name == string(text) {
			*v = verdict
			return nil
		}
	}
	return fmt.Errorf("unknown verdict %q", text)
}

// Proof says how far an accepted vector went. Compare with max: Rcpt < Data < Delivered.
type Proof int

// The proofs.
const (
	NoProof   Proof = iota
	Rcpt            // 2xx to RCPT
	Data            // 354 to DATA, and we hung up: nothing was sent
	Delivered       // our message came out at the other end
)

var proofNames = []string{"", "rcpt", "data", "delivered"}

func (p Proof) String() string { return proofNames[p] }

// MarshalText writes the proof's name.
func (p Proof) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a proof's name.
func (p *Proof) UnmarshalText(text []byte) error {
	for i, name := range proofNames {
		if name == string(text) {
			*p = Proof(i)
			return nil
		}
	}
	return fmt.Errorf("unknown proof %q", text)
}

// Reason is the one word behind a verdict. The list is closed; for an open server the reason is the
// id of the vector that was accepted.
type Reason string

// Reasons of unreachable: no SMTP service answered.
const (
	ReasonDNS         Reason = "dns"           // the name has no address
	ReasonRefused     Reason = "refused"       // the port refused the connection; also of closed, see below
	ReasonTimeout     Reason = "timeout"       // nothing answered the connection attempt
	ReasonNoRouteHere Reason = "no-route-here" // this machine cannot reach that network
	ReasonNoBanner    Reason = "no-banner"     // connected, but no greeting came
	ReasonClosedEarly Reason = "closed-early"  // connected, closed before a greeting
	ReasonReset       Reason = "reset"         // connected, reset before a greeting
	ReasonNotSMTP     Reason = "not-smtp"      // something answered, in another protocol
	ReasonTLSFailed   Reason = "tls-failed"    // the TLS handshake failed on a port that begins with TLS
)

// Reasons of inconclusive: a server answered, but not the question.
const (
	ReasonGreylisted              Reason = "greylisted"                // every newcomer is put off, and we came back as often as --retry-for allows
	ReasonClientBlocked           Reason = "client-blocked"            // the refusal is about our address: a list, its name, its reputation
	ReasonRateLimited             Reason = "rate-limited"              // the server counted too much, from us or in all
	ReasonTLSUnavailable          Reason = "tls-unavailable"           // TLS is offered or demanded, and we got no session of it
	ReasonHeloRejected            Reason = "helo-rejected"             // our name is refused, and so is our address in its place
	ReasonSenderRejected          Reason = "sender-rejected"           // every sender we have is refused, before a recipient is looked at
	ReasonRecipientDomainRejected Reason = "recipient-domain-rejected" // every foreign domain we have is refused for itself
	ReasonServiceRefused          Reason = "service-refused"           // greeted with a refusal of all service
	ReasonCutOff                  Reason = "cut-off"                   // hung up, or said what is no SMTP, at the same question again and again
	ReasonBannedMidway            Reason = "banned-midway"             // answered at first, and then no more, or to nobody
	ReasonAnswersDiffer           Reason = "answers-differ"            // accepted once, and refused when it was asked again and again
	ReasonTemporary               Reason = "temporary"                 // put off without a word on why, as often as --retry-for allows
	ReasonSlow                    Reason = "slow"                      // the time for one reply, or for the target, was up
	ReasonSuspectFormAccepted     Reason = "suspect-form-accepted"     // a form that may be a local mailbox was accepted, and so may every local name be
	ReasonXCLIENTOffered          Reason = "xclient-offered"           // closed, but we may use XCLIENT and did not
	ReasonUnclear                 Reason = "unclear"                   // refused in words that nobody knows, and the controls do not tell why
)

// Reasons of closed: how the server words its refusal. Refused, without a word on why, is shared
// with unreachable; the verdict beside it tells which is meant.
const (
	ReasonRelayDenied      Reason = "relay-denied"      // the server says that it does not relay
	ReasonAuthRequired     Reason = "auth-required"     // it relays for those who log in
	ReasonRecipientUnknown Reason = "recipient-unknown" // it looked for a mailbox of that name, and has none
)

// Outcome is what one vector came to.
type Outcome string

// The outcomes.
const (
	OutcomeAccepted   Outcome = "accepted"
	OutcomeRefused    Outcome = "refused"
	OutcomeUnanswered Outcome = "unanswered"
	OutcomeSkipped    Outcome = "skipped"
	OutcomeFailed     Outcome = "failed" // of a login that could not be made, or broke off: nothing was refused
)

// Result is everything one probe learned: the record that every report is made from.
type Result struct {
	Type       string              `json:"type"`                 // what the record is: "result"
	Schema     int                 `json:"schema"`               // the number of this format
	Scan       *Scan               `json:"scan,omitempty"`       // the run it belongs to
	Target     string              `json:"target"`               // address and port: "192.0.2.1:25" or "[2001:db8::1]:25"; "name:25" where the name has no address
	Name       string              `json:"name,omitempty"`       // the host name that led to the address; empty where an address was given
	Domain     string              `json:"domain,omitempty"`     // the domain whose mail host it was tested as (mx:example.org)
	Named      bool                `json:"named"`                // the user named it; false for an address out of a range
	Optional   bool                `json:"optional,omitempty"`   // a port of the default list, not one the user asked for
	Origin     string              `json:"origin,omitempty"`     // the file and line where the target is written down: "targets.txt:12"
	Verdict    Verdict             `json:"verdict"`              // what was found out
	Proof      Proof               `json:"proof,omitempty"`      // how far an open server went; empty for any other verdict
	Reason     Reason              `json:"reason"`               // the one word behind the verdict; for an open server the id of the vector it rests on
	Stage      Stage               `json:"stage,omitempty"`      // the step where it ended, if the question was not answered
	Detail     string              `json:"detail,omitempty"`     // the reason in a sentence, with what is known of this case
	Traits     []Trait             `json:"traits,omitempty"`     // what is worth knowing beside the verdict
	Server     Server              `json:"server"`               // what the server said of itself
	Findings   []Finding           `json:"findings,omitempty"`   // what each vector came to; one entry for each way of asking. Empty where the server was asked nothing
	Coverage   Coverage            `json:"coverage"`             // how many vectors were asked and answered
	Vantage    Vantage             `json:"vantage"`              // where the test came from
	Listings   []dnsbl.Listing     `json:"listings,omitempty"`   // the block lists that have the address; only with --blocklists
	Deliveries []Delivery          `json:"deliveries,omitempty"` // the test messages that came out at the other end; only with --proof deliver
	Login      *Login              `json:"login,omitempty"`      // the login with a real account; only with --auth
	Expected   *Expected           `json:"expected,omitempty"`   // what is expected of the server, where somebody said so, and how what was found compares
	Started    time.Time           `json:"started"`              // when the test began, in UTC
	TookMS     int64               `json:"took_ms"`              // how long it took, in milliseconds
	Transcript dialogue.Transcript `json:"transcript,omitempty"` // the dialogue, where no finding holds it: the server never got as far as a vector
}

// NewResult is the result of a target of which nothing is known yet.
func NewResult(t Target, started time.Time) *Result {
	return &Result{
		Type: ResultType, Schema: Schema, Target: t.String(), Name: t.Name, Domain: t.Domain, Named: t.Named, Optional: t.Optional,
		Origin: t.Origin, Started: started.UTC(),
	}
}

// MayBeAbsent reports whether a result looks as a port does that a server does not offer: the user did not
// ask for this port, nor expects that it answers, and it refused the connection, or a firewall in front of it was silent.
func (r *Result) MayBeAbsent() bool {
	if !r.Named || !r.Optional || r.Verdict != Unreachable || r.Expected != nil && r.Expected.Found == Untold {
		return false
	}
	return r.Reason == ReasonRefused || r.Reason == ReasonTimeout && r.Stage == StageConnect
}

// Scan names the run a result belongs to.
type Scan struct {
	ID                string   `json:"id"`                           // a random name, the same in all results of one run
	Spec              string   `json:"spec,omitempty"`               // a hash of the flags that decide what is asked; --resume compares it
	Version           string   `json:"version"`                      // the version of openrelay
	Authorized        string   `json:"authorized,omitempty"`         // who authorised the scan, as the user stated it
	Scope             string   `json:"scope,omitempty"`              // the first 12 hexadecimal digits of the SHA-256 of the scope file
	ExcludeFiles      []string `json:"exclude_files,omitempty"`      // the exclude files that were read, the standing ones and those of --exclude-file
	ExcludeUnresolved []string `json:"exclude_unresolved,omitempty"` // excluded names whose addresses nobody knew (--exclude-unresolved)
}

// Stage is a step of the way to the relay question.
type Stage = phrasebook.Stage

// Stages before the dialogue, beside those a reply can come at.
const (
	StageDNS     Stage = "dns"
	StageConnect Stage = "connect"
	StageTLS     Stage = "tls"
	StageAuth    Stage = "auth" // logging in (RFC 4954)
)

// Trait is something worth knowing beside the verdict, with what shows it.
type Trait struct {
	Name     TraitName `json:"name"`     // the word for it
	Evidence string    `json:"evidence"` // what shows it, in a sentence. May hold words of the server: hostile
}

// TraitName is the word for a trait.
type TraitName string

// The traits.
const (
	TraitVantageTrusted    TraitName = "vantage-trusted"    // open, and tested from where servers may trust
	TraitIntercepted       TraitName = "intercepted"        // a machine on the way answers for the server
	TraitAcceptsEverything TraitName = "accepts-everything" // every recipient, even where there can be none
	TraitNotDelivered      TraitName = "not-delivered"      // took a message of ours that did not come out
	TraitNotSent           TraitName = "not-sent"           // accepts what names a domain that nobody but itself calls its own, so no message of ours was sent
	TraitBackscatter       TraitName = "backscatter"        // accepts unknown users of its own
	TraitIdentityLost      TraitName = "identity-lost"      // sees another address than ours
	TraitXCLIENTOffered    TraitName = "xclient-offered"    // EHLO lists XCLIENT to us
	TraitTarpit            TraitName = "tarpit"             // replies take over 2 s
	TraitSTARTTLS          TraitName = "starttls"           // EHLO lists STARTTLS
)

// Server is what the server said of itself. All strings are hostile.
type Server struct {
	Banner string   `json:"banner,omitempty"` // the greeting, without its code, lines joined by a newline
	EHLO   []string `json:"ehlo,omitempty"`   // the lines of its reply to EHLO, without their codes
	MTA    string   `json:"mta,omitempty"`    // the program, as far as it was recognised: "Postfix"
	MTABy  MTABy    `json:"mta_by,omitempty"` // what that name rests on
	TLS    *TLS     `json:"tls,omitempty"`    // the first TLS session there was
}

// MTABy is what the name of a program rests on.
type MTABy string

// What it may rest on.
const (
	ByGreeting MTABy = "greeting" // its greeting, or its reply to EHLO
	ByReply    MTABy = "reply"    // words of its replies that are no other server's
	Told       MTABy = "told"     // the user said so
)

// TLS describes an encrypted session. A bad certificate never stops a relay test.
type TLS struct {
	Version string `json:"version"`        // the protocol: "TLS 1.3"
	Cipher  string `json:"cipher"`         // the cipher suite, by its IANA name
	Cert    *Cert  `json:"cert,omitempty"` // the certificate of the server itself, not those of its issuers
}

// Cert is the certificate a server showed. Any text of it that is over 1 KiB is cut off, and ends with "…".
type Cert struct {
	Subject     string    `json:"subject"`                // whom it names
	Issuer      string    `json:"issuer"`                 // who signed it
	NotAfter    time.Time `json:"not_after"`              // when it expires
	VerifyError string    `json:"verify_error,omitempty"` // why it cannot be verified; empty where it can
}

// Finding is what one vector came to, over one way of asking.
type Finding struct {
	Vector     string              `json:"vector"`               // the id of the vector
	Via        Via                 `json:"via"`                  // how the session ran
	From       string              `json:"from"`                 // the exact argument of MAIL FROM
	To         string              `json:"to"`                   // the exact argument of RCPT TO
	Outcome    Outcome             `json:"outcome"`              // what it came to
	Deciding   bool                `json:"deciding,omitempty"`   // the verdict rests on this finding
	Unproven   bool                `json:"unproven,omitempty"`   // it was accepted in a form that may be the name of a local mailbox here, and is no proof of an open relay
	Proof      Proof               `json:"proof,omitempty"`      // how far it went; empty unless it was accepted
	Token      string              `json:"token,omitempty"`      // the serial number of the test message that was handed over
	Meaning    phrasebook.Meaning  `json:"meaning,omitempty"`    // what the deciding reply means
	Stage      Stage               `json:"stage,omitempty"`      // the step at which that reply came
	Reply      string              `json:"reply,omitempty"`      // that reply, lines joined by a newline. Hostile
	Transcript dialogue.Transcript `json:"transcript,omitempty"` // the dialogue of what was accepted, unanswered or deciding; with --evidence all of every finding. Over 8 KiB its middle is left out
	Cause      string              `json:"cause,omitempty"`      // why the server accepts it, as far as that can be told, or why there is no answer
	Fix        string              `json:"fix,omitempty"`        // what to do about it, with configuration lines for the program that was recognised; a fix that findings share is written out with the deciding one, else the first
}

// Proves reports whether one of the result's findings shows an open relay. Of records that are older than Unproven,
// those of servers that are not open hold nothing that does.
func (r *Result) Proves(f *Finding) bool {
	return r.Verdict == Open && f.Outcome == OutcomeAccepted && !f.Unproven
}

// OpenTo returns the vectors that an open server accepted, sorted: those of the findings that prove it, else the one
// that the verdict rests on. It is nil for any other server.
func (r *Result) OpenTo() (vectors []string) {
	for i := range r.Findings {
		if r.Proves(&r.Findings[i]) {
			vectors = append(vectors, r.Findings[i].Vector)
		}
	}
	if r.Verdict == Open && len(vectors) == 0 {
		vectors = append(vectors, string(r.Reason))
	}
	slices.Sort(vectors)
	return slices.Compact(vectors)
}

// Delivery is one message of ours that came out at the other end.
type Delivery struct {
	Token     string    `json:"token,omitempty"`      // the serial number of the message
	Vector    string    `json:"vector"`               // the vector that it was handed over by
	Via       Via       `json:"via"`                  // how that session ran
	Relay     string    `json:"relay"`                // the address that brought it to the catcher
	MultiHop  bool      `json:"multi_hop,omitempty"`  // that address is not the one that was tested: another server is between
	Helo      string    `json:"helo,omitempty"`       // what that relay called itself. Hostile
	TLS       string    `json:"tls,omitempty"`        // the TLS version it came over: "TLS 1.3"; empty for none
	Received  []string  `json:"received,omitempty"`   // its Received fields, newest first. Hostile
	SawClient string    `json:"saw_client,omitempty"` // the address that the tested server took for ours, by its own Received field
	At        time.Time `json:"at"`                   // when the catcher had it
	DelayMS   int64     `json:"delay_ms"`             // how long after it was handed over, in milliseconds
}

// Login is what came of logging in with a real account, and asking for a recipient elsewhere: the positive
// control. No message is sent.
type Login struct {
	User    string             `json:"user"`              // the account
	Outcome Outcome            `json:"outcome"`           // accepted, refused, failed (it could not be tried to the end) or skipped
	Stage   Stage              `json:"stage,omitempty"`   // where it ended, unless accepted
	Reply   string             `json:"reply,omitempty"`   // the codes of the reply that refused it; its text is left out, since it may repeat the password
	Meaning phrasebook.Meaning `json:"meaning,omitempty"` // what that reply means, at MAIL and RCPT
	Detail  string             `json:"detail,omitempty"`  // why, in a sentence of ours
}

// Vantage is where the test came from: a server may trust that address.
type Vantage struct {
	Source string      `json:"source,omitempty"` // our address on the connection
	Kind   VantageKind `json:"kind,omitempty"`   // how far from the server that is
	// Block lists that have our address, where --blocklists asked: they may explain refusals, and are
	// never part of the verdict.
	Listings []dnsbl.Listing `json:"listings,omitempty"`
}

// VantageKind says how far from the target we stood.
type VantageKind string

// The kinds of vantage.
const (
	Loopback VantageKind = "loopback"  // 127.0.0.0/8 or ::1
	SameHost VantageKind = "same-host" // the target's own address
	Private  VantageKind = "private"   // any other that is not public: of a network of its own, or a carrier's (RFC 6598)
	Public   VantageKind = "public"    // by the registries of IANA
)

// Hidden reports whether the address that a server saw in place of ours shows that something before it,
// NAT or a proxy, hides its clients from it: it is neither ours nor the server's. A public one, where
// ours is not, is only our own network's address translation.
func (v Vantage) Hidden(saw, server netip.Addr) bool {
	saw, server = saw.Unmap(), server.Unmap()
	if v.Source == "" || saw.String() == v.Source || saw == server {
		return false
	}
	return v.Kind == Public || !netaddr.Public(saw)
}

// Target is one address and port to test.
type Target struct {
	Addr     netip.AddrPort // zero where the name has no address: see DNSError
	Port     uint16         // of a name without an address
	Name     string         // the host name the user gave, or an mx: domain's mail host; "" for a bare address
	Domain   string         // the domain whose mail it takes, as far as the user said (mx:example.org)
	Named    bool           // the user named it: not an address out of a CIDR, a range or a large list
	Optional bool           // a port of the default list: that it is not offered is no failure
	DNSError string         // why the name has no address
	Origin   string         // where the target is written down, file and line: "targets.txt:12"; "" on the command line
	Local    *Local         // what is known of this target alone; nil for nothing
}

// Local is what the user said of one target: what the flags --local-domain and --local-user say of all.
type Local struct {
	Domains []string // it takes mail for
	Users   []string // it has, "user" or "user@domain"
}

// String writes the address and port; the name and port where there is no address.
func (t Target) String() string {
	if !t.Addr.IsValid() {
		return fmt.Sprintf("%s:%d", t.Name, t.Port)
	}
	return t.Addr.String()
}

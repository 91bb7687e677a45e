package probe

import (
	"fmt"
	"slices"
	"strings"
)

// Vector is one way to ask a server to relay: a sender and a recipient, and what it means when a
// server agrees. Its id is public and never changes.
type Vector struct {
	ID    string
	Title string
	// From and To are the exact arguments of MAIL FROM and RCPT TO, angle brackets included. Words in
	// braces are filled in for each target: see [Placeholders]. A vector with a
	// name that nobody knows does not apply and is skipped.
	From, To string
	First    string // a recipient of the server's own that must be accepted before, or ""
	Setup    Setup  // what the session does before; the zero one nothing of its own
	Class    Class
	// Suspect marks a recipient that may be the name of a local mailbox: that it is accepted means
	// nothing by itself.
	Suspect bool
	// Risky marks a form that strict servers answer with a syntax error, which they count.
	Risky bool
	Why   string // how a server comes to accept it
	Fix   string // what to change
	RFC   string
}

// Setup is what a session does before a vector is asked on it, as data that the engine interprets. The zero
// Setup is a session as any client begins it. Vectors that share a Setup, and the name it gives us, share
// connections.
type Setup struct {
	Verb  string // greet with it, "HELO", in place of EHLO
	Helo  string // the name to introduce us by, as a template, where it is not our own
	Needs string // the extension that must be offered, with a parameter if that matters: "AUTH ANONYMOUS"
	// Claim is what that extension is told, as a template: the name to log in as and the password, or the
	// attributes of XCLIENT.
	Claim string
	Proxy int // the version of a PROXY header that says we are the server itself; 0 for none
}

// String is what the session does, as a reader of tables finds it; "" for the zero Setup.
func (u Setup) String() string {
	switch {
	case u.Verb != "":
		return u.Verb + " in place of EHLO"
	case u.Helo != "":
		return "EHLO " + u.Helo
	case u.Proxy != 0:
		return fmt.Sprintf("PROXY header, version %d, from a loopback address", u.Proxy)
	case u.Claim != "":
		return u.Needs + " " + u.Claim
	}
	return ""
}

// Before is what comes before the question: what the session does, or the recipient that must be accepted; ""
// for nothing.
func (v *Vector) Before() string {
	if v.First != "" {
		return "RCPT TO:" + v.First
	}
	return v.Setup.String()
}

// Dialogue is the question as commands, what the session does before among them.
func (v *Vector) Dialogue() []string {
	mail, rcpt := "MAIL FROM:"+v.From, "RCPT TO:"+v.To
	switch {
	case v.First != "":
		return []string{mail, v.Before(), rcpt}
	case v.Before() != "":
		return []string{v.Before(), mail, rcpt}
	}
	return []string{mail, rcpt}
}

// Class says when a vector is tried.
type Class string

// The classes.
const (
	Core      Class = "core"      // in every profile, and again after STARTTLS
	Standard  Class = "standard"  // by default
	Historic  Class = "historic"  // only servers of the last century honoured it
	Intrusive Class = "intrusive" // claims to be somebody else: only when asked
)

// Via is how a session ran: not a vector, but every vector is asked some way.
type Via string

// The ways.
const (
	Plain    Via = "plain"    // in clear
	StartTLS Via = "starttls" // after STARTTLS
	TLSFirst Via = "tls"      // TLS from the first byte
)

// Profile is a named choice of vectors. Intrusive rows are in none: they are added.
type Profile struct {
	Name    string
	About   string
	Classes []Class
}

// Profiles lists the profiles, quickest first.
var Profiles = []Profile{
	{"quick", "the six vectors that find most open relays, in one session", []Class{Core}},
	{"standard", "every vector that today's servers may honour", []Class{Core, Standard}},
	{"thorough", "historic forms too", []Class{Core, Standard, Historic}},
}

// Select returns the vectors of a profile, in the order of the table, with the intrusive ones if asked.
func Select(profile string, intrusive bool) ([]Vector, error) {
	i := slices.IndexFunc(Profiles, func(p Profile) bool { return p.Name == profile })
	if i < 0 {
		return nil, fmt.Errorf("unknown profile %q", profile)
	}
	var chosen []Vector
	for _, v := range Vectors {
		if slices.Contains(Profiles[i].Classes, v.Class) || intrusive && v.Class == Intrusive {
			chosen = append(chosen, v)
		}
	}
	return chosen, nil
}

// Find returns the row with an id.
func Find(id string) (v Vector, ok bool) {
	i := slices.IndexFunc(Vectors, func(v Vector) bool { return v.ID == id })
	if i < 0 {
		return Vector{}, false
	}
	return Vectors[i], true
}

// SenderIsPoint reports whether the sender is what the vector is about, so that a server that
// refuses the sender has refused the vector.
func (v *Vector) SenderIsPoint() bool { return !names(v.From, Foreign) }

// FormIsPoint reports whether the recipient's form is what the vector is about, so that a server
// that finds fault with the form has refused the vector.
func (v *Vector) FormIsPoint() bool { return v.To != "<{rcpt}@{to}>" && !v.StandsForTLD() }

// Form is the recipient without the name of the server's own behind the last @, if it has one: what percent-own-domain,
// percent-own-host and percent-bare have in common. A server that follows one of them may follow the others.
func (v *Vector) Form() string {
	form := strings.Trim(v.To, "<>")
	for _, own := range Words(Own) {
		form = strings.TrimSuffix(form, "@{"+own+"}")
	}
	return form
}

// EndsAbroad reports whether the recipient ends in a foreign domain, whatever its form, so that a server may
// find fault with that one.
func (v *Vector) EndsAbroad() bool {
	domain := strings.TrimRight(v.To[strings.LastIndexByte(v.To, '@')+1:], ".>")
	return slices.ContainsFunc(Placeholders, func(p Placeholder) bool {
		return (p.Kind == Foreign || p.Kind == TopLevel) && domain == "{"+p.Word+"}"
	})
}

// HeloIsPoint reports whether the name we give ourselves is what the vector is about.
func (v *Vector) HeloIsPoint() bool { return v.Setup.Helo != "" }

// StandsForTLD reports whether the recipient is in a domain that stands for its top level only.
func (v *Vector) StandsForTLD() bool { return names(v.To, TopLevel) }

// ClaimsOwnName reports whether the vector claims a name of the server's own for its sender or for us. These rows are
// asked right behind the core, since a slow server may leave no time for the others.
func (v *Vector) ClaimsOwnName() bool { return names(v.From, Own) || names(v.Setup.Helo, Own) }

// Claims reports whether the vector says that we are somebody else, or logs in: then the address that
// the server sees is not what it goes by.
func (v *Vector) Claims() bool {
	return v.Setup.Claim != "" || v.Setup.Proxy != 0
}

package targets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"

	"openrelay/probe/netaddr"
)

// Scope is what the owner of mail servers agreed to have tested. No scan with a Scope goes beyond it.
type Scope struct {
	File   string
	Owner  string    // who agreed
	Ticket string    // where that is on record
	End    time.Time // from when on it holds no more; zero = it has no end
	Hash   string    // of the file: the first 12 hexadecimal digits of its SHA-256

	addrs *netipx.IPSet
	names []string // folded; "*.example.org" is example.org with every name below it
}

// ScopeForm is how a scope file is written, for the help.
const ScopeForm = `owner: Ada Admin, Example Ltd.
ticket: CHG-1234
not-after: 2026-12-31      # the last day, in UTC; may be left out
192.0.2.0/24               # addresses, CIDRs and ranges
mail.example.net           # a host, whatever its address
*.example.org              # example.org and every name below it
`

const (
	scopeHint = "openrelay scan --help" // which shows what it holds
	maxScope  = 1 << 20                 // bytes of a scope file
)

// ReadScope reads a scope file. An error is an *Error.
func ReadScope(path string) (*Scope, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{Msg: err.Error(), Try: scopeHint}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxScope+1))
	switch {
	case err != nil:
		return nil, &Error{Msg: err.Error(), Try: scopeHint}
	case len(text) > maxScope:
		return nil, &Error{Where: path, Msg: "is too long for a scope file", Try: scopeHint}
	}
	return parseScope(path, string(text))
}

func parseScope(path, text string) (*Scope, error) {
	sum := sha256.Sum256([]byte(text))
	s := &Scope{File: path, Hash: hex.EncodeToString(sum[:6])}
	var addrs netipx.IPSetBuilder
	entries, n := 0, 0
	var seen evidence
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		w := word{text: strings.TrimSpace(line), where: fmt.Sprintf("%s:%d", path, n)}
		if known, err := s.statement(w); known || err != nil {
			if err != nil {
				return nil, err
			}
			seen = evidence{file: w.file(), sure: true}
			continue
		}
		entry, _, _ := strings.Cut(w.text, "#")
		if w.text = strings.TrimSpace(entry); w.text == "" {
			continue
		}
		entries++
		r, name, err := w.scopeEntry()
		switch {
		case err != nil:
			return nil, seen.say(err, w, scopeHint)
		case name != "":
			s.names = append(s.names, name)
		default:
			addrs.AddRange(r)
		}
		seen.saw(w)
	}
	s.addrs = built(&addrs)
	return s, s.complete(entries)
}

// statement reads a line that says who agreed, and until when. Only of the date a comment is cut off: a
// ticket may well be #1234.
func (s *Scope) statement(w word) (known bool, err error) {
	key, value, found := strings.Cut(w.text, ":")
	value = strings.TrimSpace(value)
	field := map[string]*string{"owner": &s.Owner, "ticket": &s.Ticket}[strings.ToLower(key)]
	switch {
	case !found:
		return false, nil
	case field != nil && !says(value):
		return true, w.errorf(scopeHint, "%q says nothing", w.text)
	case field != nil && *field != "":
		return true, w.errorf(scopeHint, "a second %q", key+":")
	case field != nil:
		*field = value
		return true, nil
	case !strings.EqualFold(key, "not-after"):
		return false, nil
	case !s.End.IsZero():
		return true, w.errorf(scopeHint, "a second %q", key+":")
	}
	value, _, _ = strings.Cut(value, "#")
	last, err := time.Parse(time.DateOnly, strings.TrimSpace(value))
	if err != nil {
		return true, w.errorf(scopeHint, "%q is not a day as 2026-12-31 is one", strings.TrimSpace(value))
	}
	s.End = last.AddDate(0, 0, 1)
	return true, nil
}

// scopeEntry reads addresses, or a name.
func (w word) scopeEntry() (r netipx.IPRange, name string, err error) {
	name, all := strings.CutPrefix(w.text, "*.")
	_, noName := netaddr.ASCII(name)
	if all && noName == nil {
		return r, "*." + fold(name), nil
	}
	if key, value, found := strings.Cut(w.text, ":"); found && (value == "" || value[0] == ' ') {
		return r, "", w.errorf(scopeHint, "unknown %q: a scope file has owner:, ticket: and not-after:", key+":")
	}
	if isMX(w.text) {
		return r, "", w.errorf(scopeHint, "%q: a scope file names hosts, as in %q", w.text, "*."+w.text[3:])
	}
	if strings.Count(w.text, ":") == 1 {
		return r, "", w.errorf(scopeHint, "%q: a scope file names no ports", w.text)
	}
	_, noAddr := netip.ParseAddr(w.text)
	if noAddr != nil && noName != nil && !strings.Contains(w.text, "/") && !isRange(w.text) {
		return r, "", w.noEntry(noName, scopeHint, "an address, a CIDR, a range, a host name or *.DOMAIN")
	}
	r, name, err = w.exclusion()
	return r, name, hinted(err, scopeHint)
}

// complete refuses a scope that leaves open who agreed, or to what.
func (s *Scope) complete(entries int) error {
	switch {
	case s.Owner == "":
		return &Error{Where: s.File, Msg: "does not say who agreed, in a line such as owner: Ada Admin, Example Ltd.", Try: scopeHint}
	case s.Ticket == "":
		return &Error{Where: s.File, Msg: "does not say where that is on record, in a line such as ticket: CHG-1234", Try: scopeHint}
	case entries == 0:
		return &Error{Where: s.File, Msg: "names nothing to test", Try: scopeHint}
	}
	return nil
}

// Authorized is who agreed, and where that is on record, as Options.Authorized has it.
func (s *Scope) Authorized() string { return s.Owner + ", " + s.Ticket }

// Ended is the error of a scope that holds no more at a time, nil for one that does, and where there is none.
func (s *Scope) Ended(now time.Time) error {
	if s == nil || s.End.IsZero() || now.Before(s.End) {
		return nil
	}
	return &Error{Where: s.File, Msg: "ended with " + s.lastDay() + " (UTC)", Try: "ask " + s.Owner + " for a scope with a later not-after:"}
}

func (s *Scope) lastDay() string { return s.End.AddDate(0, 0, -1).Format(time.DateOnly) }

// address reports whether an address was agreed upon. Without a scope none was.
func (s *Scope) address(addr netip.Addr) bool { return s != nil && s.addrs.Contains(addr.WithZone("")) }

// name reports whether a host was agreed upon by its name.
func (s *Scope) name(host string) bool {
	return slices.ContainsFunc(s.names, func(n string) bool {
		domain, below := strings.CutPrefix(n, "*.")
		return host == domain || below && strings.HasSuffix(host, "."+domain)
	})
}

// withinScope refuses what is certain to be outside before anything is looked up: addresses, and host names
// that no address could bring in. What other names lead to is known when they have been looked up.
func (p *parser) withinScope(addrs *netipx.IPSet, names []hostname) error {
	s := p.Scope
	if s == nil {
		return nil
	}
	if err := s.Ended(p.now()); err != nil {
		return err
	}
	agreed := netaddr.HostsOf(s.addrs).Addrs()
	outside := without(netaddr.EmbeddedSet(without(addrs, agreed)), agreed)
	if ranges := outside.Ranges(); len(ranges) > 0 {
		e := &Error{Msg: outsideText(outside) + " not in the scope of " + s.File, Try: "ask " + s.Owner + " to add what is missing"}
		if len(ranges) <= 3 && sizeOf(outside) < sizeOf(addrs) {
			e.Try = "openrelay scan --scope " + s.File
			for _, r := range ranges {
				e.Try += " --exclude " + rangeText(r)
			}
			e.Try += " " + p.commandLine()
		}
		return e
	}
	for _, h := range names {
		if !h.mx && !s.name(h.name) && len(s.addrs.Ranges()) == 0 {
			return &Error{Msg: fmt.Sprintf("%q is not in the scope of %s", h.name, s.File), Try: "ask " + s.Owner + " to add it"}
		}
	}
	return nil
}

// outsideText names the first of some addresses, and counts the others.
func outsideText(set *netipx.IPSet) string {
	first := set.Ranges()[0]
	n, _ := size(first)
	if more := sizeOf(set) - n; more > 0 {
		return fmt.Sprintf("%s and %d more addresses are", rangeText(first), more)
	}
	if n > 1 {
		return rangeText(first) + " are"
	}
	return rangeText(first) + " is"
}

// rangeText writes a range the shortest way that Kinds knows.
func rangeText(r netipx.IPRange) string {
	switch p, ok := r.Prefix(); {
	case r.From() == r.To():
		return r.From().String()
	case ok:
		return p.String()
	}
	return r.String()
}

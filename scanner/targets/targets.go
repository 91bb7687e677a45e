// Package targets turns what a user names into addresses to test.
//
// Parse finds every mistake a user can make before the first packet; names are looked up, and
// ranges walked, only while List.All is ranged over.
package targets

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"go4.org/netipx"
)

// Options say how targets are read and which of them are left alone. The zero Options test what is
// named on the default ports, with the system's resolver.
type Options struct {
	Ports        []uint16 // of targets named without one; nil = 25, 465 and 587, and 25 alone in ranges
	Exclude      []string // addresses, CIDRs, ranges and host names never to test
	ExcludeFiles []string // files of the same, one per line, # begins a comment
	IPv4Only     bool     // leave out IPv6 addresses
	IPv6Only     bool     // leave out IPv4 addresses
	// ExcludeUnresolved goes on where the addresses of an excluded name cannot be had: see List.Unresolved.
	ExcludeUnresolved bool
	Authorized        string // who authorised more than PublicLimit public addresses; "" = nobody
	Scope             *Scope // what may be tested, and who says so; nil = what is named

	Stdin io.Reader // what the target "-" reads; nil = nothing

	Seed   uint64 // of the order in which ranges are walked; 0 is as good as any
	Shard  int    // the part to test, 0 to Shards-1
	Shards int    // how many parts the targets are split into; 0 = 1

	Now func() time.Time // whether Scope still holds; nil = time.Now

	// The resolver and the interfaces; nil fields ask the system's.
	LookupNetIP   func(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupMX      func(ctx context.Context, domain string) ([]*net.MX, error)
	LookupAliases func(ctx context.Context, host string) ([]string, error) // see AliasesOf
	Ours          func() []netip.Prefix                                    // this machine's addresses; nil = netaddr.OfThisMachine
}

// The ports asked where the user names none: submission ports (RFC 6409, RFC 8314) belong to a mail
// host, but tripling the connections to a range finds next to nothing.
var (
	hostPorts  = []uint16{25, 465, 587}
	rangePorts = []uint16{25}
)

// Error is a target that cannot be tested, or an option that makes no sense.
type Error struct {
	Where string // "targets.txt:7", the option, or "" for a target on the command line
	Msg   string
	Try   string // a command line that would work, where there is one
}

func (e *Error) Error() string {
	if e.Where == "" {
		return e.Msg
	}
	return e.Where + ": " + e.Msg
}

// Hint says what would work instead.
func (e *Error) Hint() string { return e.Try }

// hinted is a mistake with another hint.
func hinted(err error, try string) error {
	mistake, ok := err.(*Error)
	if !ok {
		return err
	}
	return &Error{mistake.Where, mistake.Msg, try}
}

// word is one target as the user wrote it, and where.
type word struct {
	text, where string
	origin      string // where again, if that is a file whose name is known
}

func (w word) errorf(try, format string, args ...any) error {
	return &Error{Where: w.where, Msg: fmt.Sprintf(format, args...), Try: try}
}

// command is the hint that names other targets.
func command(specs ...string) string { return "openrelay scan " + strings.Join(specs, " ") }

func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

// port is a port to test. Optional ones come from a default list.
type port struct {
	number   uint16
	optional bool
}

// hostname is a name still to be looked up.
type hostname struct {
	name   string // lower case, without a final dot
	mx     bool   // a domain whose mail hosts are meant
	ports  []port
	origin string
}

// single is an address the user named.
type single struct {
	netip.AddrPort
	optional bool
	origin   string
}

// parser collects what the user named.
type parser struct {
	Options
	specs     []string // as given, for hints
	names     []hostname
	singles   []single
	ranges    map[port]*netipx.IPSetBuilder
	origins   origins // of the ranges that files name
	files     []word  // lines of target files, not parsed yet
	stdinRead bool
}

// Parse reads targets, each written in one of the Kinds. An error is an *Error: something is
// malformed, cannot be read, may not be tested, or needs Options.Authorized or a Scope.
func Parse(specs []string, o Options) (*List, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p := &parser{Options: o, specs: specs, ranges: map[port]*netipx.IPSetBuilder{}}
	for _, spec := range specs {
		if err := p.add(word{text: spec}); err != nil {
			return nil, err
		}
	}
	var seen evidence
	for _, line := range p.files {
		if line.text == "-" || strings.HasPrefix(line.text, "@") {
			return nil, line.errorf(command("@FILE", "@FILE"), "a target file cannot name another")
		}
		if err := p.add(line); err != nil {
			return nil, seen.say(err, line, "a target file names one target per line, such as mail.example.org")
		}
		seen.saw(line)
	}
	p.merge()
	return p.list()
}

// check finds options that contradict themselves.
func (o Options) check() error {
	if o.IPv4Only && o.IPv6Only {
		return &Error{Msg: "-4 and -6 leave no address to test", Try: "without -4 and -6 both families are tested"}
	}
	if o.Authorized != "" && !says(o.Authorized) {
		return &Error{Where: "--authorized", Msg: fmt.Sprintf("%q says nothing", o.Authorized), Try: `openrelay scan --authorized "Ada Admin, CHG-1234" ...`}
	}
	if slices.Contains(o.Ports, 0) {
		return &Error{Where: "--ports", Msg: "port 0 cannot be tested", Try: "openrelay scan --ports 25,465,587 ..."}
	}
	if o.Shards < 0 || o.Shard < 0 || o.Shard >= max(1, o.Shards) {
		return &Error{Where: "--shard", Msg: fmt.Sprintf("there is no shard %d of %d", o.Shard, o.Shards),
			Try: "shards are numbered from 0"}
	}
	return nil
}

// says reports whether a text that must say something does: dashes and dots do not.
func says(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// add reads one target by the first kind it looks like.
func (p *parser) add(w word) error {
	words := strings.FieldsFunc(w.text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	if len(words) > 1 && w.text[0] != '@' {
		return w.errorf(command(words...), "%q is more than one target", w.text)
	}
	return KindOf(w.text).add(p, w)
}

// ports are what to test of a target written with the port typed, or without one (0).
func (p *parser) ports(typed uint16, defaults []uint16) []port {
	if typed != 0 {
		return []port{{typed, false}}
	}
	optional := p.Ports == nil
	if !optional {
		defaults = p.Ports
	}
	var ports []port
	for _, n := range defaults {
		ports = append(ports, port{n, optional})
	}
	return ports
}

// merge folds together what was named twice. A port the user typed is never optional, even where
// another spec of the same host leaves it to the defaults.
func (p *parser) merge() {
	names := map[string]int{}
	merged := p.names[:0]
	for _, h := range p.names {
		key := h.key()
		i, known := names[key]
		if !known {
			i = len(merged)
			names[key] = i
			merged = append(merged, hostname{name: h.name, mx: h.mx, origin: h.origin})
		}
		merged[i].ports = append(merged[i].ports, h.ports...)
		merged[i].origin = cmp.Or(merged[i].origin, h.origin)
	}
	for i := range merged {
		merged[i].ports = uniquePorts(merged[i].ports)
	}
	p.names = merged

	seen := map[netip.AddrPort]int{}
	singles := p.singles[:0]
	for _, s := range p.singles {
		if i, known := seen[s.AddrPort]; known {
			singles[i].optional = singles[i].optional && s.optional
			singles[i].origin = cmp.Or(singles[i].origin, s.origin)
			continue
		}
		seen[s.AddrPort] = len(singles)
		singles = append(singles, s)
	}
	p.singles = singles
}

func uniquePorts(ports []port) []port {
	var unique []port
	for _, p := range ports {
		i := slices.IndexFunc(unique, func(u port) bool { return u.number == p.number })
		if i < 0 {
			unique = append(unique, p)
			continue
		}
		unique[i].optional = unique[i].optional && p.optional
	}
	return unique
}

// Package targets turns what a user names into addresses to test.
//
// Parse finds every mistake a user can make before the first packet; names are looked up, and
// ranges walked, only while List.All is ranged over.
//
// A text names targets in one of the [Kinds]. Files and standard input are lists, of which [ListForms] has a row for each
// way in which people and programs write them: they are recognised by their look. What a port scanner found was named by
// nobody, and is as an address of a range. A line may say what is known of its targets, and what is expected of them: that
// goes to Options.Expect, as the files do that [ReadExpect] reads.
package targets

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"go4.org/netipx"

	"openrelay/probe"
	"openrelay/probe/expect"
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
	// Expect is given what comments in lists of targets expect of them; nil = nobody wants to know.
	Expect *expect.Set

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
	about
}

// about is what is known of a target beside its address.
type about struct {
	origin string       // the line of a file whose name is known that names it
	domain string       // whose mail it takes, of an address
	local  *probe.Local // what is known of it alone
	alike  string       // a file that has the name of a host on the command line, and may be meant
}

// mostQuoted is how much of a text is quoted, and mostHint how long a hint is, in bytes.
const (
	mostQuoted = 100
	mostHint   = 400
)

func (w word) errorf(try, format string, args ...any) error {
	for i, arg := range args {
		if text, ok := arg.(string); ok && strings.Contains(w.text, text) {
			args[i] = clip(text)
		}
	}
	return &Error{Where: w.where, Msg: fmt.Sprintf(format, args...), Try: short(try)}
}

// short is a hint that is not too long to be read.
func short(try string) string {
	if len(try) > mostHint {
		return howTargets
	}
	return try
}

// clip is the beginning of a long text.
func clip(text string) string {
	if len(text) <= mostQuoted {
		return text
	}
	return strings.ToValidUTF8(text[:mostQuoted/2], "") + "…"
}

// command is the hint that names other targets.
func command(specs ...string) string { return "openrelay scan " + shellWords(specs) }

// plainWord is what a shell takes as it stands.
var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// shellWords writes words as a shell takes them.
func shellWords(words []string) string {
	quoted := slices.Clone(words)
	for i, w := range words {
		if !plainWord.MatchString(w) {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

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
	name  string // lower case, without a final dot
	mx    bool   // a domain whose mail hosts are meant
	ports []port
	about
}

// single is an address the user named.
type single struct {
	netip.AddrPort
	optional bool
	about
}

// parser collects what the user named.
type parser struct {
	Options
	specs     []string // as given, for hints
	names     []hostname
	singles   []single
	ranges    map[port]*netipx.IPSetBuilder
	origins   origins // of the ranges that files name
	stdinRead bool
}

// Parse reads targets, each written in one of the Kinds. An error is an *Error: something is
// malformed, cannot be read, may not be tested, or needs Options.Authorized or a Scope.
func Parse(specs []string, o Options) (*List, error) {
	p := &parser{Options: o, specs: specs, ranges: map[port]*netipx.IPSetBuilder{}}
	if err := p.check(); err != nil {
		return nil, err
	}
	for _, spec := range specs {
		if err := p.add(word{text: spec}); err != nil {
			return nil, err
		}
	}
	p.merge()
	return p.list()
}

// check finds options that contradict themselves.
func (p *parser) check() error {
	if p.IPv4Only && p.IPv6Only {
		return &Error{Msg: "-4 and -6 leave no address to test", Try: p.with("")}
	}
	if p.Authorized != "" && !says(p.Authorized) {
		return &Error{Where: "--authorized", Msg: fmt.Sprintf("%q says nothing", p.Authorized), Try: p.with(`--authorized "Ada Admin, CHG-1234" `)}
	}
	if slices.Contains(p.Ports, 0) {
		return &Error{Where: "--ports", Msg: "port 0 cannot be tested", Try: p.with("--ports 25,465,587 ")}
	}
	if p.Shards < 0 || p.Shard < 0 || p.Shard >= max(1, p.Shards) {
		return &Error{Where: "--shard", Msg: fmt.Sprintf("there is no shard %d of %d", p.Shard, p.Shards), Try: p.with(fmt.Sprintf("--shard 0/%d ", max(1, p.Shards)))}
	}
	return nil
}

// with is the hint that has other flags before the same targets.
func (p *parser) with(flags string) string { return "openrelay scan " + flags + p.commandLine() }

// says reports whether a text that must say something does: dashes and dots do not.
func says(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// add reads one target of the command line by the first kind it looks like.
func (p *parser) add(w word) error {
	if err := w.checkFile(); err != nil {
		return err
	}
	if len(lineWords(w.text)) > 1 && w.text[0] != '@' {
		return w.mend(w.errorf(howTargets, "%q is more than one target", w.text))
	}
	kind := KindOf(w.text)
	switch {
	case w.text == "-":
		return p.addStdin(w)
	case kind.parse == nil:
		return p.addFile(w)
	}
	s, err := kind.parse(w)
	if err != nil {
		return w.mend(err)
	}
	if s.host != "" && isFile(w.text) {
		w.alike = w.text
	}
	p.take(s, w.about)
	return nil
}

// take keeps what was named.
func (p *parser) take(s spec, a about) {
	defaults := hostPorts
	if len(s.ranges) > 0 {
		defaults = rangePorts
	}
	ports := p.ports(s.port, defaults)
	if s.host != "" {
		p.names = append(p.names, hostname{s.host, s.mx, ports, a})
	}
	for _, port := range ports {
		for _, addr := range s.addrs {
			p.singles = append(p.singles, single{netip.AddrPortFrom(addr, port.number), port.optional, a})
		}
		for _, r := range s.ranges {
			if p.ranges[port] == nil {
				p.ranges[port] = new(netipx.IPSetBuilder)
			}
			p.ranges[port].AddRange(r)
			p.origins.add(r, port.number, a)
		}
	}
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

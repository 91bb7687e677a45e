package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/prober"
	"openrelay/report"
	"openrelay/scanner"
	"openrelay/scanner/targets"
)

// How much of a long list --dry-run prints.
const (
	mostHosts = 50
	mostSpans = 20
)

// printDryRun is --dry-run: it prints what the scan would send, and to whom. Names are looked up, nothing
// else leaves this machine, and no file is written. It ends as the scan would for a name that cannot be tested.
func (f *scanFlags) printDryRun(ctx context.Context, j *job, o targets.Options, list *targets.List) error {
	if f.resume != "" {
		return &usageError{"--dry-run does not look into the results of --resume", "openrelay scan --dry-run TARGET"}
	}
	outline, err := list.Outline(ctx)
	if err != nil {
		if ctx.Err() != nil {
			j.ui.say("interrupted before the first target")
			return exitStatus(statusInterrupted)
		}
		return err
	}
	p := &dryRun{job: j, flags: f, options: o, outline: outline, excluded: list.Excluded()}
	p.line("nothing is sent to a mail server: this is what the scan would do (names are looked up in the DNS)\n")
	p.authorisation(list.Public())
	missing := p.whom()
	p.pace(ctx)
	if t, ok := p.first(); ok {
		if err := p.dialogue(ctx, t); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(j.ui.stdout, p.b.String()); err != nil {
		return fmt.Errorf("cannot write results: %w", err)
	}
	if missing > 0 {
		j.ui.say("names that would not be tested, or only in part: %d", missing)
		return exitStatus(statusUnanswered)
	}
	return nil
}

// dryRun is the text of a dry run.
type dryRun struct {
	*job
	flags    *scanFlags
	options  targets.Options
	outline  targets.Outline
	excluded uint64
	b        strings.Builder
}

// line writes a line. Names and scope files may hold anything.
func (p *dryRun) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for line := range strings.SplitSeq(text, "\n") {
		p.b.WriteString(report.Printable(line) + "\n")
	}
}

func (p *dryRun) about(label, format string, args ...any) {
	p.line("%-13s "+format, append([]any{label}, args...)...)
}

func (p *dryRun) authorisation(public uint64) {
	who := report.Authorisation(&p.scan)
	switch {
	case who != "":
		p.about("authorised", "%s", who)
	case public > 0:
		p.about("authorised", "by nobody in particular: not needed for up to %d public addresses (--authorized, --scope)", targets.PublicLimit)
	default:
		p.about("authorised", "by nobody in particular: no target is public")
	}
	if s := p.options.Scope; s != nil {
		end := "without an end"
		if !s.End.IsZero() {
			end = "until " + s.End.Format("2006-01-02 15:04 MST")
		}
		p.about("scope", "%s, %s", s.File, end)
	}
}

// whom tells the targets, and returns how many names have no address to test, or not all.
func (p *dryRun) whom() int {
	hosts, missing := p.hosts()
	for i, h := range hosts[:min(len(hosts), mostHosts)] {
		p.about(label(i == 0, "targets"), "%s", h)
	}
	if more := len(hosts) - mostHosts; more > 0 {
		p.about("", "and %d more", more)
	}
	var total uint64
	for i, s := range p.outline.Spans {
		if i < mostSpans {
			p.about(label(i == 0, "ranges"), "%s to %s: %s, port %d", s.From(), s.To(), addresses(s.Size()), s.Port)
		}
		total += s.Size()
	}
	if more := len(p.outline.Spans) - mostSpans; more > 0 {
		p.about("", "and %d more", more)
	}
	if len(p.outline.Spans) > 1 {
		p.about("", "%d connections are tried in all", total)
	}
	if n := max(1, p.options.Shards); n > 1 {
		p.about("", "the hosts are those of this part, of the ranges it is one in %d (--shard)", n)
	}
	for i, m := range missing[:min(len(missing), mostHosts)] {
		p.about(label(i == 0, "not tested"), "%s", m)
	}
	if more := len(missing) - mostHosts; more > 0 {
		p.about("", "and %d more", more)
	}
	left := "nothing"
	if p.excluded > 0 {
		left = fmt.Sprintf("%d addresses or names", p.excluded)
	}
	if len(p.options.ExcludeFiles) > 0 {
		left += " (" + strings.Join(p.options.ExcludeFiles, ", ") + ")"
	}
	p.about("excluded", "%s", left)
	return len(missing)
}

// label is the word before the first line of a list.
func label(first bool, word string) string {
	if first {
		return word
	}
	return ""
}

func addresses(n uint64) string {
	if n == 1 {
		return "1 address"
	}
	return strconv.FormatUint(n, 10) + " addresses"
}

// hosts are the named targets, a line for each address with its ports, and those that have none.
func (p *dryRun) hosts() (hosts, missing []string) {
	ports := map[string][]string{}
	for _, t := range p.outline.Named {
		host := t.Name
		if t.Addr.IsValid() && host != "" {
			host += " [" + t.Addr.Addr().String() + "]"
		} else if t.Addr.IsValid() {
			host = t.Addr.Addr().String()
		}
		if t.Domain != "" {
			host += ", mail host of " + t.Domain
		}
		if !t.Addr.IsValid() {
			missing = append(missing, host+": "+t.DNSError)
			continue
		}
		if len(ports[host]) == 0 {
			hosts = append(hosts, host)
		}
		ports[host] = append(ports[host], strconv.Itoa(int(t.Port)))
	}
	for i, h := range hosts {
		word := "port "
		if len(ports[h]) > 1 {
			word = "ports "
		}
		hosts[i] = h + ", " + word + strings.Join(ports[h], ", ")
	}
	return hosts, missing
}

// pace tells how fast, and what else would be asked of whom.
func (p *dryRun) pace(ctx context.Context) {
	s := &p.scanner
	network := "no limit in one /24 or /64"
	if s.PerNetwork < s.Workers {
		network = fmt.Sprintf("%d in one /24 or /64", cmp.Or(s.PerNetwork, scanner.DefaultPerNetwork))
	}
	rate := "no limit to connections a second (--rate)"
	if s.Rate > 0 {
		rate = fmt.Sprintf("%v connections a second", s.Rate)
	}
	p.about("pace", "%d servers at once, %s, %s", s.Workers, network, rate)
	p.about("", "never two connections to one address at a time")
	if p.wait > 0 {
		p.about("", "before that named servers are greeted until they answer, for up to %v (--wait)", p.job.wait)
	}
	switch {
	case p.delivery.test != nil:
		p.messages(ctx)
	case p.prober.Proof == probe.Rcpt:
		p.about("messages", "none: where a vector is accepted it ends there (--proof rcpt)")
	default:
		p.about("messages", "none: where a vector is accepted DATA is said, and the connection dropped at the 354")
	}
	if a := p.prober.Account; a != nil {
		p.about("logins", "last of all one as %s at each host that was named, over TLS with a certificate for its name (--auth);", a.User)
		p.about("", "none where only mx: leads")
	}
	if p.flags.asksLists {
		p.about("block lists", "each address that answers is asked about in the DNS, and ours")
	}
}

// messages tells how many messages may be sent, and who is asked before the first.
func (p *dryRun) messages(ctx context.Context) {
	c := p.delivery.test
	p.about("messages", "where a vector is accepted one to %s: up to %d to a server, %d in all", c.Domain, c.Most, p.delivery.total)
	p.about("", "a server is an address, with all its ports and names")
	q := p.delivery.consent.Question(ctx, c.Domain)
	if q.Exempt != "" {
		p.about("", "%s is not asked whether it agrees: %s", c.Domain, q.Exempt)
		return
	}
	p.about("", "before the first %s is asked whether it agrees, and without its consent none is sent:", c.Domain)
	p.about("", "  the DNS, for the TXT record of %s", q.Record)
	if q.Failed != nil {
		p.about("", "  its mail hosts: %v", q.Failed)
	}
	for _, h := range q.Hosts {
		switch {
		case h.Own:
			p.about("", "  %s is where this scan's own --catch listens", dialogue.Text(h.Name))
		case len(h.Addrs) > 0:
			p.about("", "  port 25 of %s", h)
		case h.Failed != nil:
			p.about("", "  %s %v", dialogue.Text(h.Name), h.Failed)
		}
		for _, left := range h.Left {
			p.about("", "  %s %v", dialogue.Text(h.Name), left)
		}
	}
}

// first is the target whose dialogue is shown.
func (p *dryRun) first() (probe.Target, bool) {
	if i := slices.IndexFunc(p.outline.Named, func(t probe.Target) bool { return t.Addr.IsValid() }); i >= 0 {
		return p.outline.Named[i], true
	}
	if len(p.outline.Spans) == 0 {
		return probe.Target{}, false
	}
	s := p.outline.Spans[0]
	return probe.Target{Addr: netip.AddrPortFrom(s.From(), s.Port), Port: s.Port}, true
}

// dialogue tells what would be said to a target: a probe is run against a server of this process in its place,
// which offers everything and refuses to relay.
func (p *dryRun) dialogue(ctx context.Context, t probe.Target) error {
	ours := p.source(t)
	server, err := newDryServer(ours, t, p.flags.intrusive)
	if err != nil {
		return err
	}
	defer server.close()
	var said dialogue.Transcript
	p.prober.Trace = func(_ probe.Target, heard dialogue.Transcript) { said = append(said, heard...) }
	p.prober.Dial, p.prober.Evidence = server.dial, true
	p.prober.Nonce = func() string { return "xxxxxxxxxx" }
	total := p.prober.Limits.For(t).Total
	p.prober.Limits = prober.Limits{}
	r := p.prober.Probe(ctx, t)
	if ctx.Err() != nil {
		return exitStatus(statusInterrupted)
	}
	if r.Verdict != probe.Closed {
		return fmt.Errorf("the dry run against %s failed: %v (%s) %s", t, r.Verdict, r.Reason, r.Detail)
	}
	p.introduction(ours)
	p.about("connections", "%d to a server that offers everything and relays nothing, one after another;", server.dials)
	p.about("", "more where it accepts, puts us off or hangs up; none after %v (--max-time)", total)
	p.line("\nwhat is said to %s, and to the others alike", t)
	p.questions(r, said)
	return nil
}

// introduction tells the name we give ourselves.
func (p *dryRun) introduction(ours netip.Addr) {
	switch {
	case p.prober.Helo != "":
		p.about("EHLO", "%s", p.prober.Helo)
	case ours.IsUnspecified():
		p.about("EHLO", "our address; which one is not known: this machine has no route there")
	case ours.Is6():
		p.about("EHLO", "[IPv6:%s], our address (--helo)", ours)
	default:
		p.about("EHLO", "[%s], our address (--helo)", ours)
	}
}

// questions tells every vector with its exact sender and recipient, then the controls, then what is not
// asked.
func (p *dryRun) questions(r *probe.Result, said dialogue.Transcript) {
	told := map[string]bool{}
	for _, f := range r.Findings {
		command := "MAIL FROM:" + f.From + " RCPT TO:" + f.To
		if before := saidBefore(f); before != "" {
			command += "  after " + before
		}
		if told[f.Vector+command] {
			continue
		}
		told[f.Vector+command] = true
		told[f.To] = true
		p.line("  %-22s %s", f.Vector, command)
	}
	for _, l := range said {
		to, ok := strings.CutPrefix(strings.TrimRight(l.Data, "\r\n"), "RCPT TO:")
		if l.From == dialogue.Client && ok && !told[to] {
			told[to] = true
			p.line("  %-22s RCPT TO:%s", "control", to)
		}
	}
	p.line("  xxxxxxxxxx stands for a random word")
	if slices.ContainsFunc(r.Findings, func(f probe.Finding) bool { return f.Via == probe.StartTLS }) {
		p.line("  the core vectors are asked again after STARTTLS, where that is offered")
	}
	p.skipped(r.Coverage.Skipped)
}

// saidBefore is what comes before a question, as it was said.
func saidBefore(f probe.Finding) string {
	v, _ := probe.Find(f.Vector)
	command, _, hasNames := strings.Cut(v.Before(), "{")
	if !hasNames {
		return v.Before()
	}
	for _, l := range f.Transcript {
		if l.From == dialogue.Client && strings.HasPrefix(l.Data, command) {
			return strings.TrimRight(l.Data, "\r\n")
		}
	}
	return v.Before()
}

// skipped tells what is not asked, those together that lack the same. A server's own names may be learned
// from its greeting, which a dry run does not have.
func (p *dryRun) skipped(all []probe.Skip) {
	var reasons []string
	lacking := map[string][]string{}
	for _, s := range all {
		if len(lacking[s.Why]) == 0 {
			reasons = append(reasons, s.Why)
		}
		lacking[s.Why] = append(lacking[s.Why], s.Vector)
	}
	for _, why := range reasons {
		about := why
		switch why {
		case "own-domain unknown":
			about = "unless the greeting tells a domain of the server's own (--local-domain)"
		case "own-user unknown":
			about = "unless a user at a domain of the server's own is known (--local-user, --local-domain)"
		case "own-host unknown":
			about = "unless the greeting tells the server's host name"
		}
		p.line("\nnot asked, %s\n  %s", about, strings.Join(lacking[why], ", "))
	}
}

// source is the address that connections to a target leave from, as the routing table has it. That takes
// no packet: a UDP socket is only told where it would send to.
func (p *dryRun) source(t probe.Target) netip.Addr {
	if p.flags.source != "" {
		return netip.MustParseAddr(p.flags.source).Unmap() // checked by setSource
	}
	if conn, err := net.Dial("udp", t.Addr.String()); err == nil {
		defer conn.Close()
		return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.IPv4Unspecified()
}

package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/probe/dnsbl/lookup"
	"openrelay/probe/expect"
	"openrelay/probe/netaddr"
	"openrelay/probe/prober"
	"openrelay/report"
	"openrelay/scanner/targets"
)

func scanCommand(u *ui) *cobra.Command {
	var f scanFlags
	var o targets.Options
	j := &job{sinks: sinks{ui: u}}
	cmd := &cobra.Command{
		Use:   "scan [flags] TARGET...",
		Short: "Test mail servers and say which are open",
		Long:  scanHelp(),
		Example: `  openrelay scan mail.example.org                # after a change of its configuration
  openrelay scan --format jsonl mx:example.org   # every mail host of a domain
  openrelay scan --authorized "Ada, CHG-7" 198.18.0.0/22`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"no targets", "openrelay scan mail.example.org"}
			}
			return runScan(cmd.Context(), j, f, o, args)
		},
	}
	bindTargets(cmd, &f, &o)
	bindProbe(cmd, &f, &j.prober)
	bindPace(cmd, &f, j)
	bindDelivery(cmd, &j.delivery)
	f.account.bind(cmd)
	bindLists(cmd, &f)
	bindOutput(cmd, &f.outputFlags, "openrelay scan %s TARGET")
	bindGate(cmd, &f, j)
	return cmd
}

// hostname is this machine's full name, if it has one (RFC 5321 4.1.4 wants no other).
func hostname() string {
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") {
		return name
	}
	return ""
}

// runScan checks everything that can be checked, and then scans. Nothing is sent before it is sure
// that the command line makes sense and that results can be written.
func runScan(ctx context.Context, j *job, f scanFlags, o targets.Options, args []string) error {
	defer j.closeSockets()
	if err := f.set(j, &o); err != nil {
		return err
	}
	reports, err := f.destinations(j.ui.files)
	if err != nil {
		return err
	}
	if err := f.setGate(j, args); err != nil {
		return err
	}
	checker, err := f.blocklists()
	if err != nil {
		return err
	}
	if err := f.readScope(&o, j.ui.files); err != nil {
		return err
	}
	if err := checkNoted(j.ui.files, f.noted); err != nil {
		return err
	}
	list, err := f.list(ctx, j, &o, args)
	if err != nil {
		return err
	}
	if err := f.prepare(j, o, list, args); err != nil {
		return err
	}
	if f.dryRun {
		return f.printDryRun(ctx, j, o, list)
	}
	if f.resume != "" {
		if err := j.resume(f.resume, list); err != nil {
			return err
		}
	}
	j.noted = f.noted
	if err := j.delivery.saveKey(); err != nil {
		return err
	}
	j.sarifLocation, j.hint = f.sarifLocation, f.hint("--output results.txt")
	j.warnOfDomains(ctx)
	if checker != nil {
		j.lists = newListings(j.ui, checker)
	}
	return j.run(ctx, list, reports)
}

// list reads the targets, what is expected of them and what they were, and looks up what must be known of them.
func (f *scanFlags) list(ctx context.Context, j *job, o *targets.Options, args []string) (list *targets.List, err error) {
	if j.expect, err = readExpect(f.expect); err != nil {
		return nil, err
	}
	if j.expect == nil {
		j.expect = &expect.Set{}
	}
	o.Stdin, o.Expect = j.ui.stdin, j.expect
	if list, err = j.ui.parse(ctx, args, *o); err != nil {
		return nil, err
	}
	if err := j.ui.checkExpect(j.expect, "openrelay scan"); err != nil {
		return nil, err
	}
	if err := f.readBaseline(ctx, j); err != nil {
		return nil, err
	}
	return list, j.ui.check(ctx, list)
}

// prepare puts where it belongs what depends on the targets, and on who is left alone.
func (f *scanFlags) prepare(j *job, o targets.Options, list *targets.List, args []string) error {
	j.scanner.Host = list.Host
	if err := j.delivery.set(f.proof, list.Ranges(), o.Authorized); err != nil {
		return err
	}
	j.prober.Delivery, j.delivery.consent.Allowed, j.delivery.handed.server = j.delivery.test, list.Allowed, list.Host
	var err error
	if j.prober.Account, err = f.account.account(j.ui, list.Ranges()); err != nil {
		return err
	}
	j.summary.Part = o.Shards > 1
	j.setPace(list.Public() > 0)
	j.scan = newScan(o.Authorized, f.spec(&j.prober, args))
	j.scan.ExcludeFiles = o.ExcludeFiles
	j.scan.ExcludeUnresolved = list.Unresolved()
	if o.Scope != nil {
		j.scan.Scope = o.Scope.Hash
		j.logins.scope = o.Scope
	}
	return nil
}

// spec is a hash of what was asked of whom: results with the same one answer the same question.
func (f *scanFlags) spec(p *prober.Prober, args []string) string {
	h := sha256.New()
	for _, v := range p.Vectors {
		fmt.Fprintln(h, v.ID)
	}
	fmt.Fprintf(h, "%q %q %q %q %v %v %q\n", args, p.LocalDomains, p.FromDomains, p.ToDomains, p.Proof, f.ports, f.shard)
	if len(p.LocalUsers) > 0 {
		fmt.Fprintf(h, "users %q\n", p.LocalUsers)
	}
	if p.Account != nil {
		fmt.Fprintf(h, "auth %q\n", p.Account.User)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// set puts the values of flags that need a look where they belong.
func (f *scanFlags) set(j *job, o *targets.Options) error {
	var err error
	p := &j.prober
	if p.Vectors, err = f.chosen(); err != nil {
		return err
	}
	p.Quick = f.profile == "quick"
	switch f.proof {
	case "rcpt":
		p.Proof = probe.Rcpt
	case "data":
		p.Proof = probe.Data
	case "deliver":
		p.Proof = probe.Delivered
	default:
		return &usageError{fmt.Sprintf("unknown proof %q", f.proof), "openrelay scan --proof data TARGET"}
	}
	if f.evidence != "deciding" && f.evidence != "all" {
		return &usageError{fmt.Sprintf("unknown evidence %q", f.evidence), "openrelay scan --evidence all TARGET"}
	}
	p.Evidence = f.evidence == "all"
	if err := cmp.Or(checkNames(p, "openrelay scan %s TARGET"), checkMTA(p, "openrelay scan %s TARGET")); err != nil {
		return err
	}
	if !slices.Contains(progressModes, f.progress) {
		return &usageError{fmt.Sprintf("unknown progress %q", f.progress), "openrelay scan --progress json TARGET"}
	}
	if err := shard(f.shard, o); err != nil {
		return err
	}
	j.progress = f.progress
	p.Limits.Greeting, p.Limits.Reply = f.timeout, f.timeout
	if err := f.check(j); err != nil {
		return err
	}
	for _, n := range f.ports {
		if n == 0 || n > 65535 {
			return &usageError{fmt.Sprintf("port %d is not between 1 and 65535", n), "openrelay scan --ports 25,587 TARGET"}
		}
		o.Ports = append(o.Ports, uint16(n))
	}
	return f.setSource(j, o)
}

// shard reads --shard: "0/4" is the first of four parts; "4" alone takes the number of the part from
// JOB_COMPLETION_INDEX, as Kubernetes sets it for indexed jobs.
func shard(text string, o *targets.Options) error {
	if text == "" {
		return nil
	}
	index, count, split := strings.Cut(text, "/")
	if !split {
		index, count = os.Getenv("JOB_COMPLETION_INDEX"), text
		if index == "" {
			return &usageError{fmt.Sprintf("--shard %s does not say which part, and JOB_COMPLETION_INDEX is not set", text),
				"openrelay scan --shard 0/" + text + " TARGET"}
		}
	}
	i, err := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	if err != nil || err2 != nil || n < 1 || i < 0 || i >= n {
		return &usageError{fmt.Sprintf("--shard %q: parts are counted from 0, so 4 parts are 0/4 to 3/4", index+"/"+count),
			"openrelay scan --shard 0/4 TARGET"}
	}
	o.Shard, o.Shards = i, n
	return nil
}

// checkNames writes domains and names as the DNS holds them, and refuses what can be none: a slip there would only be
// refused by the servers, and they would look closed. line is the command line of a hint, but for the flag.
func checkNames(p *prober.Prober, line string) error {
	for _, d := range []struct {
		flag    string
		domains []string
	}{{"local-domain", p.LocalDomains}, {"from-domain", p.FromDomains}, {"to-domain", p.ToDomains}} {
		for i, name := range d.domains {
			ascii, err := netaddr.ASCII(name)
			if err != nil {
				_, domain, _ := strings.Cut(name, "@")
				if !netaddr.Name(domain) {
					domain = "example.org"
				}
				return noName("--"+d.flag, name, "is not a domain", err, line, domain)
			}
			d.domains[i] = ascii
		}
	}
	for i, user := range p.LocalUsers {
		ascii, err := netaddr.ASCIIUser(user)
		if err != nil {
			return noName("--local-user", user, "is neither a user nor the address of one", err, line, "ada@example.org")
		}
		p.LocalUsers[i] = ascii
	}
	if len(p.FromDomains) > 0 && len(p.ToDomains) > 0 && !slices.ContainsFunc(p.ToDomains, func(d string) bool { return !strings.EqualFold(d, p.FromDomains[0]) }) {
		return &usageError{fmt.Sprintf("--from-domain and --to-domain are both %q: a stranger is of another domain", p.FromDomains[0]),
			fmt.Sprintf(line, "--to-domain "+p.ToDomains[0])}
	}
	if p.Helo == "" || isLiteral(p.Helo) {
		return nil
	}
	ascii, err := netaddr.ASCII(p.Helo)
	if err != nil {
		return noName("--helo", p.Helo, "is neither a host name nor an address literal", err, line, "probe.example.org")
	}
	p.Helo = ascii
	return nil
}

// check refuses numbers that make no sense.
func (f *scanFlags) check(j *job) error {
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"timeout", f.timeout}, {"connect-timeout", j.prober.Limits.Connect}, {"max-time", j.prober.Limits.Total}} {
		if d.value < 0 {
			return &usageError{fmt.Sprintf("--%s %v is less than nothing", d.name, d.value), "openrelay scan --" + d.name + " 30s TARGET"}
		}
	}
	switch s := &j.scanner; {
	case s.Workers < 0:
		return &usageError{fmt.Sprintf("--workers %d is less than nothing", s.Workers), "openrelay scan --workers 200 TARGET"}
	case s.MaxConnecting < 1:
		return &usageError{fmt.Sprintf("--max-connecting %d tests nothing", s.MaxConnecting), "openrelay scan --max-connecting 2000 TARGET"}
	case s.PerNetwork < 0:
		return &usageError{fmt.Sprintf("--per-network %d is less than nothing", s.PerNetwork), "openrelay scan --per-network 16 TARGET"}
	case s.Rate < 0, math.IsNaN(s.Rate), math.IsInf(s.Rate, 0):
		return &usageError{fmt.Sprintf("--rate %v is no number of connections", s.Rate), "openrelay scan --rate 50 TARGET"}
	}
	return nil
}

// chosen is the profile, or the vectors that were named.
func (f *scanFlags) chosen() ([]probe.Vector, error) {
	vectors, err := probe.Select(f.profile, f.intrusive)
	if err != nil {
		return nil, &usageError{err.Error(), "openrelay scan --profile standard TARGET"}
	}
	var only []probe.Vector
	var without []string
	for _, id := range f.vectors {
		v, ok := probe.Find(strings.TrimPrefix(id, "-"))
		switch {
		case !ok:
			return nil, &usageError{fmt.Sprintf("unknown vector %q", id), "openrelay vectors"}
		case v.Class == probe.Intrusive && !f.intrusive:
			return nil, &usageError{fmt.Sprintf("%s claims to be somebody else", v.ID), "openrelay scan --intrusive --vectors " + v.ID + " TARGET"}
		case strings.HasPrefix(id, "-"):
			without = append(without, v.ID)
		default:
			only = append(only, v)
		}
	}
	if len(only) > 0 {
		vectors = only
	}
	vectors = slices.DeleteFunc(vectors, func(v probe.Vector) bool { return slices.Contains(without, v.ID) })
	if len(vectors) == 0 {
		return nil, &usageError{"no vector is left", "openrelay scan --vectors plain TARGET"}
	}
	return vectors, nil
}

// setSource makes connections leave from --source, which decides the address family too.
func (f *scanFlags) setSource(j *job, o *targets.Options) error {
	dialer := &net.Dialer{}
	j.delivery.consent.Dial, j.delivery.consent.Helo = dialer.DialContext, j.prober.Helo
	if o.IPv4Only && o.IPv6Only {
		return &usageError{"-4 and -6 leave nothing to test", "openrelay scan TARGET"}
	}
	if f.source == "" {
		return j.openSockets(netip.Addr{})
	}
	addr, err := netip.ParseAddr(f.source)
	if err != nil {
		return &usageError{fmt.Sprintf("--source %q is not an address", f.source), "openrelay scan --source 192.0.2.9 TARGET"}
	}
	l, err := net.Listen("tcp", netip.AddrPortFrom(addr, 0).String())
	if err != nil {
		return &usageError{fmt.Sprintf("--source %s is not an address of this machine", addr), "ip address"}
	}
	_ = l.Close()
	dialer.LocalAddr = &net.TCPAddr{IP: addr.AsSlice(), Zone: addr.Zone()}
	if addr.Unmap().Is4() && o.IPv6Only || addr.Unmap().Is6() && o.IPv4Only {
		return &usageError{fmt.Sprintf("--source %s is of the family that is left out", addr), "openrelay scan --source " + f.source + " TARGET"}
	}
	o.IPv4Only, o.IPv6Only = addr.Unmap().Is4(), addr.Unmap().Is6()
	return j.openSockets(addr)
}

// blocklists is what asks block lists, nil where nobody wants that. What the environment says of them
// for all commands is no mistake then.
func (f *scanFlags) blocklists() (*lookup.Checker, error) {
	switch {
	case f.asksLists:
		return f.lists.checker("openrelay scan --blocklists")
	case f.lists.zones != "" && os.Getenv("OPENRELAY_ZONES") == "":
		return nil, &usageError{"--zones names block lists, and none is asked", "openrelay scan --blocklists --zones " + f.lists.zones + " TARGET"}
	case len(f.lists.resolvers) > 0 && os.Getenv("OPENRELAY_RESOLVER") == "":
		return nil, &usageError{"--resolver is for block lists, and none is asked", "openrelay scan --blocklists --resolver " + f.lists.resolvers[0] + " TARGET"}
	}
	return nil, nil
}

// warnOfDomains says if a foreign domain that was given takes no mail: many servers refuse such a
// domain for itself, and the relay question is never reached.
func (j *job) warnOfDomains(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, d := range slices.Concat(j.prober.FromDomains, j.prober.ToDomains) {
		records, err := net.DefaultResolver.LookupMX(ctx, d)
		var dns *net.DNSError
		switch {
		case errors.As(err, &dns) && dns.IsNotFound:
			j.ui.say("warning: %s has no MX; servers may refuse the domain itself", report.Printable(d))
		case err == nil && len(records) == 1 && records[0].Host == ".":
			j.ui.say("warning: %s says that it takes no mail (null MX, RFC 7505); servers may refuse the domain itself", report.Printable(d))
		}
	}
}

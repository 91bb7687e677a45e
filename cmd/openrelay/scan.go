package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/report"
	"openrelay/scanner/targets"
)

// scanFlags is what `scan` takes beside the fields of Prober, Scanner and Options, which flags set
// directly.
type scanFlags struct {
	profile   string
	vectors   []string
	intrusive bool
	proof     string
	evidence  string
	source    string
	format    string
	output    string
	reports   []string
	timeout   time.Duration
	ports     []uint
}

func scanCommand(u *ui) *cobra.Command {
	var f scanFlags
	var o targets.Options
	j := &job{ui: u}
	cmd := &cobra.Command{
		Use:   "scan [flags] TARGET...",
		Short: "Test mail servers and say which are open",
		Long:  "Test mail servers and say which would relay mail for a stranger.\n\nA TARGET is one of\n" + kinds(),
		Example: `  openrelay scan mail.example.org                    after a change of its configuration
  openrelay scan --format jsonl mx:example.org       every mail host of a domain, for programs
  openrelay scan --authorized "Ada, CHG-7" 192.0.2.0/23`,
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
	bindOutput(cmd, &f)
	return cmd
}

func kinds() string {
	var b strings.Builder
	for _, k := range targets.Kinds {
		fmt.Fprintf(&b, "  %-18s  %s\n", k.Form, k.About)
	}
	return strings.TrimRight(b.String(), "\n")
}

func bindTargets(cmd *cobra.Command, f *scanFlags, o *targets.Options) {
	fs := cmd.Flags()
	fs.UintSliceVar(&f.ports, "ports", nil, "ports of targets named without one (default 25,465,587; 25 in ranges)")
	fs.StringSliceVar(&o.Exclude, "exclude", nil, "address, CIDR, range or name never to test; may be repeated")
	fs.StringArrayVar(&o.ExcludeFiles, "exclude-file", nil, "file of the same, one a line; may be repeated")
	fs.BoolVarP(&o.IPv4Only, "ipv4", "4", false, "test IPv4 addresses only")
	fs.BoolVarP(&o.IPv6Only, "ipv6", "6", false, "test IPv6 addresses only")
	fs.StringVar(&o.Authorized, "authorized", "", "who authorised this scan, and the ticket; needed for more than 256 public addresses")
}

func bindProbe(cmd *cobra.Command, f *scanFlags, p *probe.Prober) {
	fs := cmd.Flags()
	fs.StringVar(&f.profile, "profile", "standard", "how much to ask: "+profiles())
	fs.StringSliceVar(&f.vectors, "vectors", nil, "only these vectors; -ID leaves one out of the profile")
	fs.BoolVar(&f.intrusive, "intrusive", false, "also claim to be somebody else: XCLIENT, PROXY headers, one made-up login")
	fs.StringVar(&f.proof, "proof", "data", "how far to go with what is accepted: rcpt, or data (hangs up before any byte of a message)")
	fs.StringSliceVar(&p.LocalDomains, "local-domain", nil, "domain the targets take mail for; may be repeated")
	fs.StringSliceVar(&p.FromDomains, "from-domain", nil, "foreign domain of yours to send from (default example.net)")
	fs.StringSliceVar(&p.ToDomains, "to-domain", nil, "foreign domain of yours to send to; may be repeated (default example.org)")
	fs.StringVar(&p.Helo, "helo", hostname(), "name to introduce us by (default the address literal)")
	fs.StringVar(&f.evidence, "evidence", "deciding", "whose dialogue to keep: deciding findings, or all")
}

func bindPace(cmd *cobra.Command, f *scanFlags, j *job) {
	fs, l, s := cmd.Flags(), &j.prober.Limits, &j.scanner
	fs.StringVar(&f.source, "source", "", "address to connect from")
	fs.IntVar(&s.Workers, "workers", 200, "servers to test at once")
	fs.Float64Var(&s.Rate, "rate", 0, "connections a second in all (default no limit)")
	fs.IntVar(&s.PerNetwork, "per-network", 0, "servers to test at once in one /24 or /64 (default 16; no limit where no target is public)")
	fs.DurationVar(&f.timeout, "timeout", 0, "wait for one reply (default 1m, 10s in ranges; the greeting 30s, 10s)")
	fs.DurationVar(&l.Connect, "connect-timeout", 0, "wait for one connection (default 10s, 1.3s in ranges)")
	fs.DurationVar(&l.Total, "max-time", 0, "time for one target in all (default 10m, 1m in ranges)")
	fs.DurationVar(&l.Retry, "retry-for", 0, "time to come back to a server that asks for patience; -1s for never (default 1m, never in ranges)")
}

func bindOutput(cmd *cobra.Command, f *scanFlags) {
	fs := cmd.Flags()
	fs.StringVar(&f.format, "format", "table", "of the results: "+formats())
	fs.StringVarP(&f.output, "output", "o", "-", "file for the results")
	fs.StringArrayVar(&f.reports, "report", nil, "NAME=FILE: another report beside it; may be repeated")
}

func profiles() string {
	var names []string
	for _, p := range probe.Profiles {
		names = append(names, p.Name+" ("+p.About+")")
	}
	return strings.Join(names, ", ")
}

func formats() string {
	var names []string
	for _, f := range report.Formats {
		names = append(names, f.Name+" ("+f.About+")")
	}
	return strings.Join(names, ", ")
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
	if err := f.set(j, &o); err != nil {
		return err
	}
	o.Stdin = j.ui.stdin
	list, err := targets.Parse(args, o)
	if err != nil {
		return err
	}
	if j.scanner.PerNetwork == 0 && list.Public() == 0 {
		j.scanner.PerNetwork = j.scanner.Workers
	}
	if err := j.openReports(f); err != nil {
		return err
	}
	j.scan = newScan(o.Authorized)
	j.warnOfDomains(ctx)
	return j.run(ctx, list)
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
	default:
		return &usageError{fmt.Sprintf("unknown proof %q", f.proof), "openrelay scan --proof data TARGET"}
	}
	if f.evidence != "deciding" && f.evidence != "all" {
		return &usageError{fmt.Sprintf("unknown evidence %q", f.evidence), "openrelay scan --evidence all TARGET"}
	}
	p.Evidence = f.evidence == "all"
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
	case s.Workers < 1:
		return &usageError{fmt.Sprintf("--workers %d tests nothing", s.Workers), "openrelay scan --workers 200 TARGET"}
	case s.PerNetwork < 0:
		return &usageError{fmt.Sprintf("--per-network %d is less than nothing", s.PerNetwork), "openrelay scan --per-network 16 TARGET"}
	case s.Rate < 0:
		return &usageError{fmt.Sprintf("--rate %v is less than nothing", s.Rate), "openrelay scan --rate 50 TARGET"}
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
	for _, id := range f.vectors {
		v, ok := probe.Find(strings.TrimPrefix(id, "-"))
		switch {
		case !ok:
			return nil, &usageError{fmt.Sprintf("unknown vector %q", id), "openrelay vectors"}
		case v.Class == probe.Intrusive && !f.intrusive:
			return nil, &usageError{fmt.Sprintf("%s claims to be somebody else", v.ID), "openrelay scan --intrusive --vectors " + v.ID + " TARGET"}
		case strings.HasPrefix(id, "-"):
			vectors = slices.DeleteFunc(vectors, func(x probe.Vector) bool { return x.ID == v.ID })
		default:
			only = append(only, v)
		}
	}
	if len(only) > 0 {
		return only, nil
	}
	return vectors, nil
}

// setSource makes connections leave from --source, which decides the address family too.
func (f *scanFlags) setSource(j *job, o *targets.Options) error {
	dialer := &net.Dialer{}
	j.prober.Dial = j.scanner.Dial(dialer.DialContext)
	if o.IPv4Only && o.IPv6Only {
		return &usageError{"-4 and -6 leave nothing to test", "openrelay scan TARGET"}
	}
	if f.source == "" {
		return nil
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
	return nil
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

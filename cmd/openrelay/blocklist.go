package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/miekg/dns"
	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/probe/dnsbl"
	"openrelay/probe/dnsbl/lookup"
	"openrelay/report"
	"openrelay/scanner/targets"
)

// listFlags say which block lists are asked, and through whom.
type listFlags struct {
	resolvers []string
	zones     string
}

func (f *listFlags) bind(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringSliceVar(&f.resolvers, "resolver", nil, "`ADDRESS` of the resolver to ask block lists through (the system's)")
	fs.StringVar(&f.zones, "zones", "", "`FILE` of block lists of your own, instead of the built-in ones")
}

// checker is what asks these lists. command is the command line that the hints are about.
func (f *listFlags) checker(command string) (*lookup.Checker, error) {
	c := &lookup.Checker{}
	for _, r := range f.resolvers {
		at, err := lookup.ParseResolver(r)
		if err != nil {
			return nil, &usageError{"--resolver " + err.Error(), command + " --resolver 127.0.0.1"}
		}
		c.Resolvers = append(c.Resolvers, at)
	}
	if f.zones == "" {
		return c, nil
	}
	text, err := readSmall(f.zones, mostZones, "which is no list of zones")
	if err != nil {
		return nil, &usageError{fmt.Sprintf("cannot read %q: %v", f.zones, err), command + " --zones zones.txt, with a zone a line such as: bl.example.org ip4,ip6 accusation Our list"}
	}
	c.Zones, err = dnsbl.ParseZones(f.zones, bytes.NewReader(text))
	return c, err
}

// warnOfResolver says if the answers of many lists will be none.
func (u *ui) warnOfResolver(c *lookup.Checker) {
	if addr, operator, ok := c.PublicResolver(); ok {
		u.say("warning: %s is a public resolver (%s): Spamhaus and others do not answer it; ask through one of your own: --resolver ADDRESS", addr, operator)
	}
}

// blocklistFlags is what `blocklist` takes.
type blocklistFlags struct {
	lists      listFlags
	list       bool
	format     string
	output     string
	authorized string
	bounce     string
	ours       []string
}

func blocklistCommand(u *ui) *cobra.Command {
	var f blocklistFlags
	cmd := &cobra.Command{
		Use:   "blocklist [flags] TARGET...",
		Short: "Ask DNS block lists about addresses and domains",
		Long:  blocklistHelp(),
		Example: `  openrelay blocklist 192.0.2.25                        # am I on a blacklist, and why
  openrelay blocklist mail.example.org                  # its addresses and its domain
  openrelay blocklist --format markdown 198.51.100.0/24 # a block just received from a provider
  openrelay blocklist --bounce bounce.eml               # what a bounce says, and whom it is about`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.output = u.files.of("output")[0]
			c, err := f.lists.checker("openrelay blocklist")
			switch {
			case err != nil:
				return err
			case f.list:
				return u.listZones(c)
			case f.bounce != "":
				return runBounce(cmd.Context(), u, f, c, args)
			case len(args) == 0:
				return &usageError{"no targets", "openrelay blocklist 192.0.2.25"}
			}
			return runBlocklist(cmd.Context(), u, f, c, args)
		},
	}
	f.lists.bind(cmd)
	fs := cmd.Flags()
	fs.BoolVar(&f.list, "list", false, "list the block lists, and ask nothing")
	fs.StringVar(&f.format, "format", "table", "`NAME` of the format of the results, see above")
	fs.StringVarP(&f.output, "output", "o", "-", "`FILE` for the results")
	fs.StringVar(&f.authorized, "authorized", "", "`WHO` authorised it, and the ticket: for over 256 public addresses")
	fs.StringVar(&f.bounce, "bounce", "", "read the bounces in a message, mbox or Maildir `FILE` (or -) and ask about whom they say is listed")
	fs.StringSliceVar(&f.ours, "ours", nil, "`HOST`, address or CIDR that your mail leaves from: tells bounces of forged mail")
	return cmd
}

func blocklistHelp() string {
	var b help
	b.WriteString(`Ask DNS block lists about addresses, the hosts that have them, and their domains.

Each list is tested first: one that has died, lists everything or refuses to answer is
reported as "not checked", never as listed and never as clean. A listing is an accusation,
or is about the network around an address, or is policy: such addresses should not send
mail directly, and nobody is accused. No list is asked more than 50 times a second.

A TARGET is what "openrelay scan" takes: a host, an address, mx:DOMAIN, a CIDR, a range,
@FILE or -. Ports are of no matter.
`)
	listFormats(&b, 9, report.Listings)
	b.WriteString("\nOf what bounces say (--bounce) there are table and jsonl.\n")
	b.WriteString(`
Exit status
  0    on no list that answered
  1    listed
  2    usage or configuration error, or results that could not be written
  3    an address or a name got no answer from any list that works; of bounces also,
       none says which address is listed
  130  interrupted

A file for --zones names a zone a line: ZONE [ip4,ip6,name] [accusation|network|policy|
as:ZONE] [NAME]. The word "default" on a line adds the built-in ones. With a key for
Spamhaus: KEY.zen.dq.spamhaus.net ip4,ip6 as:zen.spamhaus.org; the key is not shown.`)
	return b.String()
}

// listZones prints the lists that would be asked.
func (u *ui) listZones(c *lookup.Checker) error {
	zones := c.Zones
	if zones == nil {
		zones = dnsbl.Zones
	}
	w := tabwriter.NewWriter(u.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ZONE\tLIST\tASKS\tKIND\tOPERATOR\tREMOVAL\tSOURCE\tREAD")
	for _, z := range zones {
		var cells []string
		for _, cell := range []string{z.Zone, z.Name, z.Asks.String(), string(z.Kind), z.Operator, z.Delist, z.Source, z.Date} {
			if cell == "" {
				cell = "-"
			}
			cells = append(cells, report.Printable(cell))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

func runBlocklist(ctx context.Context, u *ui, f blocklistFlags, c *lookup.Checker, args []string) error {
	if _, err := report.Listings.Find(f.format); err != nil {
		return &usageError{err.Error(), "openrelay blocklist --format " + report.Listings.Meant(f.format) + " TARGET"}
	}
	o := targets.Options{Ports: []uint16{25}, Authorized: f.authorized, Stdin: u.stdin,
		Ours: func() []netip.Prefix { return nil }} // nobody is connected to, and a mail host may ask about itself
	if len(c.Resolvers) > 0 {
		r := throughResolver(c.Resolvers[0])
		o.LookupNetIP, o.LookupMX = r.LookupNetIP, r.LookupMX
		o.LookupAliases = func(ctx context.Context, host string) ([]string, error) {
			return targets.AliasesOf(ctx, r, nameServer(c.Resolvers[0]), host)
		}
	}
	list, err := u.parse(ctx, args, o)
	if err == nil {
		err = u.check(ctx, list)
	}
	if err != nil {
		return aboutBlocklist(err)
	}
	u.warnOfResolver(c)
	s := &sweep{ui: u, checker: c, names: map[string]bool{}}
	s.bar = newProgress(u.stderr, "asking block lists", "auto", list.Len, func() int { return 0 })
	out, err := output(f.output, s.bar.beside(u.stdout), overwrite, "openrelay blocklist --output results.txt TARGET")
	if err != nil {
		s.bar.finish()
		return err
	}
	look := u.look(f.output)
	look.Ranges = rangesOf(args)
	s.writer, err = report.Listings.New(f.format, out, look)
	if err == nil {
		err = s.run(ctx, list)
	}
	err = errors.Join(err, out.Close())
	s.bar.finish()
	return s.end(ctx, f, err)
}

// nameServer is the configuration with one name server.
func nameServer(at netip.AddrPort) *dns.ClientConfig {
	return &dns.ClientConfig{Servers: []string{at.Addr().String()}, Port: strconv.Itoa(int(at.Port())), Ndots: 1}
}

// throughResolver is a resolver for hosts that asks where the lists are asked.
func throughResolver(at netip.AddrPort) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, at.String())
	}}
}

// rangesOf names the ranges among the targets, for the summary. What stands in a file is not repeated.
func rangesOf(args []string) string {
	ranges := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return !targets.KindOf(a).Range })
	if len(inTargets(args)) > 0 || len(ranges) == 0 || len(ranges) > 5 {
		return "the ranges given"
	}
	return strings.Join(ranges, ", ")
}

// aboutBlocklist turns the hints on targets, which are about scans, to this command.
func aboutBlocklist(err error) error {
	switch of := err.(type) {
	case *targets.Errors:
		about := &targets.Errors{Sum: aboutBlocklist(of.Sum)}
		for _, one := range of.All {
			about.All = append(about.All, aboutBlocklist(one))
		}
		return about
	case *targets.Error:
		about := *of
		about.Try = strings.Replace(of.Try, "openrelay scan", "openrelay blocklist", 1)
		return &about
	}
	return err
}

// sweep asks about many targets.
type sweep struct {
	ui      *ui
	checker *lookup.Checker
	writer  report.Writer[dnsbl.Listings]
	bar     *progress
	names   map[string]bool // asked about already
	summary report.ListingsSummary
}

// ahead is how many targets are asked about at once: enough to keep the slowest list busy.
const ahead = 24

// question is something to be asked, and the answer in its time.
type question struct {
	ask    func() dnsbl.Listings
	answer chan dnsbl.Listings
}

// run asks about everything in the list, many at once, and writes the answers in the order of the list.
func (s *sweep) run(ctx context.Context, list *targets.List) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan question, ahead)
	walked := make(chan error, 1)
	go func() {
		defer close(queue)
		walked <- s.walk(ctx, list, queue)
	}()
	var failed error
	for q := range queue {
		st := <-q.answer
		if failed != nil || ctx.Err() != nil {
			continue // an answer cut short is none
		}
		s.bar.count(probe.Closed)
		s.summary.Add(st)
		if err := s.writer.Write(st); err != nil {
			failed = fmt.Errorf("cannot write results: %w", err)
			cancel()
		}
	}
	err := <-walked
	if failed != nil {
		return failed
	}
	if closed := s.writer.Close(); closed != nil {
		return fmt.Errorf("cannot write results: %w", closed)
	}
	return err
}

// walk asks each question in a goroutine of its own, as many at once as the queue is long.
func (s *sweep) walk(ctx context.Context, list *targets.List, queue chan<- question) error {
	for target, err := range list.All(ctx) {
		if err != nil {
			return err
		}
		for _, ask := range s.questions(ctx, target) {
			q := question{ask, make(chan dnsbl.Listings, 1)}
			select {
			case queue <- q:
			case <-ctx.Done():
				return ctx.Err()
			}
			go func() { q.answer <- q.ask() }()
		}
	}
	return ctx.Err()
}

// questions are what is to be asked about a target: its names, each once, and its address.
func (s *sweep) questions(ctx context.Context, t probe.Target) []func() dnsbl.Listings {
	var all []func() dnsbl.Listings
	var names []string
	if t.Name != "" {
		names = dnsbl.NamesOf(t.Name)
	}
	if t.Domain != "" {
		names = append(names, dnsbl.NamesOf(t.Domain)...)
	}
	known := s.checker.Knows(dnsbl.Names)
	for _, name := range names {
		if known && !s.names[name] {
			s.names[name] = true
			all = append(all, func() dnsbl.Listings { return s.checker.NameListings(ctx, name) })
		}
	}
	switch {
	case t.DNSError != "" && known:
		s.ui.say("no address was found for %s (%s): asked about as a name only", report.Printable(t.Name), report.Printable(t.DNSError))
	case t.DNSError != "":
		began := time.Now().UTC()
		all = append(all, func() dnsbl.Listings {
			return dnsbl.Listings{Type: dnsbl.ListingsType, Schema: dnsbl.ListingsSchema, Target: t.Name, Named: true, Status: dnsbl.NotChecked,
				Why: "no address was found: " + t.DNSError, Listings: []dnsbl.Listing{}, Started: began}
		})
	default:
		all = append(all, func() dnsbl.Listings {
			st := s.checker.AddrListings(ctx, t.Addr.Addr())
			st.Name, st.Named = t.Name, t.Named
			return st
		})
	}
	return all
}

func (s *sweep) end(ctx context.Context, f blocklistFlags, err error) error {
	if ctx.Err() != nil {
		s.ui.say("interrupted: %s", s.summary.String())
		return exitStatus(statusInterrupted)
	}
	if err != nil {
		return err
	}
	if f.format != "table" || f.output != "-" {
		s.ui.say("%s", s.summary.String())
	}
	if status := s.summary.ExitStatus(); status != 0 {
		return exitStatus(status)
	}
	return nil
}

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/probe/prober"
	"openrelay/report"
	"openrelay/scanner"
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
	resume    string
	progress  string
	shard     string
	quiet     bool
	verbose   bool
	baseline  string
	expect    []string
	noted     string // where the present state is written down as expectations
	scope     string
	dryRun    bool
	failOn    string
	timeout   time.Duration
	ports     []uint
	asksLists bool
	lists     listFlags
	account   authFlags
	outputFlags
}

// outputFlags say where results go and how they look.
type outputFlags struct {
	format        string
	output        string
	reports       []string
	sarifLocation string
	example       string // the command, and what follows the flags: "openrelay scan %s TARGET"
}

// hint is a command line with these flags.
func (f *outputFlags) hint(flags string) string { return fmt.Sprintf(f.example, flags) }

func bindTargets(cmd *cobra.Command, f *scanFlags, o *targets.Options) {
	fs := cmd.Flags()
	fs.UintSliceVar(&f.ports, "ports", nil, "`PORTS` of targets named without one (25,465,587; 25 in ranges)")
	fs.Lookup("ports").DefValue = "" // the text says it
	fs.StringSliceVar(&o.Exclude, "exclude", nil, "`TARGET` never to test: address, CIDR, range, name")
	fs.StringArrayVar(&o.ExcludeFiles, "exclude-file", nil, "`FILE` of the same, one a line")
	fs.BoolVar(&o.ExcludeUnresolved, "exclude-unresolved", false, "go on though the addresses of an excluded name are not known")
	fs.BoolVarP(&o.IPv4Only, "ipv4", "4", false, "test IPv4 addresses only")
	fs.BoolVarP(&o.IPv6Only, "ipv6", "6", false, "test IPv6 addresses only")
	fs.StringVar(&f.shard, "shard", "", "`I/N`: test the I-th of N parts, counted from 0, of the same targets and exclusions; N alone takes I from JOB_COMPLETION_INDEX")
	fs.Uint64Var(&o.Seed, "seed", 0, "`N` for another order of the addresses of a range")
	fs.StringVar(&o.Authorized, "authorized", "", "`WHO` authorised it, and the ticket: for over 256 public addresses")
	fs.StringVar(&f.scope, "scope", "", "`FILE` of what may be tested, see above: instead of --authorized")
	fs.BoolVar(&f.dryRun, "dry-run", false, "print what would be sent to whom, and send nothing; names are looked up")
}

func bindProbe(cmd *cobra.Command, f *scanFlags, p *prober.Prober) {
	fs := cmd.Flags()
	fs.StringVar(&f.profile, "profile", "standard", "`NAME` of the choice of vectors, see above")
	fs.StringSliceVar(&f.vectors, "vectors", nil, "only these `IDS`; -ID leaves one out of the profile")
	fs.BoolVar(&f.intrusive, "intrusive", false, "claim to be somebody else: XCLIENT, PROXY, a made-up login")
	fs.StringVar(&f.proof, "proof", "data", "`HOW` far to go with what is accepted: rcpt, data, or deliver, which sends messages")
	fs.StringSliceVar(&p.LocalDomains, "local-domain", nil, "`DOMAIN` the targets take mail for")
	fs.StringSliceVar(&p.LocalUsers, "local-user", nil, "`USER[@DOMAIN]` of the targets: whether mail for it is taken, and from it relayed")
	fs.StringSliceVar(&p.FromDomains, "from-domain", nil, "foreign `DOMAIN` of yours to send from (example.net)")
	fs.StringSliceVar(&p.ToDomains, "to-domain", nil, "foreign `DOMAIN` of yours to send to (example.org)")
	bindMTA(cmd, p)
	fs.StringVar(&p.Helo, "helo", hostname(), "`NAME` to introduce us by (the address literal)")
	fs.StringVar(&f.evidence, "evidence", "deciding", "`WHICH` dialogues to keep: deciding or all")
}

func bindPace(cmd *cobra.Command, f *scanFlags, j *job) {
	fs, l, s := cmd.Flags(), &j.prober.Limits, &j.scanner
	fs.StringVar(&f.source, "source", "", "`ADDRESS` to connect from")
	fs.IntVar(&s.Workers, "workers", 0, fmt.Sprintf("`N` servers at once (%d; %d if none is public)", workersPublic, workersPrivate))
	fs.IntVar(&s.MaxConnecting, "max-connecting", scanner.DefaultConnecting, "`N` connections in the making at once; with fewer than 16 workers, theirs alone")
	fs.Float64Var(&s.Rate, "rate", 0, "`N` connections a second in all (no limit)")
	fs.IntVar(&s.PerNetwork, "per-network", 0, fmt.Sprintf("`N` servers at once in a /24 or /64 (%d; no limit if none is public)", scanner.DefaultPerNetwork))
	fs.DurationVar(&f.timeout, "timeout", 0, "`TIME` for one reply (1m, greeting 30s; in ranges 10s)")
	fs.DurationVar(&l.Connect, "connect-timeout", 0, "`TIME` for one connection (10s; in ranges 1.3s)")
	fs.DurationVar(&l.Total, "max-time", 0, "`TIME` for one target in all, the wait for --rate aside (10m; in ranges 1m)")
	fs.DurationVar(&l.Retry, "retry-for", 0, "`TIME` to come back if asked to, -1s for never (1m; in ranges never)")
}

func bindLists(cmd *cobra.Command, f *scanFlags) {
	cmd.Flags().BoolVar(&f.asksLists, "blocklists", false, "ask DNS block lists about the targets, and about us")
	f.lists.bind(cmd)
}

func bindOutput(cmd *cobra.Command, f *outputFlags, example string) {
	f.example = example
	fs := cmd.Flags()
	fs.StringVar(&f.format, "format", "table", "`NAME` of the format of the results, see above")
	fs.StringVarP(&f.output, "output", "o", "-", "`FILE` for the results")
	fs.StringArrayVar(&f.reports, "report", nil, "`NAME=FILE` for another report beside it")
	fs.StringVar(&f.sarifLocation, "sarif-location", "", "`FILE[:LINE]` for every result of the sarif format (its target's line in @FILE)")
}

func bindGate(cmd *cobra.Command, f *scanFlags, j *job) {
	fs := cmd.Flags()
	fs.StringVar(&f.resume, "resume", "", "`FILE` of jsonl results to go on with, where a scan was cut off")
	fs.StringVar(&f.progress, "progress", "auto", "`HOW` to say how far it is: auto (a bar on a terminal), json or none")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "print only what is worse than expected (what is open)")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "print every dialogue on standard error when it is over, and which files are read")
	fs.StringVar(&f.baseline, "baseline", "", "jsonl `FILE` of an earlier scan: say what has changed since")
	fs.StringVar(&f.failOn, "fail-on", "", "`WHAT` ends with status 1, see above (what is open)")
	bindExpect(cmd, &f.expect)
	fs.StringVar(&f.noted, "write-expect", "", "new `FILE` for what was found, as expectations to edit")
	fs.DurationVar(&j.wait, "wait", 0, "`TIME` to wait at most for named servers to greet, before the scan (none)")
}

func bindExpect(cmd *cobra.Command, files *[]string) {
	cmd.Flags().StringArrayVar(files, "expect", nil, "`FILE` of what is expected of servers, see openrelay scan --help")
}

// help is text for people with lists in it: every list comes from the table it is about.
type help struct{ strings.Builder }

func (h *help) list(heading string, width int, rows func(row func(name, about string))) {
	fmt.Fprintf(h, "\n%s\n", heading)
	rows(func(name, about string) {
		h.WriteString(strings.TrimRight(fmt.Sprintf("  %-*s  %s", width, name, about), " ") + "\n")
	})
}

// listFormats lists the formats of one kind of record.
func listFormats[T any](h *help, width int, all report.Formats[T]) {
	h.list("Formats", width, func(row func(string, string)) {
		for _, f := range all {
			row(f.Name, f.About)
		}
	})
}

// scanHelp is what the help says before the flags.
func scanHelp() string {
	var b help
	b.WriteString("Test mail servers and say which would relay mail for a stranger.\n")
	b.list("A TARGET is one of", 17, func(row func(string, string)) {
		for _, k := range targets.Kinds {
			row(k.Form, k.About)
		}
	})
	b.list("Lists, in files and on standard input, are recognised by their look", 20, func(row func(string, string)) {
		for _, form := range targets.ListForms {
			row(form.Name, form.About)
		}
	})
	b.list("Profiles", 17, func(row func(string, string)) {
		for _, p := range probe.Profiles {
			row(p.Name, p.About)
		}
	})
	listFormats(&b, 17, report.Results)
	b.list("A scope file holds lines like these; nothing else is tested, whatever a name leads to", 0, func(row func(string, string)) {
		for line := range strings.Lines(targets.ScopeForm) {
			row(strings.TrimSuffix(line, "\n"), "")
		}
	})
	b.list("A file of --expect holds lines like these. In a list of targets the comment behind one says what\nis expected of it: # expect=unreachable", 0, func(row func(string, string)) {
		for line := range strings.Lines(targets.ExpectForm) {
			row(strings.TrimSuffix(line, "\n"), "")
		}
	})
	b.list("Exit status", 17, func(row func(string, string)) {
		row("0", "everything tested is closed, or as it is expected to be")
		row("1", "something is open, or worse than expected; or what --fail-on names")
		row("2", "usage or configuration error, results that could not be written, or no network any more")
		row("3", "a named target is unreachable or something is inconclusive, and not expected to be; or --auth failed;")
		row("", "with --dry-run: a name cannot be looked up, or has no address to test")
		row("130", "interrupted")
	})
	b.list("--fail-on decides what ends with 1 instead, but never what is as expected. 3 stays as it is,\nbut for open and never, which make it 0. The changes are those against --baseline", 17, func(row func(string, string)) {
		for _, p := range report.Policies {
			row(string(p.FailOn), p.About)
		}
	})
	fmt.Fprintf(&b, "\nWhat %s, ~/.config/openrelay/exclude and\n$XDG_CONFIG_HOME/openrelay/exclude name is never tested: one address, CIDR, range or\nhost name a line, as in the files of --exclude-file. Results say which were read.\n", filepath.Join(etc, "openrelay", "exclude"))
	b.WriteString("\nFlags may be repeated where they name one thing of many, and set in the environment:\nOPENRELAY_PER_NETWORK for --per-network.")
	return b.String()
}

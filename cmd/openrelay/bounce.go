package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"openrelay/probe/bounce"
	"openrelay/probe/dnsbl"
	"openrelay/probe/dnsbl/lookup"
	"openrelay/report"
)

// runBounce says what bounces say, and asks the lists about whom they call listed.
func runBounce(ctx context.Context, u *ui, f blocklistFlags, c *lookup.Checker, args []string) error {
	const usual = "openrelay blocklist --bounce bounce.eml"
	w, err := report.Bounces.New(f.format, u.stdout, u.look("-"))
	switch {
	case len(args) > 0:
		return &usageError{"--bounce names whom to ask about: targets beside it are too many", usual}
	case err != nil:
		return &usageError{"what a bounce says: " + err.Error(), usual}
	case f.output != "-":
		return &usageError{"what a bounce says goes to standard output", usual}
	}
	r := &bounce.Reader{Ours: f.ours}
	zones := c.Zones
	if zones == nil {
		zones = dnsbl.Zones
	}
	for _, z := range zones {
		r.Lists = append(r.Lists, bounce.List{Zone: z.Zone, Name: z.Name, Lookup: strings.ReplaceAll(z.Lookup, "{}", ""), Delist: z.Delist})
	}
	found, err := bounces(r, f.bounce, u.input)
	if err != nil {
		return &usageError{fmt.Sprintf("cannot read %q: %v", f.bounce, reason(err)), usual}
	}
	sum, whom, err := writeBounces(w, found)
	if err != nil {
		return fmt.Errorf("cannot write results: %w", err)
	}
	return u.askAfter(ctx, f, c, sum, whom)
}

// askAfter asks the lists about everybody whom bounces call listed.
func (u *ui) askAfter(ctx context.Context, f blocklistFlags, c *lookup.Checker, sum report.BounceSummary, whom []string) error {
	switch {
	case len(whom) > 0:
		return runBlocklist(ctx, u, f, c, whom)
	case sum.BlockLists > 0:
		u.say("no bounce says which address is listed: openrelay blocklist and the address your mail leaves from")
		return exitStatus(statusUnanswered)
	case sum.Unreadable > 0 && sum.Others+sum.NoBounces == 0:
		return exitStatus(statusUsage)
	}
	return nil
}

// bounces reads what the user names: a message, an mbox, a Maildir, or "-" for standard input.
func bounces(r *bounce.Reader, name string, stdin io.Reader) (iter.Seq2[bounce.Bounce, error], error) {
	if name == "-" {
		return r.All(stdin), nil
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return r.Dir(os.DirFS(name)), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return func(yield func(bounce.Bounce, error) bool) {
		defer f.Close()
		for b, err := range r.All(f) {
			b.Source = name
			if !yield(b, err) {
				return
			}
		}
	}, nil
}

// mostAsked bounds how many addresses a long mailbox leaves to ask about.
const mostAsked = 256

// writeBounces writes what each bounce says. What cannot be read is reported among them; the error is
// that of writing. It returns whom to ask the lists about: the addresses and domains that bounces call
// listed, each once.
func writeBounces(w report.Writer[bounce.Record], found iter.Seq2[bounce.Bounce, error]) (sum report.BounceSummary, whom []string, err error) {
	for b, problem := range found {
		r := bounce.NewRecord(b, problem)
		sum.Add(r)
		for _, f := range r.Findings {
			listed := f.BlockList && f.Kind != bounce.Delivered && f.Against != ""
			if listed && len(whom) < mostAsked && !slices.Contains(whom, f.Against) {
				whom = append(whom, f.Against)
			}
		}
		if err := w.Write(r); err != nil {
			return sum, whom, err
		}
	}
	return sum, whom, w.Close()
}

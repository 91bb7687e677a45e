package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/probe/changes"
	"openrelay/probe/expect"
	"openrelay/report"
)

func diffCommand(u *ui) *cobra.Command {
	var format, failOn string
	var expected []string
	var quiet bool
	cmd := &cobra.Command{
		Use:   "diff [flags] OLD NEW",
		Short: "Say what changed between two scans",
		Long:  diffHelp(),
		Example: `  openrelay diff yesterday.jsonl today.jsonl
  openrelay diff --fail-on any-change --format jsonl yesterday.jsonl today.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 || args[0] == "-" && args[1] == "-" {
				return &usageError{"diff takes two files of results, the older first", "openrelay diff yesterday.jsonl today.jsonl"}
			}
			policy, err := report.ParseFailOn(failOn)
			if err != nil {
				return &usageError{err.Error(), "openrelay diff --fail-on any-change OLD NEW"}
			}
			if _, err := report.Changes.Find(format); err != nil {
				return &usageError{err.Error(), "openrelay diff --format " + report.Changes.Meant(format) + " OLD NEW"}
			}
			set, err := readExpect(expected)
			if err == nil {
				err = u.checkExpect(set, "openrelay diff")
			}
			if err != nil {
				return err
			}
			o := u.look("-")
			o.Quiet = quiet
			return u.diff(cmd.Context(), args[0], args[1], set, policy, format, o)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&format, "format", "table", "`NAME` of the format, see above")
	fs.StringVar(&failOn, "fail-on", string(report.FailOnNewOpen), "`WHAT` ends with status 1, see above")
	bindExpect(cmd, &expected)
	fs.BoolVarP(&quiet, "quiet", "q", false, "print only what is newly open or worse than expected")
	return cmd
}

// diffHelp is what the help says before the flags.
func diffHelp() string {
	const width = 19
	var b help
	b.WriteString(`Say what changed between two scans. OLD and NEW are files that --format jsonl wrote;
- is standard input.

A server is recognised by its name and address, else by its address, else by its name
and port where the name leads to one other address now. The mail host of two mx: domains
is two servers. Addresses of a range without a mail server, and ports of the default
list that are not offered, are no servers.
`)
	b.list("Changes, with the name that jsonl has for them", width, func(row func(string, string)) {
		for _, k := range changes.Kinds {
			row(string(k.Kind), k.About)
		}
	})
	b.list("--fail-on decides what ends with status 1, but never what is as expected. What is open or\ninconclusive is so in NEW", width, func(row func(string, string)) {
		for _, p := range report.Policies {
			row(string(p.FailOn), p.About)
		}
	})
	listFormats(&b, width, report.Changes)
	b.list("Exit status", width, func(row func(string, string)) {
		row("0", "nothing of what --fail-on names")
		row("1", "something of it: by default, something is newly open, or newly worse than expected")
		row("2", "usage error, or a file that is no whole file of results")
		row("130", "interrupted")
	})
	return strings.TrimSuffix(b.String(), "\n")
}

func (u *ui) diff(ctx context.Context, older, newer string, expected *expect.Set, policy report.FailOn, format string, o report.Options) error {
	var d changes.Diff
	summary := report.Summary{FailOn: policy}
	before := expected.Anew()
	err := u.readResults(ctx, older, func(r probe.Result) {
		before.Judge(&r)
		d.Before(r)
	})
	if err != nil {
		return err
	}
	err = u.readResults(ctx, newer, func(r probe.Result) {
		expected.Judge(&r)
		summary.Add(r)
		d.After(r)
	})
	if err != nil {
		return err
	}
	all := d.Changes()
	summary.Compare(all)
	if err := u.writeChanges(format, o, all); err != nil {
		return fmt.Errorf("cannot write the changes: %w", err)
	}
	if summary.Fails() {
		return exitStatus(1)
	}
	return nil
}

func (u *ui) writeChanges(format string, o report.Options, all []changes.Change) error {
	w, err := report.Changes.New(format, u.stdout, o)
	if err != nil {
		return err
	}
	for _, c := range all {
		if err := w.Write(c); err != nil {
			return err
		}
	}
	return w.Close()
}

package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/report"
)

func reportCommand(u *ui) *cobra.Command {
	var f outputFlags
	var deliveries, expected []string
	cmd := &cobra.Command{
		Use:   "report [flags] FILE...",
		Short: "Write saved results anew, in any format",
		Long:  reportHelp(),
		Example: `  openrelay report results.jsonl
  openrelay report --format junit --output results.xml --report sarif=results.sarif results.jsonl
  openrelay report --format jsonl --output all.jsonl monday.jsonl tuesday.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"no files", "openrelay report results.jsonl"}
			}
			set, err := readExpect(expected)
			if err == nil {
				err = u.checkExpect(set, "openrelay report")
			}
			if err != nil {
				return err
			}
			return runReport(cmd.Context(), &sinks{ui: u, expect: set}, f, deliveries, args)
		},
	}
	bindOutput(cmd, &f, "openrelay report %s results.jsonl")
	bindExpect(cmd, &expected)
	cmd.Flags().StringArrayVar(&deliveries, "deliveries", nil, "`FILE` that openrelay catch wrote: what came out belongs to these results")
	return cmd
}

// readDeliveries reads what catchers wrote. Twenty messages a scan are few.
func readDeliveries(files []string) (*report.Caught, error) {
	const usual = "openrelay report --deliveries caught.jsonl results.jsonl"
	var all []probe.Arrival
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return nil, &usageError{fmt.Sprintf("cannot read %q: %v", name, reason(err)), usual}
		}
		defer file.Close()
		for a, err := range report.ReadDeliveries(upTo(mostDeliveries, file, "give several files for more")) {
			if err != nil {
				return nil, badResults(name, err, usual)
			}
			all = append(all, a)
		}
	}
	return report.NewCaught(all), nil
}

func reportHelp() string {
	var b help
	fmt.Fprintf(&b, `Write saved results anew, in any format. A FILE is what the jsonl format wrote, - is
standard input, up to %s. Of several scans of one target the newest counts. The exit
status is that of a scan without --fail-on; 2, where a file cannot be read.
`, size(mostSpooled))
	listFormats(&b, 17, report.Results)
	return b.String()
}

// runReport reads the files twice: once to find mistakes and which results count, then to write these.
// Nothing is written if a file is no good.
func runReport(ctx context.Context, out *sinks, f outputFlags, deliveries, args []string) error {
	reports, err := f.destinations(out.ui.files)
	if err != nil {
		return err
	}
	arrived, err := readDeliveries(deliveries)
	if err != nil {
		return err
	}
	s := saved{ui: out.ui, newest: map[[16]byte]newest{}, told: map[int]bool{}, most: mostSpooled}
	defer s.close()
	for _, name := range args {
		if err := s.open(name); err != nil {
			return err
		}
	}
	if err := s.each(ctx, s.index); err != nil {
		return err
	}
	out.sarifLocation, out.hint = f.sarifLocation, f.hint("--output results.txt")
	if err := out.open(reports, out.ui.stdout); err != nil {
		return err
	}
	outdated := 0
	err = s.each(ctx, func(r probe.Result, from source) error {
		if s.newest[identity(r)].source != from {
			outdated++
			return nil
		}
		arrived.Join(&r)
		return out.add(r)
	})
	out.close()
	if err != nil {
		return err
	}
	if n := arrived.Unmatched(); n > 0 {
		out.ui.say("%d messages that were caught belong to none of these results", n)
	}
	if outdated > 0 {
		out.ui.say("older or repeated results left out: %d", outdated)
	}
	return out.verdict()
}

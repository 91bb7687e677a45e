package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"openrelay/probe"
)

func vectorsCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "vectors",
		Short: "List every way a server may be asked to relay",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var table strings.Builder
			w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tCLASS\tMAIL FROM\tRCPT TO\tAFTER")
			for _, v := range probe.Vectors {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", v.ID, v.Class, v.From, v.To, v.Before())
			}
			_ = w.Flush() // into memory
			for line := range strings.Lines(table.String()) {
				u.print("%s\n", strings.TrimRight(line, " \n"))
			}
			return nil
		},
	}
}

package main

import (
	"fmt"
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
			w := tabwriter.NewWriter(u.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tCLASS\tMAIL FROM\tRCPT TO")
			for _, v := range probe.Vectors {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", v.ID, v.Class, v.From, v.To)
			}
			return w.Flush()
		},
	}
}

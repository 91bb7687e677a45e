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
			w := tabwriter.NewWriter(u.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tCLASS\tMAIL FROM\tRCPT TO\tAFTER")
			for _, v := range probe.Vectors {
				row := []string{v.ID, string(v.Class), v.From, v.To}
				if v.Before() != "" {
					row = append(row, v.Before())
				}
				fmt.Fprintln(w, strings.Join(row, "\t"))
			}
			return w.Flush()
		},
	}
}

package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// verbatim keeps the columns of the texts: for the pages, as in Markdown, an empty line and four spaces
// say so.
func verbatim(cmd *cobra.Command) {
	var lines []string
	inside := false
	for line := range strings.Lines(cmd.Long) {
		indented := strings.HasPrefix(line, "  ")
		if indented && !inside {
			lines = append(lines, "\n")
		}
		if inside = indented; indented {
			line = "  " + line
		}
		lines = append(lines, line)
	}
	cmd.Long = strings.Join(lines, "")
	for _, sub := range cmd.Commands() {
		verbatim(sub)
	}
}

func manCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the manual pages",
		Long:    "Write the manual pages of openrelay and of each of its commands into a directory.",
		Example: "  openrelay man /usr/local/share/man/man1",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			const usual = "openrelay man /usr/local/share/man/man1"
			if len(args) == 0 {
				return &usageError{"no directory", usual}
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return &usageError{fmt.Sprintf("cannot write to %q: %v", args[0], reason(err)), usual}
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // the same pages from the same version
			verbatim(root)
			header := &doc.GenManHeader{Section: "1", Source: "openrelay " + version(), Manual: "User Commands"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return &usageError{fmt.Sprintf("cannot write to %q: %v", args[0], reason(err)), usual}
			}
			u.say("the manual pages are in %s", args[0])
			return nil
		},
	}
}

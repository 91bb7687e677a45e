package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/words"
	"openrelay/report"
)

func explainCommand(u *ui) *cobra.Command {
	var asJSONL bool
	cmd := &cobra.Command{
		Use:   "explain [VECTOR [SERVER] | WORD | REPLY]",
		Short: "Explain a vector, a word of the reports, or a server's reply",
		Long: "Explain a vector, a word of the reports, or a server's reply.\n\n" +
			"Without an argument: list every word, by kind. The vectors: openrelay vectors.",
		Example: `  openrelay explain
  openrelay explain percent-own-domain
  openrelay explain plain Postfix
  openrelay explain greylisted
  openrelay explain vanishing-mail
  openrelay explain "454 4.7.1 <a@example.org>: Relay access denied"`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return explained(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case asJSONL && len(args) > 0:
				return &usageError{fmt.Sprintf("--jsonl reads standard input, not %q", args[0]), "openrelay explain --jsonl <replies.jsonl"}
			case asJSONL:
				return u.explainLines()
			case len(args) == 0:
				u.print("%s", report.Glossary(u.look("-")))
				return nil
			}
			return u.explain(strings.Join(args, " "))
		},
	}
	cmd.Flags().BoolVar(&asJSONL, "jsonl", false, `read {"id","stage","reply"} lines and write {"id","class"} lines, or {"id","error"} where a line cannot be read`)
	return cmd
}

func (u *ui) explain(what string) error {
	id, server, _ := strings.Cut(what, " ")
	if v, ok := probe.Find(id); ok {
		return u.explainVector(v, server)
	}
	if text := report.Explanation(what, u.look("-")); text != "" {
		u.print("%s", text)
		return nil
	}
	return u.explainReply(what)
}

// explained are the words there are, vectors among them, in alphabetical order.
func explained() (all []string) {
	for _, v := range probe.Vectors {
		all = append(all, v.ID)
	}
	for _, row := range words.All {
		all = append(all, row.Word)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (u *ui) explainReply(what string) error {
	line := strings.TrimPrefix(strings.TrimPrefix(what, "> "), "S: ") // as a report shows it
	reply, err := dialogue.ParseReply(strings.ReplaceAll(line, `\n`, "\n"))
	if err != nil {
		hint := "openrelay explain"
		if near := report.Nearest(what, explained()); near != "" {
			hint = "openrelay explain " + near
		}
		return &usageError{fmt.Sprintf("%q is no vector, no word of the reports and no reply", what), hint}
	}
	meaning, phrase := phrasebook.Lookup(phrasebook.Unknown, reply)
	u.print("%s", meaning)
	if phrase != nil && phrase.MTA != "" {
		u.print(" (as %s words it)", phrase.MTA)
	}
	u.print("\n")
	row, _ := words.Find(words.Meaning, string(meaning))
	u.print("%s", report.Paragraphs(u.look("-"), row.Says+"."))
	return nil
}

// explainVector prints what is true of a vector everywhere, and what is to be done about it on each
// server that is known, or on one.
func (u *ui) explainVector(v probe.Vector, server string) error {
	i := slices.IndexFunc(phrasebook.Banners, func(g phrasebook.Greeting) bool { return strings.EqualFold(g.MTA, server) })
	if server != "" && i < 0 {
		return &usageError{fmt.Sprintf("%q is no mail server known here", server), "openrelay explain " + v.ID}
	}
	look := u.look("-")
	u.print("%s\n", report.Paragraphs(look, fmt.Sprintf("%s: %s (%s, %s)", v.ID, v.Title, v.Class, v.RFC)))
	u.print("  %s\n\n", strings.Join(v.Dialogue(), "\n  "))
	u.print("%s", report.Paragraphs(look, v.Why, v.Fix))
	for i := range probe.Fixes {
		c := &probe.Fixes[i]
		about := slices.DeleteFunc(slices.Clone(c.MTAs), func(mta string) bool {
			return probe.FixFor(mta, &v) != c || server != "" && !strings.EqualFold(mta, server)
		})
		if len(about) == 0 {
			continue
		}
		see := ""
		if c.Ref != "" {
			see = "See " + c.Ref + "."
		}
		u.print("\n%s", report.Paragraphs(look, strings.Join(about, ", ")+": "+c.Cause, c.Text(), see))
	}
	return nil
}

// answer is what a line of replies gets: what the reply means, or what is wrong with the line.
type answer struct {
	ID    json.RawMessage    `json:"id,omitempty"`
	Class phrasebook.Meaning `json:"class,omitempty"`
	Error string             `json:"error,omitempty"`
}

// explainLines classifies many replies, for programs. A line that cannot be read is answered in its place.
func (u *ui) explainLines() error {
	in := bufio.NewReader(u.input)
	bad := 0
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			a := classify(line)
			if a.Error != "" {
				bad++
				a.Error = fmt.Sprintf("line %d: %s", n, a.Error)
			}
			if err := u.printLine(a); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF && bad > 0:
			return &usageError{fmt.Sprintf("%d of the lines could not be read: see \"error\" in their answers", bad), `echo '{"id":1,"stage":"rcpt","reply":"550 no"}' | openrelay explain --jsonl`}
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

func (u *ui) printLine(a answer) error {
	line, err := report.JSONLine(a)
	if err == nil {
		_, err = u.stdout.Write(line)
	}
	return err
}

// classify answers one line.
func classify(line []byte) answer {
	var q struct {
		ID    json.RawMessage  `json:"id"`
		Stage phrasebook.Stage `json:"stage"`
		Reply string           `json:"reply"`
	}
	err := json.Unmarshal(line, &q) // where one field is of another type, the rest is known
	stage := cmp.Or(q.Stage, phrasebook.Unknown)
	switch {
	case err != nil:
		return answer{ID: q.ID, Error: `no JSON like {"id":1,"stage":"rcpt","reply":"550 no"}`}
	case !slices.Contains(phrasebook.Stages, stage):
		return answer{ID: q.ID, Error: fmt.Sprintf("unknown stage %q, none of %s", stage, phrasebook.Stages)}
	case q.Reply == "":
		return answer{ID: q.ID, Error: "no reply"}
	}
	reply, err := dialogue.ParseReply(q.Reply)
	if err != nil {
		return answer{ID: q.ID, Error: err.Error()}
	}
	meaning, _ := phrasebook.Lookup(stage, reply)
	return answer{ID: q.ID, Class: meaning}
}

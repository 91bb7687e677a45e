package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/probe/fixes"
	"openrelay/probe/prober"
	"openrelay/probe/words"
	"openrelay/report"
)

// bindMTA is --mta, by which the user says which software it is where the server does not.
func bindMTA(cmd *cobra.Command, p *prober.Prober) {
	cmd.Flags().StringVar(&p.MTA, "mta", "", "`NAME` of the software, for the cause and the fix, where the server hides it: Exim, \"Microsoft 365\"")
	err := cmd.RegisterFlagCompletionFunc("mta", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return fixes.Servers(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil { // the flag is not there, or has one already
		panic(err)
	}
}

// checkMTA writes the name of --mta as fixes write it. line is the command line of a hint, but for the flag.
func checkMTA(p *prober.Prober, line string) error {
	name := fixes.Server(p.MTA)
	if p.MTA != "" && name == "" {
		return unknownServer(p.MTA, strings.Replace(line, "%s", "--mta %s", 1))
	}
	p.MTA = name
	return nil
}

// mtaFlag is --mta with a name, as a shell takes it.
func mtaFlag(name string) string { return "--mta " + oneWord(name) }

// oneWord is a name of a server as one word of a shell.
func oneWord(name string) string {
	if strings.Contains(name, " ") {
		return `"` + name + `"`
	}
	return name
}

// unknownServer is the error for a name that no server has. line is the command line with the right name in place of %s.
func unknownServer(name, line string) error {
	hint := listAll
	if near := cmp.Or(words.Nearest(name, fixes.Servers()), begun(name)); near != "" {
		hint = fmt.Sprintf(line, oneWord(near))
	}
	return &usageError{fmt.Sprintf("%q is no mail server known here", name), hint}
}

// begun is the one server whose name begins with these words (Kerio), or stands before its version in them (Exim 4.98;
// but Exchange Online is not Exchange). It is "" for none, and for several.
func begun(words string) string {
	words = strings.ToLower(words) + " "
	like := slices.DeleteFunc(fixes.Servers(), func(s string) bool {
		name := strings.ToLower(s) + " "
		version, ok := strings.CutPrefix(words, name)
		return !strings.HasPrefix(name, words) && !(ok && strings.ContainsAny(version, "0123456789"))
	})
	if len(like) != 1 {
		return ""
	}
	return like[0]
}

// listAll is the command that lists what may be explained.
const listAll = "openrelay explain"

// explainAll lists every word, and the mail servers.
func (u *ui) explainAll() {
	look := u.look("-")
	u.print("%s\n%s", report.Glossary(look), report.Paragraphs(look, "mail servers: "+strings.Join(fixes.Servers(), ", ")))
}

// explainServer lists what there is for one server: each row of advice with its vectors, its cause in short, and how it
// was checked.
func (u *ui) explainServer(name string) {
	look := u.look("-")
	rows, example := adviceFor(name)
	if len(rows) == 0 {
		u.print("%s", report.Paragraphs(look, name+": nothing is known of this server but its name. What holds for every server:\n  openrelay explain plain"))
		return
	}
	text := []string{name + ": what it may accept, why, and how it is known what helps. One of them in full:\n  openrelay explain " + example + " " + name}
	if p := aroundIt(rows); p != nil {
		text = append(text, special(p)...)
	}
	u.print("%s", report.Paragraphs(look, text...))
	for i := range rows {
		f := rows[i].Fix
		u.print("\n%s", report.Paragraphs(look, append([]string{vectorsOf(f) + ": " + firstSentence(f.Cause)}, checked(f)...)...))
	}
}

// aroundIt is the product whose server inside the rows are about; nil for none.
func aroundIt(rows []fixes.Advice) *fixes.Product {
	for i := range rows {
		if rows[i].Product != nil {
			return rows[i].Product
		}
	}
	return nil
}

// special is what is special to a product, and where that stands.
func special(p *fixes.Product) []string {
	text := []string{"It has " + p.Server + " inside. " + p.Note}
	if p.Ref != "" {
		text = append(text, "Read on "+p.Read+": "+p.Ref+".")
	}
	return text
}

// adviceFor are the rows for one server, in the order of the vectors that lead to them, and the first such vector.
func adviceFor(name string) (rows []fixes.Advice, example string) {
	for _, v := range probe.Vectors {
		a := fixes.For(name, &v)
		if a.Fix == nil || slices.ContainsFunc(rows, func(row fixes.Advice) bool { return row.Fix == a.Fix }) {
			continue
		}
		rows, example = append(rows, a), cmp.Or(example, v.ID)
	}
	return rows, example
}

// vectorsOf are the vectors that a fix is about, as its row has them.
func vectorsOf(f *fixes.Fix) string {
	if len(f.Vectors) == 0 {
		return "any vector that has no row of its own"
	}
	return strings.Join(f.Vectors, ", ")
}

func firstSentence(text string) string {
	first, _, more := strings.Cut(text, ". ")
	if more {
		first += "."
	}
	return first
}

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/fixes"
	"openrelay/probe/phrasebook"
	"openrelay/probe/prober"
	"openrelay/probe/words"
	"openrelay/report"
)

func explainCommand(u *ui) *cobra.Command {
	var asJSONL bool
	var p prober.Prober
	cmd := &cobra.Command{
		Use:   "explain [VECTOR [SERVER] | SERVER | WORD | REPLY | FILE]",
		Short: "Explain a vector, a word of the reports, a server's reply, or a whole session",
		Long: "Explain a vector, a word of the reports, a server's reply, or a whole session.\n\n" +
			"VECTOR SERVER is how that mail server is closed, and how it is known that this helps; SERVER alone is the list of\n" +
			"what there is for it.\n\n" +
			"FILE, or - for standard input, holds sessions: what telnet, swaks, curl or openssl s_client showed, what a mail\n" +
			"server logged, a dialogue or a record of openrelay. They are judged as a scan is: the verdict, what it rests on,\n" +
			"what was not asked, and which control is missing. Nothing is asked of any server. ./NAME is a file, where NAME\n" +
			"is a word too.\n\n" +
			"Without an argument: list every word, by kind, and the mail servers. The vectors: openrelay vectors.",
		Example: `  openrelay explain
  openrelay explain percent-own-domain
  openrelay explain plain Postfix
  openrelay explain Postfix
  openrelay explain greylisted
  openrelay explain vanishing-mail
  openrelay explain "454 4.7.1 <a@example.org>: Relay access denied"
  openrelay explain session.txt
  swaks --quit-after RCPT --to stranger@example.org --server mx.example.com | openrelay explain --local-domain example.com -`,
		ValidArgsFunction: completeExplain,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && !asJSONL && ofSession(&p) == "" {
				u.explainAll()
				return nil
			}
			if err := checkMTA(&p, "openrelay explain %s session.txt"); err != nil {
				return err
			}
			switch {
			case asJSONL && len(args) > 0:
				return &usageError{fmt.Sprintf("--jsonl reads standard input, not %q", args[0]), "openrelay explain --jsonl <replies.jsonl"}
			case asJSONL && ofSession(&p) != "":
				return &usageError{fmt.Sprintf("--jsonl reads replies, and %s is about the server of a session", ofSession(&p)), "openrelay explain --jsonl <replies.jsonl"}
			case asJSONL:
				return u.explainLines()
			}
			if err := checkNames(&p, "openrelay explain %s session.txt"); err != nil {
				return err
			}
			return u.explain(strings.Join(args, " "), &p)
		},
	}
	cmd.Flags().StringSliceVar(&p.LocalDomains, "local-domain", nil, "`DOMAIN` that the server of a session takes mail for")
	bindMTA(cmd, &p)
	cmd.Flags().BoolVar(&asJSONL, "jsonl", false, `read {"id","stage","reply"} lines and write {"id","class"} lines, or {"id","error"} where a line cannot be read`)
	return cmd
}

// completeExplain completes words and servers, and a server behind a vector.
func completeExplain(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return append(explained(), fixes.Servers()...), cobra.ShellCompDirectiveDefault
	}
	if _, isVector := probe.Find(args[0]); isVector && len(args) == 1 {
		return fixes.Servers(), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// explain explains a word, else the sessions of a file, else a reply.
func (u *ui) explain(what string, p *prober.Prober) error {
	id, server, _ := strings.Cut(what, " ")
	v, isVector := probe.Find(id)
	text := report.Explanation(what, u.look("-"))
	switch {
	case !isVector && text == "" && (what == "-" || isFile(what) || isPath(what)):
		return u.explainFile(what, p)
	case ofSession(p) != "" && what == "":
		return &usageError{ofSession(p) + " is about the server of a session, and none is named", "openrelay explain " + ofSession(p) + " session.txt"}
	case ofSession(p) != "":
		return &usageError{fmt.Sprintf("%s is about the server of a session, and %q is no file", ofSession(p), what), "openrelay explain " + ofSession(p) + " session.txt"}
	case isVector:
		return u.explainVector(v, server)
	case text != "":
		u.print("%s", text)
		return nil
	case fixes.Server(what) != "":
		u.explainServer(fixes.Server(what))
		return nil
	}
	return u.explainReply(what)
}

// ofSession is the flag that is given, with its value, and says something of the server of a session; "" for none. What
// the environment says is for all commands, and harms none.
func ofSession(p *prober.Prober) string {
	switch {
	case len(p.LocalDomains) > 0 && os.Getenv("OPENRELAY_LOCAL_DOMAIN") == "":
		return "--local-domain " + p.LocalDomains[0]
	case p.MTA != "" && os.Getenv("OPENRELAY_MTA") == "":
		return mtaFlag(p.MTA)
	}
	return ""
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

// parseReply reads a reply as a report shows it.
func parseReply(what string) (dialogue.Reply, error) {
	line := strings.TrimPrefix(strings.TrimPrefix(what, "> "), "S: ")
	return dialogue.ParseReply(strings.ReplaceAll(line, `\n`, "\n"))
}

func (u *ui) explainReply(what string) error {
	reply, err := parseReply(what)
	if err != nil {
		return &usageError{fmt.Sprintf("%q is no vector, no word of the reports, no mail server, no reply and no file", what), rightWords(what)}
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

// rightWords is the command line that may have been meant: a word that is spelled nearly so, a server of which more or
// less is said than its name, or a server and a vector in the other order.
func rightWords(what string) string {
	near := cmp.Or(words.Nearest(what, append(explained(), fixes.Servers()...)), begun(what))
	if i := strings.LastIndexByte(what, ' '); i > 0 {
		if v, ok := probe.Find(what[i+1:]); ok && fixes.Server(what[:i]) != "" {
			near = v.ID + " " + fixes.Server(what[:i])
		}
	}
	if near == "" {
		return listAll
	}
	return "openrelay explain " + near
}

// explainVector prints what is true of a vector everywhere, and what is to be done about it on each
// server that is known, or on one.
func (u *ui) explainVector(v probe.Vector, server string) error {
	name := fixes.Server(server)
	if server != "" && name == "" {
		return unknownServer(server, "openrelay explain "+v.ID+" %s")
	}
	look := u.look("-")
	u.print("%s\n", report.Paragraphs(look, fmt.Sprintf("%s: %s (%s, %s)", v.ID, v.Title, v.Class, v.RFC)))
	u.print("  %s\n\n", strings.Join(v.Dialogue(), "\n  "))
	u.print("%s", report.Paragraphs(look, v.Why, v.Fix))
	if name != "" {
		if a := fixes.For(name, &v); a.Fix != nil {
			u.print("\n%s", report.Paragraphs(look, adviceParagraphs(name, &a)...))
		} else {
			u.print("\n%s", report.Paragraphs(look, name+": nothing more is known of this server here."))
		}
		return nil
	}
	for i := range fixes.All {
		f := &fixes.All[i]
		about := slices.DeleteFunc(slices.Clone(f.MTAs), func(mta string) bool { return fixes.For(mta, &v).Fix != f })
		if len(about) > 0 {
			u.print("\n%s", report.Paragraphs(look, adviceParagraphs(strings.Join(about, ", "), &fixes.Advice{Fix: f})...))
		}
	}
	return nil
}

// adviceParagraphs are the cause, the fix, where it is from and how it was checked.
func adviceParagraphs(servers string, a *fixes.Advice) []string {
	text := []string{servers + ": " + a.Cause, a.Text()}
	if p := a.Product; p != nil && p.Ref != "" {
		text = append(text, "What is special to "+p.Name+" was read on "+p.Read+": "+p.Ref+".")
	}
	return append(text, checked(a.Fix)...)
}

// checked says of each way of a fix how it is known to hold.
func checked(f *fixes.Fix) (lines []string) {
	for i := range f.Ways {
		w := &f.Ways[i]
		about := w.Checked()
		if w.When != "" {
			about = w.When + ": " + about
		}
		if w.Ref != "" {
			about += " See " + w.Ref + "."
		}
		lines = append(lines, about)
	}
	return lines
}

// answer is what a line of replies gets: what the reply means, or what is wrong with the line.
type answer struct {
	ID    json.RawMessage    `json:"id,omitempty"`
	Class phrasebook.Meaning `json:"class,omitempty"`
	Error string             `json:"error,omitempty"`
}

// mostReplyLine is the longest line with a reply, in bytes: what a server may say, and more.
const mostReplyLine = 1 << 20

// explainLines classifies many replies, for programs. A line that cannot be read is answered in its place.
func (u *ui) explainLines() error {
	const usual = `echo '{"id":1,"stage":"rcpt","reply":"550 no"}' | openrelay explain --jsonl`
	lines := bufio.NewScanner(u.input)
	lines.Buffer(nil, mostReplyLine)
	bad, n := 0, 1
	for ; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		a := classify(lines.Bytes())
		if a.Error != "" {
			bad++
			a.Error = fmt.Sprintf("line %d: %s", n, a.Error)
		}
		if err := u.printLine(a); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return &usageError{fmt.Sprintf("line %d is longer than %s, which is no reply", n, size(mostReplyLine)), usual}
	case err != nil:
		return err
	case bad > 0:
		return &usageError{fmt.Sprintf("%d of the lines could not be read: see \"error\" in their answers", bad), usual}
	}
	return nil
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

package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"openrelay/probe/dnsbl/lookup"

	"openrelay/probe/bounce"
	"openrelay/probe/dnsbl"
	"openrelay/probe/phrasebook"
	"openrelay/report"
)

// runBounce says what bounces say, and asks the lists about whom they call listed.
func runBounce(ctx context.Context, u *ui, f blocklistFlags, c *lookup.Checker, args []string) error {
	const usual = "openrelay blocklist --bounce bounce.eml"
	switch {
	case len(args) > 0:
		return &usageError{"--bounce names whom to ask about: targets beside it are too many", usual}
	case f.format != "table" && f.format != "jsonl", f.output != "-":
		return &usageError{"what a bounce says is a table or jsonl on standard output", usual}
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
	tally, err := bounceReport(u.stdout, found, f.format == "jsonl")
	if err != nil {
		return fmt.Errorf("cannot write results: %w", err)
	}
	return u.askAfter(ctx, f, c, tally)
}

// askAfter asks the lists about everybody whom bounces call listed.
func (u *ui) askAfter(ctx context.Context, f blocklistFlags, c *lookup.Checker, tally bounceTally) error {
	var whom []string
	for _, q := range tally.Ask {
		if !slices.Contains(whom, q.Against) {
			whom = append(whom, q.Against)
		}
	}
	switch {
	case len(whom) > 0:
		return runBlocklist(ctx, u, f, c, whom)
	case tally.BlockLists > 0:
		u.say("no bounce says which address is listed: openrelay blocklist and the address your mail leaves from")
		return exitStatus(statusUnanswered)
	case tally.Unreadable > 0 && tally.Others+tally.NoBounces == 0:
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

// bounceTally counts what bounces are about, and has the questions they leave for the lists.
type bounceTally struct {
	BlockLists int // refusals because of a block list
	Others     int // refusals because of something else
	NoBounces  int
	Unreadable int
	Ask        []listQuestion
}

// listQuestion is whom to ask about what: the address or domain that a bounce says is listed.
type listQuestion struct {
	Against string
	Zones   []string // the zones the reply names; empty: none that can be asked
}

// bounceReport writes what each bounce says, for people or as one JSON line each. What cannot be read is
// reported among them; the error is that of writing.
func bounceReport(w io.Writer, found iter.Seq2[bounce.Bounce, error], asJSONL bool) (bounceTally, error) {
	var tally bounceTally
	for b, err := range found {
		tally.add(b, err)
		text := bounceText(b, err)
		if asJSONL {
			text = bounceLine(b, err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			return tally, err
		}
	}
	if asJSONL {
		return tally, nil
	}
	_, err := fmt.Fprintf(w, "%d about a block list, %d about something else, %d no bounce, %d unreadable\n",
		tally.BlockLists, tally.Others, tally.NoBounces, tally.Unreadable)
	return tally, err
}

// maxQuestions bounds what a long mailbox leaves to ask.
const maxQuestions = 256

func (t *bounceTally) add(b bounce.Bounce, err error) {
	switch {
	case err != nil:
		t.Unreadable++
	case b.Kind == bounce.NotABounce:
		t.NoBounces++
	case len(b.Findings) == 0:
		t.Others++
	}
	for _, f := range b.Findings {
		if f.Kind == bounce.Delivered {
			continue
		}
		if !f.BlockList {
			t.Others++
			continue
		}
		t.BlockLists++
		q := listQuestion{Against: f.Against}
		for _, l := range f.Lists {
			if l.Zone != "" {
				q.Zones = append(q.Zones, l.Zone)
			}
		}
		same := func(o listQuestion) bool { return o.Against == q.Against && slices.Equal(o.Zones, q.Zones) }
		if q.Against != "" && len(t.Ask) < maxQuestions && !slices.ContainsFunc(t.Ask, same) {
			t.Ask = append(t.Ask, q)
		}
	}
}

// bounceLine is the record of one message.
func bounceLine(b bounce.Bounce, err error) string {
	record := struct {
		Schema int `json:"schema"`
		bounce.Bounce
		Error string `json:"error,omitempty"`
	}{Schema: 1, Bounce: b}
	if record.Findings == nil {
		record.Findings = []bounce.Finding{}
	}
	if err != nil {
		record.Error = err.Error()
	}
	line, _ := report.JSONLine(record) // nothing in it can fail
	return string(line)
}

// notes lays out labelled lines. All that reaches it is made printable here.
type notes struct {
	strings.Builder
	elsewhere bool // the message was never ours, so there is nothing to do about its fate
}

func (n *notes) note(label, text string) {
	if text != "" {
		fmt.Fprintf(n, "    %-9s %s\n", label, report.Printable(text))
	}
}

// bounceText is what one message says, for people.
func bounceText(b bounce.Bounce, err error) string {
	n := notes{elsewhere: b.Original != nil && b.Original.Origin == bounce.Elsewhere}
	head, where := string(b.Kind), b.Source
	if err != nil {
		head = "unreadable"
	}
	if where == "" || b.Message > 1 {
		where = strings.TrimPrefix(fmt.Sprintf("%s, message %d", where, b.Message), ", ")
	}
	if b.Reporter != "" {
		where += ", written by " + b.Reporter
	}
	fmt.Fprintf(&n, "%-13s %s\n", head, report.Printable(where))
	if err != nil {
		n.note("why", err.Error())
	}
	n.note("why", b.Why)
	for i, f := range b.Findings {
		if i > 0 {
			n.WriteByte('\n')
		}
		n.finding(f)
	}
	if n.elsewhere {
		n.note("origin", fmt.Sprintf("the message did not leave from your hosts: none of its Received lines (%d) names one.", b.Original.Received))
		n.note("", "Unless one of you sends through somebody else's server, the sender was forged: do not answer this bounce.")
	}
	n.WriteByte('\n')
	return n.String()
}

// stageNames are the commands a refusal answered, as people say them.
var stageNames = map[phrasebook.Stage]string{
	phrasebook.Banner: ", at the greeting", phrasebook.Helo: ", at HELO", phrasebook.Mail: ", at MAIL FROM",
	phrasebook.Rcpt: ", at RCPT TO", phrasebook.DataCmd: ", at DATA",
}

func (n *notes) finding(f bounce.Finding) {
	n.note("to", f.Recipient)
	n.note(fate(f), who(f))
	for i, line := range strings.Split(f.Reply, "\n") {
		n.note([]string{"reply", ""}[min(i, 1)], line)
	}
	s, known := bounce.Find(f.Subject)
	if !known {
		return
	}
	if !f.BlockList {
		n.note("about", "not a block list, but "+s.About)
		n.next(s.WayOut)
		return
	}
	n.note("about", s.About+onto(f))
	for _, l := range f.Lists {
		n.note("look up", l.Lookup)
		n.note("removal", l.Delist)
		n.note("note", l.Note)
	}
	for _, page := range f.Pages {
		if !slices.ContainsFunc(f.Lists, func(l bounce.List) bool { return l.Lookup == page || l.Delist == page }) {
			n.note("page", page+" (named in the reply)")
		}
	}
	n.next(s.WayOut)
	if f.Against != "" {
		n.next("  openrelay blocklist " + f.Against)
	}
}

// next says what to do, a line after another.
func (n *notes) next(text string) {
	switch {
	case n.elsewhere:
	case strings.HasPrefix(text, "  "):
		n.note("", text)
	default:
		n.note("next", text)
	}
}

// fate is what became of the message at the server that who names.
func fate(f bounce.Finding) string {
	switch {
	case f.Kind == bounce.Delivered:
		return "taken"
	case f.Kind == bounce.Delayed:
		return "put off"
	case f.Code == 0:
		return "given up"
	}
	return "refused"
}

// who names the server that refused.
func who(f bounce.Finding) string {
	by := "by " + f.Host
	if f.Code == 0 && !f.Local && f.Kind == bounce.Failed {
		by = "at " + f.Host // there was no reply
	}
	switch {
	case f.Local:
		return by + ", which wrote the bounce: no other server is said to have refused"
	case f.Host != "" && f.Address.IsValid():
		by += " [" + f.Address.String() + "]"
	case f.Address.IsValid():
		by += "[" + f.Address.String() + "]"
	case f.Host == "":
		by += "a server that the bounce does not name"
	}
	return by + stageNames[f.Stage]
}

// onto names the lists and who is on them.
func onto(f bounce.Finding) string {
	var lists []string
	for _, l := range f.Lists {
		name := l.Name
		if l.Zone != "" && l.Zone != name {
			name += " (" + l.Zone + ")"
		}
		lists = append(lists, name)
	}
	text := " that the reply does not name"
	if lists != nil {
		text = ": " + strings.Join(lists, ", ")
	}
	if f.Against == "" {
		return text + "; it does not say which address is listed"
	}
	return text + ", for " + f.Against
}

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"openrelay/probe/bounce"
	"openrelay/probe/phrasebook"
)

// BounceSummary counts what bounces are about.
type BounceSummary struct {
	BlockLists int // refusals because of a block list
	Others     int // refusals because of something else
	NoBounces  int
	Unreadable int
}

// Add counts one message.
func (s *BounceSummary) Add(r bounce.Record) {
	switch {
	case r.Error != "":
		s.Unreadable++
	case r.Kind == bounce.NotABounce:
		s.NoBounces++
	case len(r.Findings) == 0:
		s.Others++
	}
	for _, f := range r.Findings {
		switch {
		case f.Kind == bounce.Delivered:
		case f.BlockList:
			s.BlockLists++
		default:
			s.Others++
		}
	}
}

// String says it in one line.
func (s BounceSummary) String() string {
	return fmt.Sprintf("%d about a block list, %d about something else, %d no bounce, %d unreadable", s.BlockLists, s.Others, s.NoBounces, s.Unreadable)
}

// bouncesTable writes what each bounce says, and how many are about what.
type bouncesTable struct {
	Options
	out output
	sum BounceSummary
}

func newBouncesTable(w io.Writer, o Options) Writer[bounce.Record] {
	return &bouncesTable{Options: o, out: output{w: w}}
}

func (t *bouncesTable) Write(r bounce.Record) error {
	t.sum.Add(r)
	n := notes{page: page{Options: t.Options}, elsewhere: r.Original != nil && r.Original.Origin == bounce.Elsewhere}
	n.message(r)
	return t.out.write([]byte(n.b.String()))
}

func (t *bouncesTable) Close() error { return t.out.write([]byte(t.sum.String() + "\n")) }

// notes are what there is to say of one message.
type notes struct {
	page
	elsewhere bool // the message was never ours, so there is nothing to do about its fate
}

// message writes what one message says.
func (n *notes) message(r bounce.Record) {
	head, where := string(r.Kind), r.Source
	if r.Error != "" {
		head = "unreadable"
	}
	if where == "" || r.Message > 1 {
		where = strings.TrimPrefix(fmt.Sprintf("%s, message %d", where, r.Message), ", ")
	}
	if r.Reporter != "" {
		where += ", written by " + r.Reporter
	}
	n.head(noColour, head, where, "")
	n.prose("why", r.Error)
	n.prose("why", r.Why)
	for i, f := range r.Findings {
		if i > 0 {
			n.b.WriteByte('\n')
		}
		n.finding(f)
	}
	if n.elsewhere {
		n.prose("origin", fmt.Sprintf("the message did not leave from your hosts: none of its Received lines (%d) names one.", r.Original.Received))
		n.prose(" ", "Unless one of you sends through somebody else's server, the sender was forged: do not answer this bounce.")
	}
	n.b.WriteByte('\n')
}

// stageNames are the commands a refusal answered, as people say them.
var stageNames = map[phrasebook.Stage]string{
	phrasebook.Banner: ", at the greeting", phrasebook.Helo: ", at HELO", phrasebook.Mail: ", at MAIL FROM",
	phrasebook.Rcpt: ", at RCPT TO", phrasebook.DataCmd: ", at DATA",
}

func (n *notes) finding(f bounce.Finding) {
	n.prose("to", f.Recipient)
	n.prose(fate(f), who(f))
	for i, line := range strings.Split(f.Reply, "\n") {
		n.whole([]string{"reply", ""}[min(i, 1)], line)
	}
	s, known := bounce.Find(f.Subject)
	if !known {
		return
	}
	if !f.BlockList {
		n.prose("about", "not a block list, but "+s.About)
		n.next(s.WayOut)
		return
	}
	n.prose("about", s.About+onto(f))
	for _, l := range f.Lists {
		n.prose("look up", l.Lookup)
		n.prose("removal", l.Delist)
		n.prose("note", l.Note)
	}
	for _, page := range f.Pages {
		if !slices.ContainsFunc(f.Lists, func(l bounce.List) bool { return l.Lookup == page || l.Delist == page }) {
			n.prose("page", page+" (named in the reply)")
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
		n.steps("", text)
	default:
		n.prose("next", text)
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

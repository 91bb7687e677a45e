package report

import (
	"cmp"
	"fmt"
	"html/template"
	"net/netip"
	"slices"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/dnsbl"
	"openrelay/probe/words"
)

// showLines shows text that has lines of its own.
func showLines(s string) []shown {
	if s == "" {
		return nil
	}
	var lines []shown
	for line := range strings.SplitSeq(s, "\n") {
		lines = append(lines, show(strings.TrimSuffix(line, "\r")))
	}
	return capped(lines, maxLines, func(n int) shown { return shown(fmt.Sprintf("[%d more lines are left out here]", n)) })
}

// maxLines is how many lines of one text, or rows of one table, a card has.
const maxLines = 200

// capped cuts a list that has no end, and says how much is left out.
func capped[T any](list []T, n int, rest func(int) T) []T {
	if len(list) <= n {
		return list
	}
	return append(slices.Clip(list[:n]), rest(len(list)-n))
}

// cardView is what card.tmpl shows of one result.
type cardView struct {
	facets
	ID         shown
	Proof      shown
	ProofWords string
	Place      shown
	Headline   shown
	Badge      shown // how it compares with what is expected
	BadgeClass probe.Standing
	Expected   shown
	Compared   shown
	WayBack    shown
	Trusted    bool // the address we tested from may be why it is open
	Notes      []shown
	Accepted   []shown
	DetailHead shown
	Detail     shown
	Cause      shown
	Fix        []step
	Try        shown
	Dialogue   *dialogueView
	Coverage   shown
	Asked      []askedRow
	Server     []fact
	Deliveries []deliveryView
	Listings   []listingView
	Test       []fact
}

func newCard(r probe.Result) cardView {
	f := telling(r)
	proof, _ := words.Find(words.Proof, r.Proof.String())
	v := cardView{
		facets: facets{Verdict: r.Verdict, Reason: show(string(r.Reason)), MTA: show(r.Server.MTA), Port: show(port(r))},
		ID:     anchor(r), Proof: shown(r.Proof.String()), ProofWords: proof.Says,
		Place: show(place(r)), Headline: show(headline(r)), Trusted: trusting(r),
		Try:      show(nextStep(r, f)),
		Dialogue: newDialogue(r, f), Coverage: show(coverage(r)), Asked: askedRows(r),
		Server: serverFacts(r.Server), Test: cardFacts(r),
	}
	v.expect(r)
	for _, note := range traitNotes(r, false) {
		v.Notes = append(v.Notes, show(note))
	}
	accepted, _ := acceptedVectors(r)
	for _, list := range accepted {
		v.Accepted = append(v.Accepted, show(list))
	}
	if r.Verdict == probe.Unreachable || r.Verdict == probe.Inconclusive {
		v.DetailHead, v.Detail = show(string(r.Stage)), show(r.Detail)
	}
	if f != nil {
		v.Cause, v.Fix = show(causeOf(r, f)), steps(f.Fix)
	}
	for _, d := range r.Deliveries {
		v.Deliveries = append(v.Deliveries, newDelivery(d))
	}
	for _, l := range r.Listings {
		v.Listings = append(v.Listings, newListing(l))
	}
	v.Deliveries = v.Deliveries[:min(len(v.Deliveries), maxLines)]
	v.Listings = v.Listings[:min(len(v.Listings), maxLines)]
	return v
}

// trusting reports whether a server may be open only because we stand near it.
func trusting(r probe.Result) bool {
	return r.Verdict == probe.Open && slices.ContainsFunc(r.Traits, func(t probe.Trait) bool { return t.Name == probe.TraitVantageTrusted })
}

// anchor is where a link to a card leads: "192.0.2.25-25", "2001:db8::5-25".
func anchor(r probe.Result) shown {
	name := strings.Trim(address(r), "[]") + "-" + port(r)
	name = name[:min(len(name), 300)]
	return shown(strings.Map(func(c rune) rune {
		if c < 0x80 && (c == '.' || c == ':' || c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z') {
			return c
		}
		return '_'
	}, name))
}

// Link leads to the card. Of what it may hold, nothing needs an escape.
func (v cardView) Link() template.URL { return template.URL("#" + v.ID) }

// step is a part of a fix: a sentence, or lines to paste.
type step struct {
	Text shown
	Code []shown
}

// steps parts a fix. Lines that begin with two spaces are to be pasted.
func steps(fix string) (parts []step) {
	for line := range strings.SplitSeq(fix, "\n") {
		code, ok := strings.CutPrefix(line, "  ")
		last := len(parts) - 1
		switch {
		case strings.TrimSpace(line) == "":
		case ok && last >= 0 && parts[last].Code != nil:
			parts[last].Code = append(parts[last].Code, show(code))
		case ok:
			parts = append(parts, step{Code: []shown{show(code)}})
		default:
			parts = append(parts, step{Text: show(line)})
		}
	}
	return capped(parts, maxLines, func(n int) step { return step{Text: shown(fmt.Sprintf("[%d more are left out here]", n))} })
}

// dialogueView is a conversation, and which of its lines decided.
type dialogueView struct {
	Title shown
	Lines []dialogueLine
}

type dialogueLine struct {
	Class    string // of whose line it is
	Text     shown
	Deciding bool
}

// The lines of a dialogue that are shown around the deciding one.
const (
	linesBefore = 150
	linesAfter  = 20
)

var sides = map[dialogue.Side]string{dialogue.Client: "c", dialogue.Server: "s", dialogue.Note: "n"}

// newDialogue is the conversation that the verdict rests on; nil where none was saved.
func newDialogue(r probe.Result, f *probe.Finding) *dialogueView {
	if f == nil || len(f.Transcript) == 0 && f.Reply == "" && len(r.Transcript) > 0 {
		if len(r.Transcript) == 0 {
			return nil
		}
		from, to := lastWord(r.Transcript)
		return &dialogueView{"up to where it ended", shownLines(r.Transcript, from, to)}
	}
	d := &dialogueView{Title: show(f.Vector + over(f.Via))}
	from, to := decidingLines(f)
	t := f.Transcript
	if len(t) == 0 {
		t = dialogue.Transcript{{From: dialogue.Client, Data: "MAIL FROM:" + f.From + "\r\n"}, {From: dialogue.Client, Data: "RCPT TO:" + f.To + "\r\n"}}
	}
	d.Lines = shownLines(t, from, to)
	if from == to { // the reply is known, but not where it stood
		for _, line := range showLines(f.Reply) {
			d.Lines = append(d.Lines, dialogueLine{"s", "S: " + line, true})
		}
	}
	return d
}

func shownLines(t dialogue.Transcript, from, to int) (lines []dialogueLine) {
	first, last := max(from-linesBefore, 0), min(max(to, linesBefore)+linesAfter, len(t))
	last = min(last, first+linesBefore+maxLines)
	note := func(n int, where string) {
		if n > 0 {
			lines = append(lines, dialogueLine{"n", shown(fmt.Sprintf("*: %s %s left out here", count(n, "line"), where)), false})
		}
	}
	note(first, "before this are")
	for i := first; i < last; i++ {
		text := t[i].String()
		lines = append(lines, dialogueLine{sides[t[i].From], show(text), i >= from && i < to})
	}
	note(len(t)-last, "after this are")
	return lines
}

func serverFacts(s probe.Server) (facts []fact) {
	facts = appendFact(facts, "Greeting", shownCode, s.Banner)
	facts = appendFact(facts, "EHLO reply", shownCode, s.EHLO...)
	facts = appendFact(facts, "Software", shownText, software(s))
	if s.TLS == nil {
		return facts
	}
	facts = appendFact(facts, "TLS", shownText, strings.Trim(s.TLS.Version+", "+s.TLS.Cipher, ", "))
	if c := s.TLS.Cert; c != nil {
		verified := cmp.Or(c.VerifyError, "it verifies against the roots of the machine that tested")
		facts = appendFact(facts, "Certificate", shownCode, c.Subject)
		facts = appendFact(facts, "Issuer", shownCode, c.Issuer)
		facts = appendFact(facts, "Valid until", shownText, utc(c.NotAfter))
		facts = appendFact(facts, "Verification", shownText, verified)
	}
	return facts
}

// software is the server's program, and what its name rests on where that is not the greeting.
func software(s probe.Server) string {
	switch s.MTABy {
	case probe.ByReply:
		return s.MTA + ", by the words of its replies"
	case probe.Told:
		return s.MTA + ", as --mta says"
	}
	return s.MTA
}

func cardFacts(r probe.Result) (facts []fact) {
	facts = appendFact(facts, "Started", shownText, utc(r.Started))
	if r.TookMS > 0 {
		facts = appendFact(facts, "Took", shownText, (time.Duration(r.TookMS) * time.Millisecond).String())
	}
	facts = appendFact(facts, "From", shownText, vantageWords(r.Vantage))
	if r.Login != nil {
		facts = appendFact(facts, "Login", shownText, loginWords(r.Login))
	}
	if r.Scan != nil {
		facts = appendFact(facts, "Scan", shownText, r.Scan.ID)
	}
	return facts
}

type deliveryView struct {
	Vector, Relay, Helo, TLS, SawClient, At, Delay shown
	MultiHop                                       bool
	Received                                       []shown
}

func newDelivery(d probe.Delivery) deliveryView {
	v := deliveryView{
		Vector: show(d.Vector + over(d.Via)), Relay: show(d.Relay), Helo: show(d.Helo), TLS: show(d.TLS), SawClient: show(d.SawClient),
		At: show(utc(d.At)), Delay: shown((time.Duration(d.DelayMS) * time.Millisecond).String()), MultiHop: d.MultiHop,
	}
	for _, line := range d.Received {
		v.Received = append(v.Received, showLines(line)...)
	}
	v.Received = v.Received[:min(len(v.Received), maxLines)]
	return v
}

type listingView struct {
	List, Zone, Query, Status, Kind, Codes, Means, Reason, Why shown
	Links                                                      []pageLink
}

// pageLink leads out of the page, if the reader follows it.
type pageLink struct {
	Text string
	URL  string
}

func newListing(l dnsbl.Listing) listingView {
	v := listingView{
		List: show(cmp.Or(l.List, l.Zone)), Zone: show(l.Zone), Query: show(l.Query), Status: show(string(l.Status)), Kind: show(string(l.Kind)),
		Codes: show(strings.Join(l.Codes, ", ")), Means: show(l.Means), Reason: show(l.Reason), Why: show(l.Why),
	}
	for _, k := range []pageLink{{"look it up", l.Lookup}, {"ask for removal", l.Delist}} {
		if strings.HasPrefix(k.URL, "https://") && len(k.URL) < maxShown {
			v.Links = append(v.Links, k)
		}
	}
	return v
}

// sortKey orders cards: worst news first, the best proof of it before the others, then by address.
type sortKey struct {
	worse   bool // than expected
	verdict probe.Verdict
	proof   probe.Proof
	addr    netip.AddrPort // zero for a name without an address
	target  string
}

func newSortKey(r probe.Result) sortKey {
	addr, _ := netip.ParseAddrPort(r.Target)
	return sortKey{r.Standing() == probe.Worse, r.Verdict, r.Proof, addr, r.Target}
}

func (k sortKey) compare(l sortKey) int {
	if k.worse != l.worse {
		return cmp.Compare(truth(l.worse), truth(k.worse))
	}
	return cmp.Or(int(l.verdict-k.verdict), int(l.proof-k.proof), k.addr.Compare(l.addr), strings.Compare(k.target, l.target))
}

// fact is a row of a list of terms and what they are.
type fact struct {
	Term  string
	Code  bool // as it was said, in the type of a terminal
	Lines []shown
}

// How a fact is set.
const (
	shownText = false
	shownCode = true
)

// appendFact adds a fact, unless nothing is known.
func appendFact(facts []fact, term string, code bool, lines ...string) []fact {
	f := fact{Term: term, Code: code}
	for _, line := range lines {
		if line != "" {
			f.Lines = append(f.Lines, showLines(line)...)
		}
	}
	if len(f.Lines) == 0 {
		return facts
	}
	f.Lines = capped(f.Lines, maxLines, func(n int) shown { return shown(fmt.Sprintf("[%d more lines are left out here]", n)) })
	return append(facts, f)
}

// utc writes a time as the page has them; "" for none.
func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func vantageWords(v probe.Vantage) string {
	if v.Kind == "" {
		return v.Source
	}
	return v.Source + " (" + string(v.Kind) + ")"
}

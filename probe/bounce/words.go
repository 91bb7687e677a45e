package bounce

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"openrelay/probe/phrasebook"
)

const (
	maxReply = 2 << 10 // of one reply; RFC 5321 4.5.3.1.5 allows a line 512 bytes
	maxHits  = 400     // of one cue in one bounce
	maxWords = 32 << 10
)

// hit is a cue found in the words of a bounce.
type hit struct {
	cue    *Cue
	at     int
	end    int
	groups map[string]string
	reply  int // where a reply begins, -1: it has none
}

// find returns what the cues find, in order; of two that overlap the first.
func find(text string) []hit {
	var hits []hit
	for i := range Cues {
		c := &Cues[i]
		names := c.Pattern.SubexpNames()
		for _, m := range c.Pattern.FindAllStringSubmatchIndex(text, maxHits) {
			h := hit{cue: c, at: m[0], end: m[1], groups: map[string]string{}, reply: -1}
			for g := 1; g < len(names); g++ {
				if m[2*g] < 0 {
					continue
				}
				h.groups[names[g]] = text[m[2*g]:m[2*g+1]]
				if names[g] == "reply" || names[g] == "weak" {
					h.reply, h.end = m[2*g], max(m[2*g], m[0]+1)
				}
			}
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.at - b.at })
	return hits
}

// reading is the state while the words are read.
type reading struct {
	reporter string
	peer     string
	findings []Finding
	own      []string // the reporter's own explanation, for each finding
}

// read takes the words of a bounce apart: who refused whom, in which words.
func read(text string) (reporter string, findings []Finding) {
	var r reading
	text = strings.ToValidUTF8(text[:min(len(text), maxWords)], "")
	done := 0
	for _, h := range find(text) {
		if h.at < done || len(r.findings) == maxRecipients {
			continue
		}
		done = max(h.end, r.take(text, h))
	}
	return r.reporter, r.settle()
}

// take adds what one cue tells, and returns where the reply ends that it introduced.
func (r *reading) take(text string, h hit) int {
	g := h.groups
	if r.reporter == "" {
		r.reporter = g["by"]
	}
	if g["peer"] != "" {
		r.peer = g["peer"]
		r.begin("")
	}
	if rcpt := g["rcpt"]; rcpt != "" {
		if r.another(rcpt) {
			r.begin(rcpt)
		}
		r.last().Recipient = rcpt
		if h.reply < 0 && !strings.HasPrefix(h.cue.Example, ">>>") {
			r.own[len(r.own)-1] = span(text[h.end:], usualEnd)
		}
	}
	if g["host"]+g["addr"]+g["stage"] == "" && h.reply < 0 {
		return h.end
	}
	return r.refusal(text, h)
}

// refusal adds what a cue tells about who refused, at what and how, and returns where that ends.
func (r *reading) refusal(text string, h hit) int {
	g := h.groups
	if r.last() == nil {
		r.begin("")
	}
	f := r.last()
	_, weak := g["weak"]
	if f.Reply != "" && h.reply >= 0 && !weak {
		r.begin(f.Recipient)
		f = r.last()
	}
	if f.Host == "" && !f.Address.IsValid() {
		f.Host, f.Address = g["host"], parseAddress(g["addr"])
		if a, err := netip.ParseAddr(f.Host); err == nil {
			f.Host, f.Address = "", a
		}
	}
	if s := stageOf(g["stage"]); s != "" && (f.Stage == "" || f.Reply == "") {
		f.Stage = s
	}
	if h.reply < 0 || f.Reply != "" {
		return h.end
	}
	until := h.cue.Until
	if until == nil {
		until = usualEnd
	}
	said := span(text[h.reply:], until)
	f.quote(said)
	return h.reply + len(said)
}

// another reports whether a recipient is not the one being read about. One reply may come before all the
// recipients it is about.
func (r *reading) another(rcpt string) bool {
	f := r.last()
	if f == nil || f.Recipient != "" && (f.Reply != "" || !strings.EqualFold(f.Recipient, rcpt)) {
		return true
	}
	named := slices.ContainsFunc(r.findings, func(f Finding) bool { return f.Recipient != "" })
	return f.Reply != "" && named
}

func (r *reading) last() *Finding {
	if len(r.findings) == 0 {
		return nil
	}
	return &r.findings[len(r.findings)-1]
}

func (r *reading) begin(rcpt string) {
	r.findings = append(r.findings, Finding{Recipient: rcpt, Host: r.peer})
	r.own = append(r.own, "")
}

// settle gives each finding that has no reply the reporter's own words, joins what was told twice about
// one recipient, and drops addresses about which nothing was told.
func (r *reading) settle() []Finding {
	var told []Finding
	for i, f := range r.findings {
		if f.Reply == "" && strings.TrimSpace(r.own[i]) != "" {
			f.quote(r.own[i])
		}
		at := slices.IndexFunc(told, func(t Finding) bool { return sameMailbox(t.Recipient, f.Recipient) })
		switch {
		case at >= 0:
			told[at].fill(f)
		case f.Reply != "":
			told = append(told, f)
		}
	}
	return merge(told, nil)
}

// merge adds what others tell about the same recipients. What names no recipient is about all those of
// whom less is known.
func merge(findings, others []Finding) []Finding {
	var nameless []Finding
	for _, o := range append(slices.Clone(findings), others...) {
		if o.Recipient == "" {
			nameless = append(nameless, o)
		}
	}
	findings = slices.DeleteFunc(findings, func(f Finding) bool { return f.Recipient == "" })
	for _, o := range others {
		if at := slices.IndexFunc(findings, func(f Finding) bool { return sameMailbox(f.Recipient, o.Recipient) }); at >= 0 {
			findings[at].fill(o)
		} else if o.Recipient != "" {
			findings = append(findings, o)
		}
	}
	if len(findings) == 0 {
		return nameless
	}
	for _, n := range nameless {
		for i := range findings {
			if len(findings) == 1 || findings[i].Reply == "" {
				findings[i].fill(n)
			}
		}
	}
	return findings
}

func sameMailbox(a, b string) bool {
	return strings.EqualFold(strings.Trim(a, "<>"), strings.Trim(b, "<>"))
}

// fill takes from another account of the same refusal what this one lacks.
func (f *Finding) fill(o Finding) {
	if f.Recipient == "" {
		f.Recipient = o.Recipient
	}
	if f.Reply == "" || f.Code == 0 && o.Code != 0 {
		f.Reply, f.Code = o.Reply, o.Code
		if o.Status != "" {
			f.Status = o.Status
		}
	}
	sameHost := f.Host == "" || o.Host == "" || strings.EqualFold(f.Host, o.Host)
	if !f.Address.IsValid() && sameHost {
		f.Address = o.Address
	}
	if f.Host == "" && (!o.Address.IsValid() || o.Address == f.Address) {
		f.Host = o.Host
	}
	if f.Stage == "" {
		f.Stage = o.Stage
	}
}

// span is the start of a text up to where a pattern says it ends, and never too long.
func span(text string, until *regexp.Regexp) string {
	if len(text) > 2*maxReply {
		text = strings.ToValidUTF8(text[:2*maxReply], "")
	}
	if m := until.FindStringIndex(text); m != nil {
		text = text[:m[0]]
	}
	return text
}

// stages are the words servers use for where in the dialogue it was.
var stages = map[string]phrasebook.Stage{
	"talk": phrasebook.Banner, "greeting": phrasebook.Banner, "initial": phrasebook.Banner, "connect": phrasebook.Banner,
	"helo": phrasebook.Helo, "ehlo": phrasebook.Helo, "lhlo": phrasebook.Helo, "my name": phrasebook.Helo,
	"mail": phrasebook.Mail, "sender": phrasebook.Mail,
	"rcpt": phrasebook.Rcpt, "recipient": phrasebook.Rcpt,
	"data": phrasebook.DataCmd, "end": phrasebook.DataCmd, "message": phrasebook.DataCmd, "text": phrasebook.DataCmd,
}

func stageOf(word string) phrasebook.Stage { return stages[strings.ToLower(word)] }

func parseAddress(s string) netip.Addr {
	if len(s) > 5 && strings.EqualFold(s[:5], "IPv6:") { // RFC 5321 4.1.3
		s = s[5:]
	}
	a, _ := netip.ParseAddr(s)
	return a.Unmap()
}

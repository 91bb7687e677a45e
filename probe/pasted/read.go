package pasted

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"openrelay/probe/dialogue"
)

// reader goes through the lines of a text, and holds the connections that are found in them.
type reader struct {
	lines []line
	found [][]sighting // for each line, what each format that can read it takes it for
	score map[*format]int
	sides map[*format]kinds // who speaks, by the marks of a format
	talks []*talk
	open  map[string]*talk // those that go on, by who tells of them
	last  *talk            // the one that the last marked line belongs to
	log   ledger

	dotted []bool // see findDots
}

// kinds are those of lines that a format has in a text, as far as they make sense.
type kinds struct{ says, asks bool }

// sighting is a line as one format reads it.
type sighting struct {
	format *format
	kind   kind
	groups map[string]string
}

// recognise finds out what each format makes of each line, and how well the format does with the whole text.
func (r *reader) recognise() {
	r.found, r.score, r.open = make([][]sighting, len(r.lines)), map[*format]int{}, map[string]*talk{}
	r.sides = map[*format]kinds{}
	r.findDots()
	r.log.mails, r.log.visits = map[string]*mail{}, map[string]*visit{}
	for i := range r.lines {
		r.unwrap(i)
		r.found[i] = sightings(r.lines[i].text)
		for _, s := range r.found[i] {
			w := worth(s)
			r.score[s.format] += w
			seen := r.sides[s.format]
			r.sides[s.format] = kinds{seen.says || s.kind == says && w > 0, seen.asks || s.kind == asks && w >= 0}
		}
	}
}

func sightings(text string) (all []sighting) {
	if text == "" {
		return nil
	}
	for i := range formats {
		for _, m := range formats[i].marks {
			if groups := match(m.line, text); groups != nil {
				all = append(all, sighting{&formats[i], m.kind, groups})
				break
			}
		}
	}
	return all
}

// match returns the groups of a pattern by their names; nil where it does not match.
func match(re *regexp.Regexp, text string) map[string]string {
	found := re.FindStringSubmatchIndex(text)
	if found == nil {
		return nil
	}
	groups := map[string]string{}
	for i, name := range re.SubexpNames() {
		if name != "" && found[2*i] >= 0 {
			groups[name] = text[found[2*i]:found[2*i+1]]
		}
	}
	return groups
}

// worth says how much a line speaks for the format that reads it so: replies and commands do, the one in the place of the
// other speaks against it.
func worth(s sighting) int {
	text := s.format.plain(s.groups["text"])
	_, _, reply := isReply(strings.TrimSpace(text))
	switch {
	case s.kind == outcome:
		return 1
	case s.kind == says && reply, s.kind == asks && isVerb(text):
		return 1
	case s.kind == says, s.kind == asks && reply:
		return -1
	}
	return 0
}

var verb = regexp.MustCompile(`^` + verbs)

func isVerb(s string) bool { return verb.MatchString(s) }

// plain returns what was said, without the quotes or escapes of the format; both may be of several lines.
func (f *format) plain(text string) string {
	switch {
	case f.literal:
		return unliteral(text)
	case f.escaped:
		t, err := dialogue.ParseTranscript("S: " + text)
		if err == nil && len(t) == 1 {
			return strings.TrimSuffix(strings.TrimSuffix(t[0].Data, "\n"), "\r")
		}
	}
	return text
}

// best returns what the line is to the format that reads most of the text.
func (r *reader) best(i int) (best sighting, ok bool) {
	text := r.lines[i].text
	_, _, reply := isReply(text)
	for _, s := range r.found[i] {
		speaks := s.kind == says || s.kind == asks || s.kind == outcome
		switch {
		case speaks && r.score[s.format] <= 0:
		case s.kind == idle && (reply || isVerb(text)):
		case !ok || r.score[s.format] > r.score[best.format]:
			best, ok = s, true
		}
	}
	return best, ok
}

// read takes the line to the connection it belongs to.
func (r *reader) read(i int) {
	l := &r.lines[i]
	if l.long {
		if r.last != nil {
			r.last.torn = true
			r.last.doubt("line %d is longer than %d bytes, and is left out", l.number, maxLine)
		}
		return
	}
	if strings.HasPrefix(l.text, "{") && r.record(l) {
		return
	}
	s, ok := r.best(i)
	switch {
	case !ok:
		r.bare(i)
	case s.format.log:
		r.log.read(s, l)
	default:
		r.marked(s, i)
	}
}

// bareName is where lines without a mark belong.
const bareName = "bare"

// nameOf says where the lines of a format go: to a connection of their own, if the format marks both sides; else to
// that of the lines without a mark.
func (r *reader) nameOf(f *format, key string) string {
	if f != nil && r.sides[f].says && r.sides[f].asks {
		return f.name + " " + key
	}
	return bareName
}

// talkOf returns the connection that a line belongs to; a new one where the last is over.
func (r *reader) talkOf(f *format, key string) *talk {
	name := r.nameOf(f, key)
	t := r.open[name]
	if t == nil || t.over {
		t = r.begin(name)
	}
	return t
}

// current returns the connection that a mark is about: a remark may come when it is over.
func (r *reader) current(s sighting, key string) *talk {
	late := s.kind == remarks || s.kind == ends || s.kind == secures
	if t := r.open[r.nameOf(s.format, key)]; t != nil && late {
		return t
	}
	return r.talkOf(s.format, key)
}

// begin opens a connection. What is known of the server stays known where the last connection was never spoken on.
func (r *reader) begin(name string) *talk {
	t := &talk{}
	if old := r.open[name]; old != nil && !old.spoken() {
		*t = talk{format: old.format, session: old.session}
		old.dropped = true
	}
	r.open[name] = t
	r.talks = append(r.talks, t)
	return t
}

// has reports whether a format has a mark of that kind.
func (f *format) has(k kind) bool {
	return slices.ContainsFunc(f.marks, func(m mark) bool { return m.kind == k })
}

// marked reads a line that a format knows.
func (r *reader) marked(s sighting, i int) {
	sides := r.sides[s.format]
	switch bySides := s.format.has(says); {
	case bySides && !sides.says && !sides.asks:
		return // prose that looks like one of its remarks
	case s.kind == idle:
		if t := r.open[bareName]; t != nil && t.format == nil && !bySides {
			t.format = s.format
		}
		return
	}
	key := s.groups["key"]
	if speaks := s.kind == says || s.kind == asks; speaks && key == "" && s.groups["client"] != "" {
		key = r.lines[i].pid + " " + s.groups["client"]
	}
	t := r.current(s, key)
	if s.kind == begins && (t.spoken() || len(t.copied) > 0) {
		t.over = true
		t = r.talkOf(s.format, key)
	}
	r.last, t.process = t, key
	t.marked = r.nameOf(s.format, key) != bareName
	if t.marked || s.kind == begins || t.format == nil && !s.format.has(says) {
		t.format = s.format
	}
	t.session.place(s.groups)
	r.said(t, s, i)
}

func (r *reader) said(t *talk, s sighting, i int) {
	n, text := r.lines[i].number, s.format.plain(s.groups["text"])
	if s.format.escaped {
		t.copy(r.lines[i].text + r.lines[i].tail)
	}
	if remark := s.groups["remark"]; remark != "" {
		t.note("%s", remark)
	}
	switch s.kind {
	case ends:
		t.over = t.spoken()
	case secures:
		t.note("TLS begun: %s", text)
	case unsent:
		t.unsay(cmp.Or(s.groups["letter"], "Q"))
	case says:
		for part := range strings.SplitSeq(text, "\n") {
			t = r.reply(t, strings.TrimRight(part, "\r"), n)
		}
	case asks:
		if _, _, reply := isReply(text); !reply || t.message != nil || t.secret {
			t.ask(strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), n)
		}
	}
}

// reply takes a line of the server to a connection, or to a new one where it greets, and returns that.
func (r *reader) reply(t *talk, text string, n int) *talk {
	code, _, ok := isReply(text)
	switch {
	case !ok && text != "":
		t.doubt("line %d is no reply: %.80q", n, text)
	case ok && code == 220 && t.greetedAnew():
		t = r.another(t)
		fallthrough
	case ok:
		t.say(text, n)
	}
	return t
}

// another begins the connection behind one that has ended without a word of it.
func (r *reader) another(old *talk) *talk {
	old.over = true
	f := old.format
	if !old.marked {
		f = nil
	}
	t := r.talkOf(f, old.process)
	t.format, t.marked, t.process, t.ours = f, old.marked, old.process, old.ours
	if n := len(old.copied); n > 0 {
		t.copied, old.copied = slices.Clone(old.copied[n-1:]), old.copied[:n-1]
	}
	r.last = t
	return t
}

// place takes down who and where.
func (s *Session) place(groups map[string]string) {
	if addr, err := netip.ParseAddrPort(unbracket(groups["addr"])); err == nil {
		s.Addr = addr
	}
	if client, err := netip.ParseAddrPort(groups["client"]); err == nil {
		s.Client = client.Addr()
	} else if client, err := netip.ParseAddr(strings.TrimPrefix(groups["client"], "IPv6:")); err == nil {
		s.Client = client
	}
	host := strings.Trim(groups["host"], "[]")
	addr, err := netip.ParseAddr(cmp.Or(strings.Trim(groups["ip"], "[]"), host))
	if err != nil {
		addr = s.Addr.Addr()
	}
	if _, err := netip.ParseAddr(host); err != nil {
		s.Server = cmp.Or(host, s.Server)
	}
	port, err := strconv.ParseUint(groups["port"], 10, 16)
	if err != nil {
		port = uint64(s.Addr.Port())
	}
	s.Addr = netip.AddrPortFrom(addr, uint16(port))
}

// unbracket takes the brackets off an IPv4 address, which a report writes where a name stands before it.
func unbracket(addr string) string {
	if strings.Count(addr, ":") > 1 {
		return addr
	}
	return brackets.Replace(addr)
}

var brackets = strings.NewReplacer("[", "", "]", "")

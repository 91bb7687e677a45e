package report

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
)

// A scan writes a hundred thousand records, and reflection took a tenth of its time: what every record has
// is written by hand. A test holds it to what encoding/json makes of the same fields.

// object is a JSON object on its way.
type object struct {
	b     []byte
	more  bool // than one member
	plain bool // so far: see plain
	err   error
}

// result writes a record.
func (o *object) result(r *probe.Result) {
	o.b, o.more = append(o.b, '{'), false
	o.text("type", r.Type)
	o.number("schema", int64(r.Schema))
	o.scan(r.Scan)
	o.text("target", r.Target)
	o.textIf("name", r.Name)
	o.textIf("domain", r.Domain)
	o.flag("named", r.Named)
	o.flagIf("optional", r.Optional)
	o.textIf("origin", r.Origin)
	o.text("verdict", r.Verdict.String())
	o.textIf("proof", r.Proof.String())
	o.text("reason", string(r.Reason))
	o.textIf("stage", string(r.Stage))
	o.textIf("detail", r.Detail)
	o.other("traits", r.Traits, len(r.Traits) > 0)
	o.server(&r.Server)
	o.findings(r.Findings)
	o.coverage(&r.Coverage)
	o.vantage(&r.Vantage)
	o.other("listings", r.Listings, len(r.Listings) > 0)
	o.other("deliveries", r.Deliveries, len(r.Deliveries) > 0)
	o.other("login", r.Login, r.Login != nil)
	o.other("expected", r.Expected, r.Expected != nil)
	o.name("started")
	o.b = append(r.Started.AppendFormat(append(o.b, '"'), time.RFC3339Nano), '"')
	o.number("took_ms", r.TookMS)
	o.dialogue("transcript", r.Transcript)
	o.end('}')
}

func (o *object) scan(s *probe.Scan) {
	if s == nil {
		return
	}
	o.begin("scan", '{')
	o.text("id", s.ID)
	o.textIf("spec", s.Spec)
	o.text("version", s.Version)
	o.textIf("authorized", s.Authorized)
	o.textIf("scope", s.Scope)
	o.texts("exclude_files", s.ExcludeFiles)
	o.texts("exclude_unresolved", s.ExcludeUnresolved)
	o.end('}')
}

// texts is left out where there are none.
func (o *object) texts(name string, list []string) {
	if len(list) == 0 {
		return
	}
	o.begin(name, '[')
	for _, text := range list {
		o.next()
		o.string(text)
	}
	o.end(']')
}

func (o *object) server(s *probe.Server) {
	o.begin("server", '{')
	o.textIf("banner", s.Banner)
	o.texts("ehlo", s.EHLO)
	o.textIf("mta", s.MTA)
	o.textIf("mta_by", string(s.MTABy))
	o.other("tls", s.TLS, s.TLS != nil)
	o.end('}')
}

func (o *object) findings(list []probe.Finding) {
	if len(list) == 0 {
		return
	}
	o.begin("findings", '[')
	for i := range list {
		o.next()
		o.finding(&list[i])
	}
	o.end(']')
}

func (o *object) finding(f *probe.Finding) {
	o.b, o.more = append(o.b, '{'), false
	o.text("vector", f.Vector)
	o.text("via", string(f.Via))
	o.text("from", f.From)
	o.text("to", f.To)
	o.text("outcome", string(f.Outcome))
	o.flagIf("deciding", f.Deciding)
	o.flagIf("unproven", f.Unproven)
	o.textIf("proof", f.Proof.String())
	o.textIf("token", f.Token)
	o.textIf("meaning", string(f.Meaning))
	o.textIf("stage", string(f.Stage))
	o.textIf("reply", f.Reply)
	o.dialogue("transcript", f.Transcript)
	o.textIf("cause", f.Cause)
	o.textIf("fix", f.Fix)
	o.end('}')
}

func (o *object) coverage(c *probe.Coverage) {
	o.begin("coverage", '{')
	o.number("of", int64(c.Of))
	o.number("asked", int64(c.Asked))
	o.number("answered", int64(c.Answered))
	o.other("skipped", c.Skipped, len(c.Skipped) > 0)
	o.end('}')
}

func (o *object) vantage(v *probe.Vantage) {
	o.begin("vantage", '{')
	o.textIf("source", v.Source)
	o.textIf("kind", string(v.Kind))
	o.other("listings", v.Listings, len(v.Listings) > 0)
	o.end('}')
}

// next begins one more member, or element.
func (o *object) next() {
	if o.more {
		o.b = append(o.b, ',')
	}
	o.more = true
}

func (o *object) name(name string) {
	o.next()
	o.b = append(append(append(o.b, '"'), name...), `":`...)
}

// begin begins a member that has members itself, or elements; end ends it.
func (o *object) begin(name string, bracket byte) {
	o.name(name)
	o.b, o.more = append(o.b, bracket), false
}

func (o *object) end(bracket byte) { o.b, o.more = append(o.b, bracket), true }

func (o *object) number(name string, n int64) {
	o.name(name)
	o.b = strconv.AppendInt(o.b, n, 10)
}

func (o *object) flag(name string, yes bool) {
	o.name(name)
	o.b = strconv.AppendBool(o.b, yes)
}

func (o *object) flagIf(name string, yes bool) {
	if yes {
		o.flag(name, yes)
	}
}

func (o *object) text(name, s string) {
	o.name(name)
	o.string(s)
}

func (o *object) textIf(name, s string) {
	if s != "" {
		o.text(name, s)
	}
}

// other leaves what few records have to encoding/json.
func (o *object) other(name string, v any, there bool) {
	if there {
		o.name(name)
		o.reflect(v)
	}
}

func (o *object) reflect(v any) {
	text, err := marshal(v)
	if err != nil {
		o.err = err
		return
	}
	o.plain = o.plain && plain(text)
	o.b = append(o.b, text...)
}

// marshal writes a value as encoding/json does, but for "<>": that is what the dialogue says, and this is no
// web page.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (o *object) string(s string) {
	if !literal(s) {
		o.reflect(s)
		return
	}
	o.b = append(append(append(o.b, '"'), s...), '"')
}

// dialogue writes a transcript in its text form.
func (o *object) dialogue(name string, t dialogue.Transcript) {
	if len(t) == 0 {
		return
	}
	o.name(name)
	start := len(o.b)
	o.b = append(o.b, '"')
	for _, l := range t {
		data, whole := l.Data, true
		if l.From != dialogue.Note {
			data, whole = strings.CutSuffix(data, "\r\n")
		}
		if !whole || !literal(data) { // the text form has something to escape
			o.b = o.b[:start]
			o.reflect(t)
			return
		}
		o.b = append(append(append(o.b, byte(l.From), ':', ' '), data...), `\n`...)
	}
	o.b = append(o.b, '"')
}

// literal reports whether a string is plain and needs no escape, in JSON or in a transcript: most are.
func literal(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '#' {
			return false
		}
	}
	return true
}

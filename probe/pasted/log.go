package pasted

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"openrelay/probe/dialogue"
)

// The marks of logs. Groups, beside those of every mark: id of a mail; stage, the command; reply to it, or text, its
// words without a code; from, to and orig, addresses as they were given; arrives, where a mail was taken; fate, what
// became of it; count of its recipients; who, the client in the log's own way; method and user of a login; proto, helo.
const (
	postfixID = `^(?P<id>[0-9A-Za-z]{5,20}): `
	eximID    = `^(?P<id>[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) `
	mailID    = `^(?:(?P<id>[0-9A-Za-z]{8,20}): )?`
)

var postfixMarks = []mark{
	is(begins, `^connect from \S+?\[(?P<client>[^\]]+)\]`),
	is(ends, `^disconnect from \S+?\[(?P<client>[^\]]+)\]`),
	is(outcome, postfixID+`(?:milter-)?reject: (?P<stage>[A-Z-]+) from \S*?\[(?P<client>[^\]]+)\](?::\d+)?: (?P<reply>[45]\d\d .*?);?(?: from=<(?P<from>[^>]*)>,?)?(?: to=<(?P<to>[^>]*)>,?)?(?: proto=(?P<proto>\w+),?)?(?: helo=<(?P<helo>[^>]*)>)?$`),
	is(outcome, postfixID+`(?P<arrives>client)=\S*?\[(?P<client>[^\]]+)\](?::\d+)?(?:, sasl_method=(?P<method>[^,]+))?(?:, sasl_username=(?P<user>[^,]+))?`),
	is(outcome, postfixID+`from=<(?P<from>[^>]*)>, size=\d+, nrcpt=(?P<count>\d+)`),
	is(outcome, postfixID+`to=<(?P<to>[^>]*)>, (?:orig_to=<(?P<orig>[^>]*)>, )?relay=.*status=(?P<fate>\w+.*)`),
}

var eximMarks = []mark{
	is(outcome, `^(?P<who>H=.*?) (?P<defer>temporarily )?rejected (?P<stage>EHLO or HELO) (?P<helo>\S+): (?P<text>.*)`),
	is(outcome, `^(?:(?P<id>[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) )?(?P<who>H=.*?) (?P<defer>temporarily )?rejected (?P<stage>RCPT|MAIL|DATA|after DATA|connection)(?: <(?P<to>[^>]*)>| (?P<to>\S+@[^\s:]+))?(?: [^:]*)?: (?P<text>.*)`),
	is(outcome, eximID+`(?P<arrives><=) (?P<from>\S+) (?P<who>.*)`),
	is(outcome, eximID+`(?P<fate>(?:=>|->|>>|\*\*|==) (?P<to>[^\s:]+)(?: <(?P<orig>[^>]+)>)?.*)`),
}

var sendmailMarks = []mark{
	is(outcome, mailID+`ruleset=(?P<stage>check_\w+), arg1=(?P<to>.*?)(?:, arg2=[^,]*)?, relay=(?P<who>.*?), reject=(?P<reply>[45]\d\d .*)`),
	is(outcome, mailID+`(?P<arrives>from)=(?P<from>[^,]*), size=.*?nrcpts=(?P<count>\d+)(?:.*?, proto=(?P<proto>\w+))?.*?, relay=(?P<who>.*)`),
	is(outcome, mailID+`to=(?P<to>.*?), (?:ctladdr=.*?, )?delay=.*stat=(?P<fate>.*)`),
	is(outcome, mailID+`(?P<login>AUTH)=server, relay=(?P<who>.*?), authid=(?P<user>[^,]*), mech=(?P<method>[^,]*)`),
}

// parts are what is told of a client: by Exim in fields, by Sendmail as a name, an address and a doubt.
var parts = []*regexp.Regexp{
	regexp.MustCompile(`\[(?P<client>(?:IPv6:)?[0-9a-fA-F.:]+)\](?::\d+)?(?: |$)`),
	regexp.MustCompile(`^H=[^(\[]*\((?P<helo>[^)]*)\)`),
	regexp.MustCompile(`^H=(?P<helo>[^\s(\[]+) \[`),
	regexp.MustCompile(` I=\[(?P<ip>[^\]]+)\]:(?P<port>\d+)`),
	regexp.MustCompile(` F=<(?P<from>[^>]*)>`),
	regexp.MustCompile(` A=(?P<method>\w+)(?::(?P<user>\S+))?`),
	regexp.MustCompile(` P=(?P<proto>\w+)`),
}

// ledger is what logs tell of connections.
type ledger struct {
	mails    map[string]*mail
	visits   map[string]*visit // those that go on, by process or mail
	all      []*visit
	previous string
}

// visit is one connection by a log.
type visit struct {
	session      Session
	codeless     bool   // see format
	process      string // and its client
	helo, proto  string
	user, method string
	steps        []step
}

// step is what became of one command, or a mail that was taken.
type step struct {
	stage, from, to, reply string
	sender                 bool // from was told
	mail                   *mail
}

// mail is one that was taken.
type mail struct {
	from       string
	sender     bool // from was told
	written    bool // it stands in a dialogue already
	count      int  // of its recipients; 0 where that was not told
	recipients []recipient
}

type recipient struct{ address, fate string }

// read takes a line of a log.
func (g *ledger) read(s sighting, l *line) {
	whole := l.stamp + l.text
	if l.stamp != "" && whole == g.previous {
		return // Exim writes a refusal into two logs
	}
	g.previous = whole
	told := inParts(s.groups)
	id := told["id"]
	switch {
	case s.kind == begins, s.kind == ends:
		delete(g.visits, visitKey(l, told))
	case told["stage"] != "":
		v := g.visitOf(s.format, l, told)
		v.steps = append(v.steps, refusal(told, g.mail(id)))
		return
	case told["login"] != "":
		g.visitOf(s.format, l, told)
	case told["arrives"] != "" && told["client"] != "" && told["count"] != "0": // else it came from the machine itself, or was not taken
		v := g.visitOf(s.format, l, told)
		v.steps = append(v.steps, step{mail: g.mail(id)})
	}
	if id != "" {
		g.mail(id).learn(told)
	}
}

// inParts adds the parts of what is told of a client.
func inParts(told map[string]string) map[string]string {
	for _, part := range parts {
		for name, value := range match(part, told["who"]) {
			told[name] = cmp.Or(told[name], value)
		}
	}
	return told
}

// bare takes the brackets off an address.
func bare(address string) string { return strings.TrimSuffix(strings.TrimPrefix(address, "<"), ">") }

// visitKey names a connection: by the process that served it, else by the mail.
func visitKey(l *line, told map[string]string) string {
	switch {
	case l.pid != "":
		return l.pid + " " + told["client"]
	case told["id"] != "" && told["id"] != "NOQUEUE":
		return told["id"]
	}
	return ""
}

// visitOf returns the connection that a line is about. A line that names neither process nor mail is one of its own: that
// two such lines are about the same connection is nowhere said.
func (g *ledger) visitOf(f *format, l *line, told map[string]string) *visit {
	key := visitKey(l, told)
	v := g.visits[key]
	if v == nil || key == "" {
		v = &visit{session: Session{From: f.name, FromLog: true}, process: key, codeless: f.codeless}
		g.all = append(g.all, v)
		g.visits[key] = v
	}
	v.session.place(told)
	v.session.Server = cmp.Or(v.session.Server, l.host)
	v.helo, v.proto = cmp.Or(v.helo, told["helo"]), cmp.Or(v.proto, told["proto"])
	v.user, v.method = cmp.Or(v.user, told["user"]), cmp.Or(v.method, told["method"])
	return v
}

func (g *ledger) mail(id string) *mail {
	m := g.mails[id]
	if m == nil {
		m = &mail{}
		if id != "" && id != "NOQUEUE" {
			g.mails[id] = m
		}
	}
	return m
}

// learn takes down what a line tells of a mail that was taken.
func (m *mail) learn(told map[string]string) {
	if _, sender := told["from"]; sender {
		m.from, m.sender = bare(told["from"]), true
	}
	m.count = max(m.count, atoi(told["count"]))
	if told["fate"] == "" {
		return
	}
	for address := range strings.SplitSeq(cmp.Or(told["orig"], told["to"]), ",") {
		m.recipients = append(m.recipients, recipient{bare(address), told["fate"]})
	}
}

// stages are the names that logs have for the command that was refused.
var stages = map[string]string{
	"check_rcpt": "RCPT", "check_mail": "MAIL", "check_relay": "CONNECT", "check_data": "DATA", "check_eom": "END-OF-MESSAGE",
	"EHLO or HELO": "EHLO", "HELO": "EHLO", "after DATA": "END-OF-MESSAGE", "connection": "CONNECT",
}

func refusal(told map[string]string, m *mail) step {
	_, sender := told["from"]
	s := step{stage: cmp.Or(stages[told["stage"]], told["stage"]), from: told["from"], to: bare(told["to"]), reply: told["reply"], sender: sender, mail: m}
	if s.reply == "" {
		s.reply = eximCode(s.stage, told["defer"] != "") + " " + told["text"]
	}
	if s.stage == "MAIL" && s.to != "" {
		s.from, s.sender = s.to, true
	}
	return s
}

// eximCode is the code of a refusal where the configuration names no other: the log does not hold it.
func eximCode(stage string, temporary bool) string {
	switch {
	case temporary:
		return "451"
	case stage == "CONNECT":
		return "554"
	}
	return "550"
}

// finish returns the connections of logs; not those that a debug log holds whole.
func (g *ledger) finish(talks []*talk) (sessions []Session) {
	debugged := map[string]bool{}
	for _, t := range talks {
		if t.spoken() && t.process != "" {
			debugged[t.process] = true
		}
	}
	for _, v := range g.all {
		if len(v.steps) > 0 && !(v.process != "" && debugged[v.process]) {
			sessions = append(sessions, v.finish())
		}
	}
	return slices.Clip(sessions)
}

// logRemark heads what is rebuilt from a log.
const logRemark = "from a log: rebuilt from the outcome of each command; where only a code stands, the words are not in the log"

// finish rebuilds the dialogue that a log is about.
func (v *visit) finish() Session {
	w := rebuilt{session: v.session, taken: make(map[*mail]bool), refused: make(map[*mail][]*step)}
	for i := range v.steps {
		switch s := &v.steps[i]; s.stage {
		case "":
			w.taken[s.mail] = true
		case "RCPT":
			w.refused[s.mail] = append(w.refused[s.mail], s)
		}
	}
	w.note(logRemark)
	if v.codeless {
		w.note("from a log: codes of refusals are not in it, and stand for Exim's own")
	}
	if v.helo != "" && v.steps[0].stage != "EHLO" && v.steps[0].stage != "CONNECT" {
		w.exchange(v.hello()+" "+v.helo, "250")
	}
	if v.user != "" || v.method != "" {
		w.note("from a log: logged in as " + cmp.Or(v.user, "somebody"))
		w.exchange("AUTH "+cmp.Or(v.method, "PLAIN"), "235")
	}
	for i := range v.steps {
		w.step(&v.steps[i], v)
	}
	return w.session
}

func (v *visit) hello() string {
	if v.proto == "SMTP" || v.proto == "smtp" {
		return "HELO"
	}
	return "EHLO"
}

// rebuilt is a session that is written from a log.
type rebuilt struct {
	session Session
	mail    bool   // a mail has been begun, and not sent
	from    string // its sender

	taken   map[*mail]bool
	refused map[*mail][]*step // recipients
}

func (w *rebuilt) add(side dialogue.Side, data string) {
	w.session.Transcript = append(w.session.Transcript, dialogue.Line{From: side, Data: data})
}

func (w *rebuilt) note(text string) { w.add(dialogue.Note, text) }

func (w *rebuilt) exchange(command, reply string) {
	w.add(dialogue.Client, command+"\r\n")
	w.add(dialogue.Server, reply+"\r\n")
}

// sender writes MAIL, unless the mail with that sender goes on.
func (w *rebuilt) sender(from string, told bool, reply string) {
	switch {
	case !told:
		w.note("from a log: the sender is not in it")
		w.mail = false
	case !w.mail || w.from != from || reply != "250":
		w.exchange("MAIL FROM:<"+from+">", reply)
		w.mail, w.from = reply == "250", from
	}
}

func (w *rebuilt) step(s *step, v *visit) {
	from, told := s.from, s.sender
	if !told {
		from, told = s.mail.from, s.mail.sender
	}
	switch s.stage {
	case "":
		w.whole(s.mail)
	case "CONNECT":
		w.add(dialogue.Server, s.reply+"\r\n")
	case "EHLO":
		w.exchange(v.hello()+" "+cmp.Or(v.helo, s.to), s.reply)
	case "MAIL":
		w.sender(from, told, s.reply)
	case "RCPT":
		if !w.taken[s.mail] { // else it stands there
			w.sender(from, told, "250")
			w.recipient(s)
		}
	case "DATA":
		w.sender(from, told, "250")
		w.exchange("DATA", s.reply)
	case "END-OF-MESSAGE":
		w.sender(from, told, "250")
		w.message(s.reply)
	default:
		w.exchange(s.stage, s.reply)
	}
}

// recipient writes one that was refused.
func (w *rebuilt) recipient(s *step) {
	if s.to == "" {
		w.note("from a log: a recipient that is not in it was refused: " + s.reply)
		return
	}
	w.exchange("RCPT TO:<"+s.to+">", s.reply)
}

func (w *rebuilt) message(reply string) {
	w.exchange("DATA", "354")
	w.note("a message")
	w.add(dialogue.Server, reply+"\r\n")
	w.mail = false
}

// whole writes a mail that was taken: the recipients that were refused, those that were not, and the message.
func (w *rebuilt) whole(m *mail) {
	if m.written {
		return
	}
	m.written = true
	w.sender(m.from, m.sender, "250")
	for _, s := range w.refused[m] {
		w.recipient(s)
	}
	given := map[string]bool{}
	for _, r := range m.recipients {
		if !given[r.address] {
			w.exchange("RCPT TO:<"+r.address+">", "250")
		}
		given[r.address] = true
	}
	w.message("250")
	for _, r := range m.recipients {
		w.note("from a log: <" + r.address + ">: " + r.fate)
	}
	switch {
	case len(m.recipients) < max(m.count, 1):
		w.doubt("a mail was taken, and not all of its recipients are in the log")
	case len(m.recipients) > 0:
		w.doubt("the recipients of a mail are those it was sent to: aliases may have made them of others")
	}
}

func (w *rebuilt) doubt(text string) {
	if d := &w.session.Doubt; !slices.Contains(*d, text) {
		*d = append(*d, text)
	}
}
